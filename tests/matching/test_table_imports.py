"""Tables of the staff: checked without writing, taken over when told to, exported harmlessly."""

import csv
import io
import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from konnect.accounts.models import AuditEvent, OutgoingEmail, User
from konnect.accounts.services import erase_account
from matching.imports.sheets import any_table_rows
from matching.imports.tables import FileRefusedError, Refusal
from matching.models import Organisation, Profile, TableImport, TableImportState
from matching.services.table_exports import harmless
from matching.services.table_imports import (
    claim_table,
    drop_table,
    forget_old_tables,
    hand_in_table,
    take_table,
    work_on,
    work_on_table_imports,
)
from tests.factories.accounts import fresh_client
from tests.factories.matching import KoreanProfileFactory, ListingFactory

ROWS = [
    ("email", "display_name", "hangul_name", "summary_ko", "areas"),
    ("jisoo@example.kr", "Park Jisoo", "박지수", "그래핀 소자", "NANO"),
    ("not an address", "Nobody", "", "", ""),
    ("eva@example.eu", "Eva Novak", "", "", "ICT|HEALTH"),
]


def as_csv(rows, encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def as_workbook(rows):
    book, content = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


@pytest.fixture
def hand_in(staff):
    """Return a function that hands a table of people in."""

    def hand(content=None, name="people.csv", **more):
        more = {"kind": "people", **more}
        return hand_in_table(actor=staff, file_name=name, content=content or as_csv(ROWS), **more)

    return hand


@pytest.mark.parametrize(
    ("name", "content"),
    (
        ("people.csv", as_csv(ROWS)),
        ("korean.csv", as_csv(ROWS, "cp949")),
        ("people.xlsx", as_workbook(ROWS)),
    ),
    # A workbook holds the second in which it was made: workers would collect different tests.
    ids=("csv", "cp949", "workbook"),
)
def test_checking_tells_and_taking_writes_the_good_rows(hand_in, staff, name, content):
    table = hand_in(content, name)

    work_on_table_imports()

    table.refresh_from_db()
    assert table.state == TableImportState.CHECKED
    assert table.result["added"] == 2
    assert [(row["line"], row["column"]) for row in table.refusals] == [(3, "email")]
    assert not User.objects.filter(email="jisoo@example.kr").exists()

    assert take_table(table, actor=staff)
    work_on_table_imports()

    table.refresh_from_db()
    assert (table.state, table.content) == (TableImportState.DONE, None)
    profile = Profile.objects.get(user__email="jisoo@example.kr")
    assert (profile.hangul_name, profile.state) == ("박지수", "invited")
    assert AuditEvent.objects.get(action="table.imported").facts["added"] == 2


def test_invitations_are_written_only_when_asked_and_taken(hand_in, staff):
    table = hand_in(is_inviting=True)
    work_on_table_imports()
    assert not OutgoingEmail.objects.exists()

    take_table(table, actor=staff)
    work_on_table_imports()

    assert OutgoingEmail.objects.count() == 2


def test_a_dropped_table_writes_nothing_and_keeps_nothing(hand_in, staff):
    table = hand_in()
    work_on_table_imports()

    assert drop_table(table, actor=staff)
    assert not take_table(table, actor=staff)
    work_on_table_imports()

    table.refresh_from_db()
    assert (table.state, table.content) == (TableImportState.DROPPED, None)
    assert not Profile.objects.exists()


def test_a_table_that_is_dropped_while_it_is_taken_leaves_nobody(hand_in, staff):
    table = hand_in()
    work_on_table_imports()
    take_table(table, actor=staff)
    claimed = claim_table()
    # Somebody in it is erased at this very moment.
    TableImport.objects.update(
        state=TableImportState.DROPPED, content=None, ended_at=timezone.now()
    )

    work_on(claimed)

    table.refresh_from_db()
    assert (table.state, table.problem) == (TableImportState.DROPPED, "")
    assert not Profile.objects.exists()
    assert not User.objects.filter(email="jisoo@example.kr").exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    (
        ("empty.csv", b"\n", "missing columns"),
        ("other.csv", b"name,place\nA,B\n", "missing columns"),
        ("broken.xlsx", b"PK\x03\x04 nothing more", "workbook"),
        ("text.xlsx", b"email,display_name", "workbook"),
    ),
)
def test_files_that_are_no_tables_are_refused_in_words(hand_in, name, content, said):
    table = hand_in(content, name)

    work_on_table_imports()

    table.refresh_from_db()
    assert table.state == TableImportState.CHECKED
    assert table.result["added"] == 0
    assert said in table.refusals[0]["reason"]


def test_a_worker_that_dies_again_and_again_fails_the_table(hand_in):
    table = hand_in()
    for _death in range(3):
        assert claim_table().pk == table.pk
        TableImport.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))

    work_on_table_imports()

    table.refresh_from_db()
    assert (table.state, table.content) == (TableImportState.FAILED, None)


def test_a_claimed_table_is_nobody_elses_until_its_lease_ends(hand_in):
    hand_in()

    assert claim_table() is not None
    assert claim_table() is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_a_table_over_once(hand_in, staff):
    table = hand_in()
    work_on_table_imports()
    take_table(table, actor=staff)
    start, counts = threading.Barrier(2), []

    def work():
        start.wait()
        try:
            counts.append(work_on_table_imports())
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(counts) == [0, 1]
    assert Profile.objects.count() == 2


def test_what_nobody_takes_is_dropped_after_a_week(hand_in):
    table = hand_in()
    work_on_table_imports()
    TableImport.objects.update(created_at=timezone.now() - timedelta(days=8))

    assert forget_old_tables() == 1

    table.refresh_from_db()
    assert table.content is None


def test_the_pages_lead_from_the_file_to_the_people(staff):
    client = fresh_client(staff)
    file = SimpleUploadedFile("people.csv", as_csv(ROWS))

    answer = client.post(reverse("matching:table_list"), {"kind": "people", "file": file})
    work_on_table_imports()
    page = client.get(answer.url).content.decode()
    assert "display_name" not in page
    refused = client.get(reverse("matching:table_refusals", args=[TableImport.objects.get().pk]))
    client.post(reverse("matching:table_take", args=[TableImport.objects.get().pk]))
    work_on_table_imports()

    assert "is no e-mail address" in page
    assert refused.content.decode("utf-8-sig").splitlines()[0] == "line,column,reason"
    assert Profile.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "size", "said"),
    (("people.pdf", 10, ".csv, .xlsx"), ("people.csv", 20_000_001, "larger")),
)
def test_wrong_files_are_refused_before_they_are_kept(staff, name, size, said):
    file = SimpleUploadedFile(name, b"x" * size)

    page = fresh_client(staff).post(
        reverse("matching:table_list"), {"kind": "people", "file": file}
    )

    assert said in page.content.decode()
    assert not TableImport.objects.exists()


@pytest.mark.parametrize("form", ("csv", "xlsx"))
def test_exported_people_can_be_imported(staff, form, tmp_path):
    profile = KoreanProfileFactory(user__email="minji@example.kr", keywords=["graphene", "2D"])
    ListingFactory(profile=profile, title_en="A clean room")
    address = reverse("matching:table_export", args=["people", form])

    answer = fresh_client(staff).get(address)
    path = tmp_path / f"people.{form}"
    path.write_bytes(b"".join(answer) if answer.streaming else answer.content)
    (row,) = any_table_rows(path, needed=("email", "display_name"))

    assert row.values["email"] == "minji@example.kr"
    assert row.values["keywords"] == "graphene|2D"
    assert "A clean room" in (row.values["offers"], row.values["seeks"])
    assert AuditEvent.objects.get().facts == {"kind": "people", "rows": 1, "format": form}


@pytest.mark.parametrize("sign", ("=", "+", "-", "@"))
def test_no_cell_is_a_formula(staff, sign, tmp_path):
    evil = f'{sign}HYPERLINK("https://example.org")'
    KoreanProfileFactory(position=evil)
    assert harmless(evil) == f"'{evil}"

    answer = fresh_client(staff).get(reverse("matching:table_export", args=["people", "xlsx"]))
    path = tmp_path / "people.xlsx"
    path.write_bytes(answer.content)

    types = {cell.data_type for row in load_workbook(path).active.iter_rows() for cell in row}
    assert "f" not in types


def test_organisations_and_listings_are_exported(staff, minji):
    ListingFactory(profile=minji)
    client = fresh_client(staff)

    for kind, rows in (("organisations", Organisation.objects.count()), ("listings", 1)):
        answer = client.get(reverse("matching:table_export", args=[kind, "csv"]))
        assert len(b"".join(answer).decode("utf-8-sig").splitlines()) == rows + 1


def test_exports_ask_for_few_queries(staff):
    client, counts = fresh_client(staff), []
    for _more in range(2):
        KoreanProfileFactory.create_batch(3)
        with CaptureQueriesContext(connection) as captured:
            b"".join(client.get(reverse("matching:table_export", args=["people", "csv"])))
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "people.xlsx"
    path.write_bytes(as_workbook(ROWS))
    monkeypatch.setattr("matching.imports.sheets.LARGEST_UNPACKED", 100)

    with pytest.raises(FileRefusedError) as refused:
        list(any_table_rows(path, needed=("email",)))

    assert "too large" in refused.value.refusal.reason


def test_a_row_of_a_sheet_with_more_cells_than_columns_is_refused(tmp_path):
    path = tmp_path / "people.xlsx"
    path.write_bytes(as_workbook([*ROWS, ("a@example.org", "A", "", "", "", "more")]))

    rows = list(any_table_rows(path, needed=("email",)))

    assert [row.line for row in rows if isinstance(row, Refusal)] == [5]


@pytest.mark.parametrize("write", (as_csv, as_workbook))
def test_a_waiting_table_goes_when_somebody_in_it_is_erased(hand_in, minji, write):
    name = "people.csv" if write is as_csv else "people.xlsx"
    named = hand_in(write([*ROWS, (" Minji@Example.KR ", "Kim Minji", "", "", "")]), name)
    other = hand_in(write(ROWS), name)

    erase_account(minji.user, keeps_messages=True, says_farewell=False)

    named.refresh_from_db()
    other.refresh_from_db()
    assert (named.state, named.content, named.problem) == ("dropped", None, "erased")
    assert (other.state, bool(other.content)) == ("checking", True)


def test_a_table_that_cannot_be_read_goes_too(hand_in, minji):
    table = hand_in(b"PK\x03\x04 broken", "people.xlsx")

    erase_account(minji.user, keeps_messages=True, says_farewell=False)

    assert TableImport.objects.get(pk=table.pk).content is None
