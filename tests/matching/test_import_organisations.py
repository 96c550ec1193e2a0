"""Organisations from files."""

import csv
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from matching.imports.ror import SCHEMES, TABLE_COLUMNS, short_ror_id
from matching.imports.tables import FileRefusedError, text_of
from matching.models import Organisation
from matching.services.organisation_import import import_organisations

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parents[2].parent / "shared" / "data"
TABLES = sorted((SAMPLES / "organisations").glob("*.csv"))
with_samples = pytest.mark.skipif(not TABLES, reason="the sample data is not beside the project")

KAIST = {
    "ror_id": "https://ror.org/05apxxy63",
    "name": "Korea Advanced Institute of Science and Technology",
    "name_en": "Korea Advanced Institute of Science and Technology",
    "name_ko": "한국과학기술원",
    "acronyms": "KAIST",
    "types": "education|funder",
    "country_code": "KR",
    "country": "South Korea",
    "city": "Daejeon",
    "lat": "36.34913",
    "lng": "127.38493",
    "established": "1971",
    "website": "https://www.kaist.ac.kr",
    "source_schema": "2",
}


def table(path, *rows, columns=TABLE_COLUMNS, encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def reasons(result):
    return [(each.line, each.column, each.reason) for each in result.refusals]


@pytest.mark.parametrize(
    ("text", "ror_id"),
    (
        ("https://ror.org/05apxxy63", "05apxxy63"),
        (" ROR.org/05APXXY63 ", "05apxxy63"),
        ("05apxxy63", "05apxxy63"),
        ("05apxxy64", None),
        ("05apxyx63", None),
        ("", None),
        ("https://example.org/05apxxy63", None),
    ),
)
def test_ror_id_is_checked(text, ror_id):
    assert short_ror_id(text) == ror_id


def test_row_is_added_and_then_left_alone(tmp_path):
    path = table(tmp_path / "a.csv", KAIST)

    first, second = (import_organisations([path]) for _time in range(2))

    assert (first.added, second.added, second.changed, second.unchanged) == (1, 0, 0, 1)
    kaist = Organisation.objects.get()
    assert (kaist.name_ko, kaist.side, kaist.types) == (
        "한국과학기술원",
        "korea",
        ["education", "funder"],
    )
    assert "한국과학기술원" in kaist.search_text.split("\n")


def test_changed_row_is_updated(tmp_path):
    import_organisations([table(tmp_path / "a.csv", KAIST)])

    result = import_organisations([table(tmp_path / "b.csv", KAIST | {"city": "Seoul"})])

    assert (result.added, result.changed, Organisation.objects.get().city) == (0, 1, "Seoul")


def test_dry_run_counts_and_writes_nothing(tmp_path):
    result = import_organisations([table(tmp_path / "a.csv", KAIST)], is_dry_run=True)

    assert (result.added, Organisation.objects.count()) == (1, 0)


def test_refused_row_is_named_and_others_are_taken(tmp_path):
    path = table(tmp_path / "a.csv", KAIST | {"ror_id": "05apxxy64"}, KAIST)

    result = import_organisations([path])

    assert reasons(result) == [
        (2, "ror_id", "'05apxxy64': the check digits do not fit; perhaps a typing error")
    ]
    assert Organisation.objects.count() == 1


@pytest.mark.parametrize(
    ("column", "value"),
    (
        ("name", ""),
        ("name", "x" * 301),
        ("country_code", "XX"),
        ("country_code", ""),
        ("types", "education|cult"),
        ("lat", "north"),
        ("lat", "91"),
        ("lng", "nan"),
        ("geonames_id", "99999999999"),
        ("established", "long ago"),
        ("website", "javascript:alert(1)"),
        ("domains", "x" * 300),
        ("last_modified", "2025-13-40"),
    ),
)
def test_bad_cell_names_its_column(tmp_path, column, value):
    result = import_organisations([table(tmp_path / "a.csv", KAIST | {column: value})])

    assert [(each.line, each.column) for each in result.refusals] == [(2, column)]
    assert Organisation.objects.count() == 0


def test_same_id_twice_names_the_first_place(tmp_path):
    result = import_organisations([table(tmp_path / "a.csv", KAIST, KAIST)])

    assert reasons(result) == [(3, "ror_id", "05apxxy63 stands already in a.csv, line 2")]


def test_missing_columns_are_all_named(tmp_path):
    columns = [name for name in TABLE_COLUMNS if name not in {"lat", "city"}]

    result = import_organisations([table(tmp_path / "a.csv", KAIST, columns=columns)])

    assert reasons(result) == [(1, "city, lat", "missing columns: city, lat")]


def test_all_or_nothing_writes_nothing(tmp_path):
    path = table(tmp_path / "a.csv", KAIST, {})

    with pytest.raises(CommandError):
        call_command("import_organisations", path, "--all-or-nothing")

    assert Organisation.objects.count() == 0


def test_report_has_a_line_a_refusal(tmp_path):
    path, report = table(tmp_path / "a.csv", {"name": "Nobody"}), tmp_path / "report.csv"

    call_command("import_organisations", path, "--report", report)

    rows = list(csv.reader(report.read_text(encoding="utf-8").splitlines()))
    assert rows == [
        ["file", "line", "column", "reason"],
        ["a.csv", "2", "ror_id", "'' is no ROR id"],
    ]


@pytest.mark.parametrize("encoding", ("utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le"))
def test_encodings_are_recognised(tmp_path, encoding):
    import_organisations([table(tmp_path / "a.csv", KAIST, encoding=encoding)])

    assert Organisation.objects.get().name_ko == "한국과학기술원"


def test_nonsense_is_refused_as_a_whole(tmp_path):
    path = tmp_path / "noise.csv"
    path.write_bytes(bytes(range(256)) * 50)

    with pytest.raises(FileRefusedError) as refused:
        text_of(path)

    assert "UTF-8" in refused.value.refusal.reason


@pytest.mark.parametrize(
    ("name", "content"),
    (
        ("gone.csv", None),
        ("empty.csv", b""),
        ("empty.json", b""),
        ("cut.json", b'[{"id": "x"'),
        ("object.json", b"{}"),
        ("numbers.json", b"[1, 2]"),
        ("odd.json", b'[{"id": 5, "names": "x"}]'),
        ("no.zip", b"PK"),
    ),
)
def test_broken_file_is_refused(tmp_path, name, content):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    result = import_organisations([path])

    assert [each.file for each in result.refusals] == [name]


def record(ror_id, status="active", **changes):
    return {
        "id": f"https://ror.org/{ror_id}",
        "names": [
            {"value": "Old Institute", "types": ["ror_display", "label"], "lang": "en"},
            {"value": "옛 연구소", "types": ["label"], "lang": "ko"},
            {"value": "OI", "types": ["acronym"], "lang": None},
        ],
        "locations": [
            {
                "geonames_id": 1835235,
                "geonames_details": {
                    "country_code": "KR",
                    "country_name": "South Korea",
                    "lat": 36.3,
                    "lng": 127.4,
                    "name": "Daejeon",
                },
            }
        ],
        "types": ["facility"],
        "status": status,
        "external_ids": [{"type": "isni", "all": ["a", "b"], "preferred": "b"}],
        "links": [{"type": "website", "value": "https://old.example"}],
        "admin": {"last_modified": {"date": "2026-01-02", "schema_version": "2.1"}},
        **changes,
    }


def test_dump_in_a_zip_links_the_successor(tmp_path):
    heir = record("05apxxy63")
    gone = record(
        "0005vby86",
        status="inactive",
        relationships=[{"id": heir["id"], "label": "x", "type": "successor"}],
    )
    path = tmp_path / "v2.9-2026-01-01-ror-data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("v2.9-ror-data.json", json.dumps([gone, heir], ensure_ascii=False))

    results = [import_organisations([path]) for _time in range(2)]

    closed = Organisation.objects.get(ror_id="0005vby86")
    assert (closed.status, closed.successor.ror_id) == ("inactive", "05apxxy63")
    assert (closed.name_ko, closed.acronyms, closed.external_ids) == (
        "옛 연구소",
        ["OI"],
        {"isni": ["b", "a"]},
    )
    assert [(each.added, each.changed, each.succeeded) for each in results] == [
        (2, 0, 1),
        (0, 0, 0),
    ]


def as_table(row):
    """A stored organisation as a row of the table that it came from."""
    return {
        "ror_id": f"https://ror.org/{row.ror_id}",
        **{name: getattr(row, name) for name in ("name", "name_en", "name_ko", "country_code",
           "country", "region", "region_code", "city", "website", "source_schema")},
        "names_other": "|".join(
            f"{each['language']}:{each['name']}" if each["language"] else each["name"]
            for each in row.names_other
        ),
        **{name: "|".join(getattr(row, name)) for name in ("acronyms", "aliases", "types",
           "domains")},
        **{name: "|".join(row.external_ids.get(name, [])) for name in SCHEMES},
        "lat": float(row.latitude),
        "lng": float(row.longitude),
        "geonames_id": str(row.geonames_id or ""),
        "established": str(row.established or ""),
        "parents": "|".join(f"https://ror.org/{each}" for each in row.parent_ror_ids),
        "last_modified": str(row.source_modified_on or ""),
        "release": row.source_release,
    }  # fmt: skip


def as_compared(row):
    """A row of the source file: numbers as numbers, without stray spaces between entries."""
    tidy = {name: "|".join(part.strip() for part in row[name].split("|")) for name in row}
    return tidy | {"lat": float(row["lat"]), "lng": float(row["lng"])}


@with_samples
def test_sample_tables_are_taken_without_loss_and_then_without_change():
    first = import_organisations(TABLES)
    second = import_organisations(TABLES)

    stored = {row.ror_id: as_table(row) for row in Organisation.objects.all()}
    source = {}
    for path in TABLES:
        with path.open(encoding="utf-8-sig", newline="") as file:
            source |= {row["ror_id"][-9:]: as_compared(row) for row in csv.DictReader(file)}
    assert (first.added, first.refusals) == (3645, [])
    assert (second.added, second.changed, second.unchanged) == (0, 0, 3645)
    assert stored == source


@with_samples
def test_sample_record_of_schema_two_is_taken(tmp_path):
    sample = json.loads((SAMPLES / "conventions" / "ror-record-v2.1.json").read_text())
    path = tmp_path / "one.json"
    path.write_text(json.dumps([sample]))

    result = import_organisations([path])

    row = Organisation.objects.get()
    assert result.refusals == []
    assert (row.name, row.side, row.established) == (
        "University of California System",
        "elsewhere",
        1868,
    )


def test_zip_that_unpacks_to_one_huge_object_is_refused_early(tmp_path, db):
    path = tmp_path / "v2.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ror-v2.json", '[{"id": "' + "a" * 20_000_000 + '"}]')

    result = import_organisations([path])

    assert [refusal.reason for refusal in result.refusals] == [
        "not a list of JSON objects: an object has more than 4,194,304 letters"
    ]
