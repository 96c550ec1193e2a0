"""The public record of ORCID, version 3.0.

Any level may be null, dates may lack month and day, and only what is public is read. `source`
says who asserted an entry: the person, or an organisation that wrote it into the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from matching.sources.proposals import (
    ONESELF,
    FoundPlace,
    FoundProject,
    FoundText,
    FoundWord,
    FoundWork,
    Proposal,
    Reading,
    WrongRecordError,
)
from matching.sources.walking import (
    at,
    doi_in,
    entries,
    is_hangul_name,
    is_korean,
    paragraphs,
    shortened,
    text,
    tidied,
    web_address,
    year,
    years_in_order,
)

SEPARATOR = re.compile(r"[,;、，；|]")
SCHEMES = {"ROR": "ror", "GRID": "grid", "FUNDREF": "fundref"}
MOST_WORKS = 300
MOST_PROJECTS = 100
LONGEST_KEYWORD = 80
LONGEST_SUMMARY = 4000


def read_record(record: Any, *, orcid: str, today: date) -> Reading:
    """Return what the record of this iD (0000-0002-1825-0097) proposes.

    Raises:
        WrongRecordError: the record is another's, or does not say whose it is.
    """
    if at(record, "orcid-identifier", "path") != orcid:
        raise WrongRecordError
    person, activities = at(record, "person"), at(record, "activities-summary")
    found = [
        FoundText("orcid", orcid),
        *names(person, orcid),
        *texts(person, orcid),
        *places(activities, orcid, today),
        *list(works(activities, orcid))[:MOST_WORKS],
        *list(projects(activities, orcid))[:MOST_PROJECTS],
    ]
    return Reading(tuple(dict.fromkeys(found)))


def is_public(node: Any) -> bool:
    """Say whether the person shows this to everybody."""
    return at(node, "visibility") == "public"


def asserted_by(node: Any, orcid: str) -> str:
    """Return who wrote this into the record; empty for the person."""
    own = at(node, "source", "source-orcid", "path") == orcid
    return ONESELF if own else text(node, "source", "source-name", "value", longest=150)


def names(person: Any, orcid: str) -> Iterator[Proposal]:
    """Return the names as the person writes them; none is computed from another."""
    name = at(person, "name")
    if is_public(name):
        credit = text(name, "credit-name", "value", longest=150)
        for column, found in (
            ("display_name", credit),
            ("hangul_name", credit if is_hangul_name(credit) else ""),
            ("family_name", text(name, "family-name", "value", longest=100)),
            ("given_name", text(name, "given-names", "value", longest=100)),
        ):
            if found:
                yield FoundText(column, found)
    for entry in filter(is_public, entries(person, "other-names", "other-name")):
        other = text(entry, "content", longest=150)
        by = asserted_by(entry, orcid)
        if is_hangul_name(other):
            yield FoundText("hangul_name", other, by)
        elif other:
            yield FoundWord("other_names", other, by)


def texts(person: Any, orcid: str) -> Iterator[Proposal]:
    """Return biography, own pages and keywords."""
    biography = at(person, "biography")
    about = shortened(paragraphs(at(biography, "content")), LONGEST_SUMMARY)
    if about and is_public(biography):
        yield FoundText("summary_ko" if is_korean(about) else "summary_en", about)
    for entry in filter(is_public, entries(person, "researcher-urls", "researcher-url")):
        if address := web_address(at(entry, "url", "value")):
            yield FoundText("website", address, asserted_by(entry, orcid))
    for entry in filter(is_public, entries(person, "keywords", "keyword")):
        for part in SEPARATOR.split(tidied(at(entry, "content"))):
            word = " ".join(part.split())
            if any(letter.isalnum() for letter in word) and len(word) <= LONGEST_KEYWORD:
                yield FoundWord("keywords", word, asserted_by(entry, orcid))


def places(activities: Any, orcid: str, today: date) -> Iterator[FoundPlace]:
    """Return the employments that have not ended."""
    for group in entries(activities, "employments", "affiliation-group"):
        for entry in entries(group, "summaries"):
            job = at(entry, "employment-summary")
            organisation = at(job, "organization")
            name = text(organisation, "name", longest=300)
            if name and is_public(job) and not has_ended(at(job, "end-date"), today):
                yield FoundPlace(
                    name,
                    ids_of(at(organisation, "disambiguated-organization")),
                    country(organisation),
                    text(organisation, "address", "city", longest=120),
                    text(job, "department-name", longest=200),
                    text(job, "role-title", longest=120),
                    year(at(job, "start-date", "year", "value")),
                    asserted_by(job, orcid),
                )


def has_ended(end: Any, today: date) -> bool:
    """Say whether a date is over; one without month or day counts to its last day."""
    last = year(at(end, "year", "value"))
    if last is None:
        return False
    month = number(at(end, "month", "value"), 12)
    day = number(at(end, "day", "value"), 31)
    return (last, month, day) < (today.year, today.month, today.day)


def number(value: Any, missing: int) -> int:
    """Return a month, a day or a place in a list; another number when it is none."""
    digits = str(value)
    is_number = digits.isascii() and digits.isdigit() and len(digits) < 10
    return int(digits) if is_number else missing


def country(organisation: Any) -> str:
    """Return the code of the country, in capitals."""
    code = text(organisation, "address", "country", longest=10).upper()
    return code if re.fullmatch(r"[A-Z]{2}", code) else ""


def ids_of(disambiguated: Any) -> tuple[tuple[str, str], ...]:
    """Return by which ids the organisation is known: ROR's short id, GRID, or Crossref's funder."""
    source = at(disambiguated, "disambiguation-source")
    scheme = SCHEMES.get(source) if isinstance(source, str) else None
    full = text(disambiguated, "disambiguated-organization-identifier", longest=200)
    short = full.rstrip("/").rsplit("/", 1)[-1]
    return ((scheme, short),) if scheme and short else ()


def works(activities: Any, orcid: str) -> list[FoundWork]:
    """Return the works, the newest first; versions of the same work are one group."""
    groups = entries(activities, "works", "group")
    found = [work for group in groups if (work := work_of(group, orcid))]
    return sorted(found, key=lambda work: -(work.year or 0))


def work_of(group: Any, orcid: str) -> FoundWork | None:
    """Return the work that a group of versions is about: the version that the person prefers."""
    versions = [entry for entry in entries(group, "work-summary") if is_public(entry)]
    for version in sorted(versions, key=preference, reverse=True):
        if title := text(version, "title", "title", "value", longest=500):
            return FoundWork(
                title,
                doi_of(group) or doi_of(version),
                year(at(version, "publication-date", "year", "value")),
                text(version, "journal-title", "value", longest=300),
                text({"code": str(at(version, "put-code") or "")}, "code", longest=100),
                by=asserted_by(version, orcid),
            )
    return None


def preference(version: Any) -> int:
    """Return how much the person prefers a version to the others of its group."""
    return number(at(version, "display-index"), 0)


def doi_of(node: Any) -> str:
    """Return the work's own DOI, else that of another version; never that of a whole book."""
    ids = entries(node, "external-ids", "external-id")
    for relation in ("self", "version-of"):
        for entry in ids:
            kinds = (at(entry, "external-id-type"), at(entry, "external-id-relationship"))
            if kinds == ("doi", relation):
                plain = doi_in(at(entry, "external-id-normalized", "value"))
                if doi := plain or doi_in(at(entry, "external-id-value")):
                    return doi
    return ""


def projects(activities: Any, orcid: str) -> Iterator[FoundProject]:
    """Return what was funded."""
    for group in entries(activities, "fundings", "group"):
        for entry in filter(is_public, entries(group, "funding-summary")):
            title = text(entry, "title", "title", "value", longest=500)
            start = year(at(entry, "start-date", "year", "value"))
            end = year(at(entry, "end-date", "year", "value"))
            if title:
                yield FoundProject(
                    title,
                    grant_number(entry),
                    text(entry, "organization", "name", longest=200),
                    *years_in_order(start, end),
                    text({"code": str(at(entry, "put-code") or "")}, "code", longest=100),
                    asserted_by(entry, orcid),
                )
                break


def grant_number(entry: Any) -> str:
    """Return the number of the grant."""
    for each in entries(entry, "external-ids", "external-id"):
        if at(each, "external-id-type") == "grant_number":
            return text(each, "external-id-value", longest=100)
    return ""
