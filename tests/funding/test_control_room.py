"""The control room of a call, and what waits for whom."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from funding.services.approvals import approve_call
from funding.services.call_events import happen
from funding.services.waiting import is_known
from tests.factories.funding import (
    WITH_SUMMARY,
    ApplicationFactory,
    approved_call,
    funder_officer_of,
    officer_of,
    prepared_call,
    team,
)
from tests.funding.read_pages import of, words_of

pytestmark = pytest.mark.django_db


# --- The control room --------------------------------------------------------------------------


def test_control_room_counts_what_came_how_far(client_of):
    call = approved_call()
    for state in ("draft", "draft", "withdrawn"):
        team(ApplicationFactory(call=call, state=state))

    page = client_of(officer_of(call)).get(of("call_manage", call))

    assert [step.number for step in page.context["figures"].funnel] == [2, 0, 0, 0, 0, 0, 0]
    assert "The clock that decides" in words_of(page)


def test_control_room_costs_the_same_however_much_there_is(client_of):
    call = approved_call()
    client, counts = client_of(officer_of(call)), []
    for number in (1, 2, 4):
        for _each in range(number):
            team(ApplicationFactory(call=call))
        with CaptureQueriesContext(connection) as queries:
            client.get(of("call_manage", call))
        counts.append(len(queries))

    assert counts[0] == counts[1] == counts[2]


def test_refusals_are_said_in_words(client_of):
    call = approved_call()
    client = client_of(officer_of(call))

    page = words_of(client.post(of("call_move", call, "screen"), follow=True))

    assert "The call has not closed yet." in page


@pytest.mark.parametrize("reason", ("No money. " * 51, "No\x00money"))
def test_a_reason_that_cannot_be_kept_is_refused_in_words(client_of, reason):
    call = approved_call()
    client = client_of(officer_of(call))

    page = client.post(of("call_move", call, "cancel"), {"reason": reason}, follow=True)

    call.refresh_from_db()
    assert page.status_code == 200
    assert call.state == "approved"
    assert "Done." not in words_of(page)


def test_moves_of_other_pages_and_unknown_ones_are_not_there(client_of):
    call = approved_call(state="panel")
    client = client_of(officer_of(call))

    for event in ("decide", "release", "approve-it", "fly"):
        assert client.post(of("call_move", call, event)).status_code == 404


def test_late_leave_is_given_on_the_page_and_agreed_to_by_a_second(client_of):
    call = approved_call()
    application = ApplicationFactory(call=call)
    first, second = client_of(officer_of(call)), client_of(funder_officer_of(call))
    data = {"application": application.pk, "valid_until": "2031-11-20T12:00", "most_uses": "1",
            "reason": "Ill."}  # fmt: skip

    assert first.post(of("call_late", call), data).status_code == 302
    token = call.late_tokens.get()
    assert second.post(of("call_late", call), data).status_code == 404
    assert "A second officer" not in words_of(first.get(reverse("funding:my_work")))
    second.post(of("late_approve", call, token.pk))

    token.refresh_from_db()
    assert token.approved_by is not None


def test_amendment_form_refuses_an_earlier_closing_and_publishes_a_later_one(client_of):
    call = approved_call()
    client = client_of(officer_of(call))
    data = {"text_en": "More.", "text_ko": "연장합니다.", "closes_hour": "24:00",
            "call_text_en": call.text_en, "call_text_ko": call.text_ko}  # fmt: skip

    earlier = client.post(of("call_amend", call), data | {"closes_day": "2031-11-14"})
    assert "later, never earlier" in words_of(earlier)
    later = client.post(of("call_amend", call), data | {"closes_day": "2031-11-22"})

    assert later.status_code == 302
    call.refresh_from_db()
    assert call.closes_at == datetime(2031, 11, 22, 23, tzinfo=UTC)


# --- What waits for me -------------------------------------------------------------------------


def test_my_work_names_what_waits_until_it_is_done(client_of):
    call = prepared_call(schema=WITH_SUMMARY)
    officer, funder = officer_of(call), funder_officer_of(call)
    funder_officer_of(call, "korea")
    work = reverse("funding:my_work")
    assert "send it for approval" in words_of(client_of(officer).get(work))

    happen(call, "send_for_approval", actor=officer)
    for person, words in ((officer, "as programme officer"), (funder, "for your funder")):
        assert words in words_of(client_of(person).get(work))
        approve_call(call, actor=person)
        assert words not in words_of(client_of(person).get(work))


def test_nothing_waits_for_a_stranger(client_of, anna):
    prepared_call()

    assert "Nothing waits for you" in words_of(client_of(anna).get(reverse("funding:my_work")))


def test_the_first_page_shows_what_waits_and_the_menu_leads_to_it(client_of):
    call = prepared_call()
    client = client_of(officer_of(call))

    page = client.get(reverse("matching:dashboard")).content.decode()

    assert of("call_manage", call) in page
    assert "Complete the call and send it for approval" in page
    assert page.count(f'href="{reverse("funding:my_work")}"') == 2


def test_who_has_nothing_to_do_with_calls_pays_one_query_and_sees_no_card(
    client_of, anna, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert not is_known(anna.user)

    assert "mobility calls</h2>" not in words_of(
        client_of(anna).get(reverse("matching:dashboard"))
    )


def test_the_first_page_costs_the_same_however_much_waits(client_of):
    call = prepared_call()
    officer = officer_of(call)
    client, counts = client_of(officer), []
    client.get(reverse("matching:dashboard"))
    for number in (0, 1, 3):
        for _each in range(number):
            prepared_call(programme=call.programme)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("matching:dashboard"))
        counts.append(len(queries))

    assert counts[0] == counts[1] == counts[2]
    assert "2 more things wait for you" in words_of(page)
