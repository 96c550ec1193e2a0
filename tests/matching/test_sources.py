"""What is read out of answers and files, however broken they are."""

import copy
import json
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.sources import (
    FoundPlace,
    FoundProject,
    FoundSubject,
    FoundText,
    FoundWord,
    FoundWork,
    WrongRecordError,
    key_of,
    proposal_of,
    row_of,
)
from matching.sources.bibtex import read_bibtex
from matching.sources.crossref import read_work
from matching.sources.doi_list import MOST_DOIS, read_dois
from matching.sources.files import decoded, format_of
from matching.sources.openalex import abstract_of, read_author
from matching.sources.orcid import has_ended, read_record
from matching.sources.ris import read_ris
from matching.sources.walking import doi_in, tidied, web_address
from tests.matching.orcid_records import ORCID, employment, record, work
from tests.matching.orcid_records import date as orcid_date

TODAY = date(2026, 11, 22)
SANDBOX = Path("../shared/data/conventions/orcid-record-3.0-sandbox.json")
SANDBOX_ORCID = "0000-0002-7319-2192"
AUTHOR = {
    "id": "https://openalex.org/A1",
    "orcid": f"https://orcid.org/{ORCID}",
    "display_name": "Minji Kim",
    "display_name_alternatives": ["M. Kim", "김민지", "Minji Kim"],
    "last_known_institutions": [
        {"display_name": "Hanbit University", "ror": "https://ror.org/04h9pn542", "country_code": "KR"}
    ],
    "topics": [
        {
            "id": "https://openalex.org/T10247",
            "display_name": "Perovskite Materials and Applications",
            "count": 20,
            "subfield": {"id": "https://openalex.org/subfields/2208"},
            "field": {"id": "https://openalex.org/fields/22"},
            "domain": {"id": "https://openalex.org/domains/3"},
        },
        {
            "id": "https://openalex.org/T10409",
            "display_name": "Fuel Cells and Related Materials",
            "count": 1,
            "subfield": {"id": "https://openalex.org/subfields/2105"},
            "field": {"id": "https://openalex.org/fields/21"},
            "domain": {"id": "https://openalex.org/domains/3"},
        },
    ],
}  # fmt: skip
WORKS = [
    {
        "id": "https://openalex.org/W1",
        "doi": "https://doi.org/10.1000/abc.1",
        "title": "Stable <i>perovskite</i> modules",
        "publication_year": 2024,
        "primary_location": {"source": {"display_name": "Joule"}},
        "abstract_inverted_index": {"last.": [3], "We": [0], "modules": [2], "make": [1]},
    },
    {"id": "https://openalex.org/W2", "title": None, "doi": None},
]


def of_kind(reading, kind):
    return [each for each in reading.proposals if isinstance(each, kind)]


def texts_of(reading):
    return {each.column: each.text for each in of_kind(reading, FoundText)}


def nodes(tree, path=()):
    """Yield the path of every node of a tree of JSON."""
    yield path
    children = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    for key, child in children:
        yield from nodes(child, (*path, key))


def with_node(tree, path, replacement):
    """Return a copy of a tree in which one node is another."""
    if not path:
        return replacement
    changed = copy.deepcopy(tree)
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = replacement
    return changed


def read_or_refuse(read):
    """Read; that the answer is about somebody else is an outcome too."""
    try:
        return read()
    except WrongRecordError:
        return None


# --- ORCID ---


def test_record_gives_names_as_they_are_written():
    reading = read_record(record(), orcid=ORCID, today=TODAY)

    assert texts_of(reading) == {
        "orcid": ORCID, "display_name": "Minji Kim", "family_name": "Kim", "given_name": "Minji",
        "hangul_name": "김민지", "summary_en": "I make perovskite solar cells that last.",
        "website": "https://lab.example.kr/",
    }  # fmt: skip
    assert of_kind(reading, FoundWord) == [
        FoundWord("other_names", "Kim, Min-ji", "Demo Uni"),
        FoundWord("keywords", "perovskite"),
        FoundWord("keywords", "solar cells"),
    ]


def test_record_without_credit_name_gives_no_name_as_shown():
    name = record()["person"]["name"] | {"credit-name": None}

    assert "display_name" not in texts_of(read_record(record(name=name), orcid=ORCID, today=TODAY))


def test_korean_biography_becomes_the_korean_text():
    biography = {
        "content": "페로브스카이트(perovskite) 태양전지를 연구합니다.",
        "visibility": "public",
    }

    reading = read_record(record(biography=biography), orcid=ORCID, today=TODAY)

    assert texts_of(reading)["summary_ko"] == biography["content"]


def test_only_the_present_employment_is_read():
    assert of_kind(read_record(record(), orcid=ORCID, today=TODAY), FoundPlace) == [
        FoundPlace(
            "Hanbit University", (("ror", "04h9pn542"),), "KR", "Seoul", "Department of Chemistry",
            "Professor", 2019, "Hanbit University",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("end", "is_over"),
    (
        (None, False),
        (orcid_date(None), False),
        (orcid_date("2026"), False),
        (orcid_date("2026", "11"), False),
        (orcid_date("2026", "11", "21"), True),
        (orcid_date("2026", "10"), True),
        (orcid_date("2025"), True),
        (orcid_date("2031", "x", "y"), False),
        ({"year": {"value": None}}, False),
        ("2019", False),
    ),
)
def test_date_without_month_or_day_counts_to_its_last_day(end, is_over):
    assert has_ended(end, TODAY) is is_over


def test_what_is_not_public_is_not_read():
    closed = record(
        employments={"affiliation-group": [employment("X", visibility="limited")]},
        works={"group": [work("Hidden", visibility=None)]},
        biography={"content": "Hidden", "visibility": "private"},
    )

    reading = read_record(closed, orcid=ORCID, today=TODAY)

    assert of_kind(reading, FoundPlace) == of_kind(reading, FoundWork) == []
    assert "summary_en" not in texts_of(reading)


def test_works_are_grouped_and_say_who_asserted_them():
    preferred = work("Stable modules, final", code=13)["work-summary"][0] | {"display-index": "9"}
    grouped = work("Stable modules", doi="10.1000/ABC.1", code=11, versions=(preferred,))

    reading = read_record(record(works={"group": [grouped]}), orcid=ORCID, today=TODAY)

    assert of_kind(reading, FoundWork) == [
        FoundWork("Stable modules, final", "10.1000/abc.1", 2024, "Joule", "13", by="Crossref")
    ]


def test_fundings_become_projects():
    assert of_kind(read_record(record(), orcid=ORCID, today=TODAY), FoundProject) == [
        FoundProject(
            "Modules that last", "101", "National Research Foundation of Korea", 2022, 2026, "4"
        )
    ]


def test_record_of_somebody_else_is_refused():
    with pytest.raises(WrongRecordError):
        read_record(record(), orcid="0000-0001-5109-3700", today=TODAY)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_node_of_a_record_may_be_null_or_nonsense(data):
    path = data.draw(st.sampled_from(list(nodes(record()))))
    junk = data.draw(
        st.sampled_from((None, [], {}, "", 0, "x" * 5000, "9" * 5000, [None], [[]], True, -1.5))
    )
    broken = with_node(record(), path, junk)

    reading = read_or_refuse(lambda: read_record(broken, orcid=ORCID, today=TODAY))

    assert reading is None or all(json.dumps(row_of(each)) for each in reading.proposals)


@pytest.fixture
def recorded():
    """The sandbox's own record, as ORCID answered it."""
    if not SANDBOX.exists():
        pytest.skip("the recorded answers are not here")
    return json.loads(SANDBOX.read_text(encoding="utf-8"))


def test_recorded_record_is_read(recorded):
    reading = read_record(recorded, orcid=SANDBOX_ORCID, today=TODAY)

    assert texts_of(reading)["family_name"] == "releasecandidate1"
    assert of_kind(reading, FoundWork)[0].doi == "10.1087/20120404"
    assert of_kind(reading, FoundProject)[0].funder == "Wellcome Trust"
    # It ended in 1948.
    assert of_kind(reading, FoundPlace) == []


def test_recorded_record_survives_a_null_at_every_single_node(recorded):
    for path in nodes(recorded):
        broken = with_node(recorded, path, None)
        read_or_refuse(lambda broken=broken: read_record(broken, orcid=SANDBOX_ORCID, today=TODAY))


# --- OpenAlex, Crossref ---


def test_author_gives_places_subjects_and_works():
    reading = read_author(AUTHOR, WORKS, orcid=ORCID)

    assert of_kind(reading, FoundPlace)[0].ids == (("ror", "04h9pn542"),)
    assert of_kind(reading, FoundSubject) == [
        FoundSubject("areas", "ICT", ("Perovskite Materials and Applications",), "OpenAlex"),
        FoundSubject(
            "topics", "green.perovskite", ("Perovskite Materials and Applications",), "OpenAlex"
        ),
    ]
    assert of_kind(reading, FoundWork) == [
        FoundWork(
            "Stable perovskite modules", "10.1000/abc.1", 2024, "Joule", "W1",
            "We make modules last.", "OpenAlex",
        )
    ]  # fmt: skip
    assert [each.text for each in of_kind(reading, FoundWord)] == ["M. Kim"]


def test_author_with_another_id_is_refused():
    with pytest.raises(WrongRecordError):
        read_author(AUTHOR | {"orcid": None}, WORKS, orcid=ORCID)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_node_of_openalex_may_be_null_or_nonsense(data):
    whole = {"author": AUTHOR, "works": WORKS}
    path = data.draw(st.sampled_from([path for path in nodes(whole) if path]))
    junk = data.draw(st.sampled_from((None, [], {}, "", 0, True, -1.5, "x" * 3000)))
    broken = with_node(whole, path, junk)
    works = broken["works"] if isinstance(broken["works"], list) else []

    reading = read_or_refuse(lambda: read_author(broken["author"], works, orcid=ORCID))

    assert reading is None or all(json.dumps(row_of(each)) for each in reading.proposals)


@given(st.dictionaries(st.text(), st.lists(st.integers() | st.none() | st.text())) | st.none())
def test_abstract_of_any_index_is_a_short_text(index):
    assert len(abstract_of(index)) <= 900


def test_crossref_gives_one_work():
    answer = {
        "message": {
            "DOI": "10.1000/ABC.1", "title": ["Stable modules &amp; cells"],
            "container-title": ["Joule"], "issued": {"date-parts": [[2024, 5]]},
        }
    }  # fmt: skip

    assert read_work(answer, doi="10.1000/abc.1") == FoundWork(
        "Stable modules & cells", "10.1000/abc.1", 2024, "Joule", "10.1000/abc.1", by="Crossref"
    )
    with pytest.raises(WrongRecordError):
        read_work(answer, doi="10.1000/abc.2")


# --- Files ---

BIBTEX = r"""% exported
@string{jpcl = "J. Phys. Chem. Lett."}
@article{kim1, title={Stable {Perovskite} cells \& \"{o}fen}, journal=jpcl, year=2024, doi={10.1021/ABC.1}}
@article{broken, title={No closing brace, year=2020
@inproceedings{kim2, title="안정한 태양전지", booktitle={ICSC}, date={2021-05}, url="https://doi.org/10.1000/xyz"}
@article{kim1, title={The same key again}, year=2025}
@article{kim4, year=2020}
@article{kim5, title={One}, title={Two}}
"""
RIS = """TY  - JOUR
TI  - Stable cells
PY  - 2024/05/01
DO  - 10.1000/abc
JO  - Joule
ER  -
a stray line
TY  - CONF
TI  - Never ended
TY - JOUR
T1 - Badly spaced
Y1 - 2019
ER -
TY  - JOUR
AU  - Kim
ER  -
"""


def test_bibtex_gives_good_entries_and_says_what_is_wrong_with_the_others():
    reading = read_bibtex(BIBTEX)

    assert [(each.title, each.year, each.doi) for each in reading.proposals] == [
        ("Stable Perovskite cells & öfen", 2024, "10.1021/abc.1"),
        ("안정한 태양전지", 2021, "10.1000/xyz"),
        ("The same key again", 2025, ""),
    ]
    assert reading.proposals[0].venue == "J. Phys. Chem. Lett."
    assert [(each.line, each.reason) for each in reading.refused] == [
        (4, "not_closed"), (7, "no_title"), (8, "field_twice"),
    ]  # fmt: skip
    assert reading.refused[0].excerpt.startswith("@article{broken")


def test_ris_gives_good_entries_and_says_what_is_wrong_with_the_others():
    reading = read_ris(RIS)

    assert [(each.title, each.year, each.doi) for each in reading.proposals] == [
        ("Stable cells", 2024, "10.1000/abc"),
        ("Badly spaced", 2019, ""),
    ]
    assert [(each.line, each.reason) for each in reading.refused] == [
        (7, "outside_entry"), (8, "not_closed"), (14, "no_title"),
    ]  # fmt: skip


@pytest.mark.parametrize("read", (read_bibtex, read_ris))
@given(text=st.text(alphabet='@{}=,"\\ \nTYER-ai$&%한'))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_the_readers_of_files(read, text):
    reading = read(text)

    assert all(json.dumps(row_of(each)) for each in reading.proposals)


@pytest.mark.parametrize("read", (read_bibtex, read_ris))
def test_file_with_too_many_entries_is_refused_at_once(read):
    text = "@article{a,\nTY  - JOUR\n" * 1001

    assert [each.reason for each in read(text).refused] == ["too_many_entries"]


def test_dois_are_read_however_they_are_written():
    dois, refused = read_dois(
        "https://doi.org/10.1000/ABC\n\nno doi here\ndoi: 10.1000/def, 10.1000/g,h;\n10.1000/abc"
    )

    assert dois == {"10.1000/abc": 1, "10.1000/def": 4, "10.1000/g,h": 4}
    assert [(each.line, each.reason) for each in refused] == [(3, "no_doi")]


def test_more_dois_than_one_look_takes_are_named():
    dois, refused = read_dois("\n".join(f"10.1000/{number}" for number in range(MOST_DOIS + 2)))

    assert len(dois) == MOST_DOIS
    assert [each.reason for each in refused] == ["too_many_dois"] * 2


@pytest.mark.parametrize("encoding", ("utf-8", "utf-8-sig", "utf-16", "cp949"))
def test_text_is_found_in_the_usual_encodings(encoding):
    assert decoded(BIBTEX.encode(encoding)) == BIBTEX


def test_text_is_guessed_in_others():
    text = "@book{a, title={Über die Wärmeströmung in dünnen Schichten und Gläsern}}"

    assert decoded(text.encode("latin-1")) == text


@pytest.mark.parametrize("content", (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04\0\0\0\0"))
def test_what_is_no_text_is_refused(content):
    assert decoded(content) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    ((BIBTEX, "bibtex"), (RIS, "ris"), ("see 10.1000/abc", "doi"), ("hello", ""), ("", "")),
)
def test_format_is_told_by_the_text(text, kind):
    assert format_of(text) == kind


# --- Storing ---


@pytest.mark.parametrize(
    "proposal",
    (
        FoundText("website", "https://lab.example/"),
        FoundWord("keywords", "태양전지", "Demo"),
        FoundPlace("X", (("ror", "04h9pn542"),), since=2019),
        FoundWork("Title", "10.1000/a", 2024, abstract="Text"),
        FoundProject("Title", started_in=2020),
        FoundSubject("areas", "ICT", ("AI",)),
    ),
)
def test_proposal_survives_storing(proposal):
    assert proposal_of(json.loads(json.dumps(row_of(proposal)))) == proposal


def test_key_changes_with_what_would_be_written_only():
    one = FoundWork("Title", "10.1000/a", 2024, by="Crossref")

    assert key_of(one) == key_of(FoundWork("Title", "10.1000/a", 2024, abstract="x", by="y"))
    assert key_of(one) != key_of(FoundWork("Title", "10.1000/a", 2025))


@pytest.mark.parametrize(
    ("read", "unit"),
    (
        (read_dois, ",https://x"),
        (read_dois, "10.1000/a,"),
        (read_bibtex, "@article{a, title={{\\\\'{e}&"),
        (read_ris, "TY  - \nTI  - <a:b-"),
        (lambda text: web_address("https://" + text + "@"), "a."),
        (tidied, "<a:b-"),
        (doi_in, "10.1000"),
    ),
)
def test_no_text_keeps_a_reader_busy(read, unit):
    def seconds(size):
        text = (unit * (size // len(unit) + 1))[:size]
        before = time.process_time()
        read(text)
        return time.process_time() - before

    assert seconds(200_000) < 2.0
