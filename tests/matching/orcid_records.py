"""A small ORCID record in the shape of the public API, for tests."""

ORCID = "0000-0002-1825-0097"


def value(content):
    return {"value": content}


def said_by(name=None, *, orcid=None):
    """Return the source of an entry: an organisation's name, or the person's own iD."""
    own = {"uri": f"https://orcid.org/{orcid}", "path": orcid, "host": "orcid.org"}
    return {
        "source-orcid": own if orcid else None,
        "source-client-id": None if orcid else {"path": "APP-1"},
        "source-name": value(name) if name else None,
        "assertion-origin-orcid": None,
    }


def date(year, month=None, day=None):
    return {
        "year": value(year) if year else None,
        "month": value(month) if month else None,
        "day": value(day) if day else None,
    }


def identifier(kind, content, relation="self", normalised=True):
    return {
        "external-id-type": kind,
        "external-id-value": content,
        "external-id-normalized": value(content.lower()) if normalised else None,
        "external-id-relationship": relation,
    }


def employment(
    name, *, ror=None, scheme="ROR", end=None, start="2019", visibility="public", **more
):
    """Return one group with one employment."""
    known = ror and {
        "disambiguated-organization-identifier": ror, "disambiguation-source": scheme
    }  # fmt: skip
    summary = {
        "department-name": "Department of Chemistry",
        "role-title": "Professor",
        "start-date": date(start),
        "end-date": end,
        "organization": {
            "name": name,
            "address": {"city": "Seoul", "region": None, "country": "KR"},
            "disambiguated-organization": known,
        },
        "source": said_by(name),
        "visibility": visibility,
        "put-code": 7,
    }
    return {"summaries": [{"employment-summary": summary | more}]}


def work(title, *, doi=None, year="2024", code=1, venue="Joule", visibility="public", versions=()):
    """Return one group of versions of one work."""
    ids = {"external-id": [identifier("doi", doi)] if doi else []}
    summary = {
        "put-code": code,
        "title": {"title": value(title), "subtitle": None, "translated-title": None},
        "external-ids": ids,
        "publication-date": date(year),
        "journal-title": value(venue),
        "type": "journal-article",
        "source": said_by("Crossref"),
        "visibility": visibility,
        "display-index": "1",
    }
    return {"external-ids": ids, "work-summary": [summary, *versions]}


def funding(title, *, number="101", start="2022", end="2026"):
    """Return one group with one grant."""
    summary = {
        "title": {"title": value(title)},
        "external-ids": {"external-id": [identifier("grant_number", number)]},
        "type": "grant",
        "start-date": date(start),
        "end-date": date(end),
        "organization": {"name": "National Research Foundation of Korea", "address": None},
        "source": said_by("Kim Minji", orcid=ORCID),
        "visibility": "public",
        "put-code": 4,
    }
    return {"funding-summary": [summary]}


def record(**parts):
    """Return a whole record; a part replaces a section of the person or of the activities."""
    person = {
        "name": {
            "given-names": value("Minji"),
            "family-name": value("Kim"),
            "credit-name": value("Minji Kim"),
            "visibility": "public",
            "path": ORCID,
        },
        "other-names": {
            "other-name": [
                {"content": "김민지", "visibility": "public", "source": said_by("x", orcid=ORCID)},
                {"content": "Kim, Min-ji", "visibility": "public", "source": said_by("Demo Uni")},
                {"content": "Secret Name", "visibility": "limited", "source": None},
            ]
        },
        "biography": {
            "content": "I make perovskite solar cells that last.", "visibility": "public"
        },
        "researcher-urls": {
            "researcher-url": [
                {
                    "url-name": "Lab",
                    "url": value("https://lab.example.kr/"),
                    "visibility": "public",
                    "source": said_by("x", orcid=ORCID),
                },
                {"url": value("javascript:alert(1)"), "visibility": "public"},
            ]
        },
        "keywords": {
            "keyword": [
                {"content": "perovskite; solar cells", "visibility": "public", "source": None},
                {"content": "{{{}}}", "visibility": "public", "source": None},
            ]
        },
    }  # fmt: skip
    activities = {
        "employments": {
            "affiliation-group": [
                employment("Hanbit University", ror="https://ror.org/04h9pn542"),
                employment("Old Institute", end=date("2018", "12")),
            ]
        },
        "works": {
            "group": [
                work("Stable perovskite modules", doi="10.1000/ABC.1", code=11),
                work("An older work", year="2011", code=12),
            ]
        },
        "fundings": {"group": [funding("Modules that last")]},
    }
    for name, part in parts.items():
        section = name.replace("_", "-")
        (person if section in person else activities)[section] = part
    return {
        "orcid-identifier": {
            "uri": f"https://orcid.org/{ORCID}", "path": ORCID, "host": "orcid.org"
        },
        "preferences": {"locale": "en"},
        "person": person,
        "activities-summary": activities,
    }  # fmt: skip
