"""An event in numbers, and its tables for spreadsheets."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from events.models import Meeting, MeetingFeedback, MeetingState, ScheduleRun
from events.services.event_figures import charts_of, key_figures
from events.services.event_tables import TABLES
from konnect.accounts.models import AuditEvent
from tests.factories.events import (
    AcceptedMeetingRequestFactory,
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    MeetingRequestFactory,
    RegistrationFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventFactory(capacity=40)


@pytest.fixture
def organiser(event, omar):
    HelperFactory(event=event, user=omar.user)
    return omar


def figures(event):
    with translation.override("en"):
        return {figure.label: figure.value for figure in key_figures(event)}


def charts(event):
    with translation.override("en"):
        return {chart.name: chart for chart in charts_of(event)}


def held(event, count, usefulness=4):
    """Write meetings that took place, with an answer of the sender."""
    for _ in range(count):
        meeting = MeetingFactory(event=event)
        meeting.move_to(MeetingState.HELD, actor=None)
        MeetingFeedback.objects.create(
            meeting=meeting, registration=meeting.request.sender, usefulness=usefulness,
            next_step="visit",
        )  # fmt: skip


def test_shares_are_those_of_what_was_answered_and_of_what_was_due(event):
    AcceptedMeetingRequestFactory(event=event)
    MeetingRequestFactory(event=event, state="declined", answered_at=event.starts_at)
    MeetingRequestFactory(event=event)
    held(event, 3)
    missed = MeetingFactory(event=event)
    missed.move_to(MeetingState.NO_SHOW, actor=None, columns={"is_live": False})
    missed.seats.filter(registration=missed.request.sender).update(is_absent=True)

    found = figures(event)

    assert found["Meeting requests"] == "7"
    assert found["Accepted, of those answered"] == "5 (83%)"
    assert found["Took place, of those that were due"] == "3 (75%)"
    assert found["Meetings in the schedule"] == "4"
    assert found["Meetings a person"] == f"{8 / 14:.1f}"
    assert found["Did not come to a meeting"] == "1 time, 1 person"


def test_what_people_say_is_told_from_five_answers_on(event):
    held(event, 4)
    few, small = figures(event), charts(event)["usefulness"]
    held(event, 1)
    many, large = figures(event), charts(event)["usefulness"]

    assert "Usefulness of the meetings" not in few
    assert many["Usefulness of the meetings"] == "4.0 of 5"
    assert dict(small.rows)["4 of 5"] == ["<5"]
    assert dict(large.rows)["4 of 5"] == ["5"]


def test_worth_of_the_schedule_is_told_against_its_bound(event):
    ScheduleRun.objects.create(
        event=event, state="published", version=1, published_at=event.starts_at, value=900,
        bound=1000, measures={"breaks": 7},
    )  # fmt: skip

    found = figures(event)

    assert (found["Worth of the schedule"], found["Breaks between meetings"]) == ("90.0%", "7")


def test_registrations_add_up_by_side(event):
    RegistrationFactory.create_batch(2, event=event)
    KoreanRegistrationFactory(event=event)

    chart = charts(event)["registrations"]

    assert chart.series == ["Europe", "Korea"]
    assert [numbers for _place, numbers in chart.rows] == [["2", "1"]]


def test_registrations_stand_in_the_order_of_time_over_the_turn_of_the_year(event):
    for month, day in ((11, 30), (12, 7), (1, 4)):
        at = datetime(2030 + (month == 1), month, day, tzinfo=UTC)
        RegistrationFactory(event=event, created_at=at)

    rows = charts(event)["registrations"].rows

    assert [numbers[0] for _place, numbers in rows] == ["1", "2", "3"]
    assert [place for place, _numbers in rows] == sorted(place for place, _numbers in rows)


def test_fill_counts_meetings_that_stand_beside_times(event):
    meeting = MeetingFactory(event=event)
    MeetingFactory(event=event, place=meeting.place).move_to(
        MeetingState.CANCELLED, actor=None,
        columns={"is_live": False, "cancelled_at": event.starts_at},
    )  # fmt: skip

    rows = dict(charts(event)["places"].rows)

    assert rows[meeting.place.name_en] == ["1", "2"]


def test_page_shows_every_chart_with_its_table(client_of, event, organiser):
    held(event, 5)

    page = client_of(organiser).get(reverse("events:event_figures", args=[event.pk]))

    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("<svg") >= 4
    assert text.count("<table") == 5


def test_queries_do_not_grow_with_the_event(event):
    held(event, 1)
    counts = []
    for more in (0, 2, 10):
        held(event, more)
        with CaptureQueriesContext(connection) as asked:
            key_figures(event)
            charts_of(event)
        counts.append(len(asked))

    assert len(set(counts)) == 1
    assert counts[0] <= 24


@pytest.mark.parametrize(("kind", "most"), (("requests", 1), ("meetings", 4), ("feedback", 1)))
def test_tables_cost_the_same_however_many_rows(event, kind, most):
    held(event, 1)
    counts, rows = [], []
    for more in (0, 2, 10):
        held(event, more)
        with CaptureQueriesContext(connection) as asked:
            rows.append(len(list(TABLES[kind][1](event))))
        counts.append(len(asked))

    assert rows == [1, 3, 13]
    assert len(set(counts)) == 1
    assert counts[0] <= most


def test_no_cell_of_a_table_is_a_formula(client_of, event, organiser):
    held(event, 1)
    MeetingFeedback.objects.update(words='=HYPERLINK("https://evil.example")')
    address = reverse("events:event_table", args=[event.pk, "feedback", "csv"])

    sent = client_of(organiser).get(address)
    book = client_of(organiser).get(address.replace(".csv", ".xlsx"))

    rows = list(csv.DictReader(io.StringIO(sent.content.decode("utf-8-sig"))))
    cells = load_workbook(io.BytesIO(book.content)).active
    assert rows[0]["words"].startswith("'=")
    assert {cell.data_type for row in cells.iter_rows() for cell in row} == {"s"}


def test_each_download_is_written_down(client_of, event, organiser):
    client_of(organiser).get(reverse("events:event_table", args=[event.pk, "meetings", "csv"]))

    line = AuditEvent.objects.get(action="table.exported")
    assert (line.actor, line.target_id) == (organiser.user, str(event.pk))
    assert line.facts == {"kind": "meetings", "format": "csv"}


@pytest.mark.parametrize("role", ("programme", "meetings", "desk"))
def test_other_helpers_get_no_figures_and_no_tables(client_of, event, anna, role):
    HelperFactory(event=event, user=anna.user, role=role)

    for address in (
        reverse("events:event_figures", args=[event.pk]),
        reverse("events:event_table", args=[event.pk, "meetings", "csv"]),
    ):
        assert client_of(anna).get(address).status_code == 404
    assert not AuditEvent.objects.exists()


def test_unknown_tables_are_not_there(client_of, event, organiser):
    for kind, ending in (("people", "csv"), ("meetings", "pdf")):
        address = reverse("events:event_table", args=[event.pk, kind, ending])
        assert client_of(organiser).get(address).status_code == 404
    assert Meeting.objects.count() == 0
