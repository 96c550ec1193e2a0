"""Pages of grants, trips, reports and results: who sees what, and what forms do."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from funding.models import FollowUp, Grant, Output, Payment, Report, Trip
from funding.services.follow_ups import ask_evaluator
from funding.services.grants import happen
from funding.services.waiting import waiting_for
from tests.factories.accounts import UserFactory
from tests.factories.funding import ExpertFactory, approved_call, funder_officer_of
from tests.funding.grants_made import (
    due_of,
    lead_of,
    offered,
    officer_at,
    partner_of,
    running,
    trip_of,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def as_user(user):
    client = Client()
    client.force_login(user)
    return client


def page(user, noun, **more):
    response = as_user(user).get(noun.get_absolute_url(), **more)
    return response.status_code, response.content.decode()


def post(user, name, *arguments, **data):
    return as_user(user).post(reverse(f"funding:{name}", args=arguments), data)


@pytest.fixture
def grant():
    return running()


def test_the_offer_is_answered_on_its_page():
    grant = offered()
    assert "Accept the grant" in page(lead_of(grant), grant)[1]
    assert "Accept the grant" not in page(partner_of(grant), grant)[1]

    assert post(partner_of(grant), "grant_answer", grant.pk, answer="accept").status_code == 404
    post(lead_of(grant), "grant_answer", grant.pk, answer="accept")

    grant.refresh_from_db()
    assert grant.state == "accepted"


def test_only_the_people_of_a_grant_open_it(grant):
    trip, due = trip_of(grant), due_of(grant)
    people = (lead_of(grant), partner_of(grant), officer_at(grant),
              funder_officer_of(grant.decision.application.call))  # fmt: skip

    for noun in (grant, trip, due):
        assert [page(user, noun)[0] for user in people] == [200, 200, 200, 200]
        assert page(UserFactory(), noun)[0] == 404
        assert page(officer_at(offered()), noun)[0] == 404


def test_a_host_who_is_no_part_of_the_grant_reads_the_trip_only(grant):
    trip = trip_of(grant)
    host = ExpertFactory().person
    Trip.objects.filter(pk=trip.pk).update(host=host)

    assert page(host.user, trip)[0] == 200
    assert page(host.user, grant)[0] == 404
    assert [each.url for each in waiting_for(host.user)] == [trip.get_absolute_url()]


def test_amounts_are_written_as_readers_write_them(grant):
    lead = lead_of(grant)

    english = page(lead, grant)[1]
    korean = (
        as_user(lead)
        .get(grant.get_absolute_url(), headers={"accept-language": "ko"})
        .content.decode()
    )

    assert "€40,000" in english
    assert "₩50,000,000" in english
    assert "50,000,000" in korean


def test_a_trip_is_planned_on_a_form_that_keeps_what_was_typed(grant):
    european, korean = grant.decision.application.participants.order_by("region")
    first = timezone.now().date() + 42 * DAY
    data = {
        "traveller": european.pk, "host": korean.pk, "first": first, "last": first + 400 * DAY,
        "purpose": "Measure at night",
    }  # fmt: skip

    refused = post(lead_of(grant), "trip_create", grant.pk, **data)
    assert "Measure at night" in refused.content.decode()
    assert "A stay of 401 days" in refused.content.decode()
    assert not Trip.objects.exists()

    done = post(lead_of(grant), "trip_create", grant.pk, **data | {"last": first + 9 * DAY})
    assert done.status_code == 302
    assert Trip.objects.get().days == 10


@pytest.mark.parametrize(
    ("start", "end", "field"),
    (
        (42, 41, "last"),
        (42, 442, "last"),
        (5, 9, "first"),
        (900, 910, "first"),
        (260, 269, "last"),
    ),
)
def test_what_is_wrong_with_a_plan_stands_at_its_field(grant, start, end, field):
    european, korean = grant.decision.application.participants.order_by("region")
    first = timezone.now().date()
    data = {
        "traveller": european.pk, "host": korean.pk, "first": first + start * DAY,
        "last": first + end * DAY, "purpose": "Measure at night",
    }  # fmt: skip

    form = post(lead_of(grant), "trip_create", grant.pk, **data).context["form"]

    assert list(form.errors) == [field]
    assert form["purpose"].value() == "Measure at night"
    assert form["first"].value() == str(first + start * DAY)


def test_two_people_of_one_side_are_refused_at_the_host_and_when_a_trip_changes_too(grant):
    european, _korean = grant.decision.application.participants.order_by("region")
    trip = trip_of(grant)
    data = {
        "traveller": european.pk, "host": european.pk, "first": trip.period.lower,
        "last": trip.period.lower + 9 * DAY, "purpose": "Measure at night",
    }  # fmt: skip

    page = post(lead_of(grant), "trip_edit", trip.pk, **data)

    assert list(page.context["form"].errors) == ["host"]
    # The list of errors on top, and the error at the field; nothing is said a third time.
    said = page.content.decode().count("A trip leads from one side to the other")
    assert said == 2
    assert not list(page.context["messages"])


def test_the_host_agrees_and_the_officer_approves_on_the_page(grant):
    trip = trip_of(grant)

    assert "I agree to these days" in page(partner_of(grant), trip)[1]
    assert "I agree to these days" not in page(lead_of(grant), trip)[1]
    post(partner_of(grant), "trip_move", trip.pk, "agree")
    post(officer_at(grant), "trip_move", trip.pk, "approve")

    trip.refresh_from_db()
    assert trip.state == "approved"


def test_whoever_cancels_says_why(grant):
    trip = trip_of(grant)

    post(lead_of(grant), "trip_move", trip.pk, "cancel", reason="  ")
    trip.refresh_from_db()
    assert trip.state == "planned"
    post(lead_of(grant), "trip_move", trip.pk, "cancel", reason="No visa")
    trip.refresh_from_db()
    assert (trip.state, trip.is_live) == ("cancelled", False)


def test_safety_is_for_people_of_the_trip(grant):
    trip = trip_of(grant)
    post(lead_of(grant), "trip_papers", trip.pk, safety_contact="Ada +49 30 1234", is_insured="on")

    assert "Ada +49 30 1234" in page(partner_of(grant), trip)[1]
    funder = funder_officer_of(grant.decision.application.call)
    assert "Ada +49 30 1234" not in page(funder, trip)[1]


def test_nobody_says_that_no_visa_is_needed_before_it_was_said(grant):
    trip = trip_of(grant)
    assert "No visa is needed." not in page(lead_of(grant), trip)[1]

    post(lead_of(grant), "trip_papers", trip.pk, is_insured="on")

    assert "No visa is needed." in page(lead_of(grant), trip)[1]


def test_a_payment_is_recorded_once_however_often_it_is_sent(grant):
    officer, award = officer_at(grant), grant.awards.get(funder__currency="EUR")
    form = {"award": award.pk, "kind": "start", "amount": "1,250.50", "paid_on": "2031-03-01",
            "key": str(uuid4())}  # fmt: skip

    for _each in range(2):
        assert post(officer, "payment_create", grant.pk, **form).status_code == 302

    assert Payment.objects.get().amount_minor == 1_250_50
    wrong = post(officer, "payment_create", grant.pk, **form | {"amount": "much"})
    assert "such as 1,250" in wrong.content.decode()
    assert post(lead_of(grant), "payment_create", grant.pk, **form).status_code == 404


@pytest.mark.parametrize("kind", ("csv", "xlsx"))
def test_tables_of_payments(grant, kind):
    response = as_user(lead_of(grant)).get(reverse("funding:payment_export", args=[kind]))

    assert response.status_code == 200
    assert kind in response["Content-Disposition"]


def test_a_report_saves_itself_and_says_when(grant):
    due = due_of(grant)
    client = as_user(lead_of(grant))
    typed = {"number": 0, "results-summary": "It works."}

    response = client.post(due.get_absolute_url(), typed, headers={"hx-request": "true"})

    assert "Saved" in response.content.decode()
    assert 'name="number" value="1"' in response.content.decode()
    assert Report.objects.get().answers["results"]["summary"] == "It works."
    again = client.post(due.get_absolute_url(), typed, headers={"hx-request": "true"})
    assert "Not saved" not in again.content.decode()


def test_two_who_write_a_report_see_both_texts_and_lose_none(grant):
    due = due_of(grant)
    client = as_user(lead_of(grant))
    client.post(due.get_absolute_url(), {"number": 0, "results-summary": "Hers."})
    mine = {"number": 0, "results-summary": "Mine."}

    alone = client.post(due.get_absolute_url(), mine, headers={"hx-request": "true"})
    assert "changed this at" in alone.content.decode()
    assert 'name="number" value="0"' in alone.content.decode()
    answer = client.post(due.get_absolute_url(), mine)

    assert answer.status_code == 409
    assert "Hers." in answer.content.decode()
    assert "Mine." in answer.content.decode()
    assert 'name="number" value="1"' in answer.content.decode()
    client.post(due.get_absolute_url(), mine | {"number": 1})
    assert Report.objects.get().answers["results"]["summary"] == "Mine."


def test_a_report_that_cannot_be_saved_says_so(grant):
    due = due_of(grant)
    client = as_user(lead_of(grant))
    typed = {"number": 0, "results-summary": "It works.", "results-together": "perhaps"}

    line = client.post(due.get_absolute_url(), typed, headers={"hx-request": "true"})
    whole = client.post(due.get_absolute_url(), typed)

    assert "Not saved" in line.content.decode()
    assert "There is a problem" in whole.content.decode()
    assert "Error:" in whole.content.decode().split("<title>")[1].split("</title>")[0]
    assert not Report.objects.exists()


def test_a_report_is_handed_in_without_script(grant):
    due = due_of(grant)
    data = {"number": 0, "results-summary": "It works.", "results-results": "Much.",
            "results-together": "yes", "then": "submit"}  # fmt: skip

    as_user(lead_of(grant)).post(due.get_absolute_url(), data)

    due.refresh_from_db()
    assert due.state == "submitted"
    assert "Approve the report" in page(officer_at(grant), due)[1]
    assert "It works." in page(partner_of(grant), due)[1]


def test_nobody_reads_a_draft_of_others(grant):
    due = due_of(grant)
    as_user(lead_of(grant)).post(
        due.get_absolute_url(), {"number": 0, "results-summary": "HALF-BAKED"}
    )

    assert "HALF-BAKED" in page(lead_of(grant), due)[1]
    for other in (partner_of(grant), officer_at(grant)):
        assert "HALF-BAKED" not in page(other, due)[1]


def test_results_are_confirmed_with_one_press(grant):
    row = Output.objects.create(grant=grant, kind="publication", identifier="10.5555/x",
                                title="Light batteries", source="OpenAlex")  # fmt: skip

    post(lead_of(grant), "output_answer", grant.pk, row.pk, answer="yes")

    row.refresh_from_db()
    assert row.is_confirmed
    html = as_user(lead_of(grant)).get(reverse("funding:grant_results", args=[grant.pk]))
    assert "https://doi.org/10.5555/x" in html.content.decode()


def test_an_expert_who_is_asked_gives_marks(grant):
    officer, expert = officer_at(grant), ExpertFactory()
    happen(grant, "complete", actor=officer)
    ask_evaluator(FollowUp.objects.get(grant=grant, year=1), expert.person, actor=officer)

    url = reverse("funding:grant_results", args=[grant.pk])
    assert [each.url for each in waiting_for(expert.person.user)] == [url]
    marks = {"science": 4, "partnership": 5, "people": 3, "use": 0}
    sent = {f"year-1-{code}": mark for code, mark in marks.items()}
    post(expert.person.user, "follow_up_judge", grant.pk, 1, **sent)

    assert FollowUp.objects.get(grant=grant, year=1).rubric == marks
    assert waiting_for(expert.person.user) == []


def test_an_expert_who_judges_twice_has_two_forms_and_an_error_stays_with_its_own(grant):
    officer, expert = officer_at(grant), ExpertFactory()
    happen(grant, "complete", actor=officer)
    for year in (1, 3):
        row = FollowUp.objects.get(grant=grant, year=year)
        ask_evaluator(row, expert.person, actor=officer)

    answer = post(expert.person.user, "follow_up_judge", grant.pk, 3, **{"year-3-science": 5})
    forms = {each["row"].year: each["form"] for each in answer.context["follow_ups"]}
    assert [bool(forms[year].errors) for year in (1, 3)] == [False, True]
    text = answer.content.decode()
    ids = re.findall(r'<select[^>]* id="([^"]+)"', text)
    assert len([name for name in ids if name.endswith("science")]) == 2
    assert len(ids) == len(set(ids))
    assert "<title>Error:" in text
    # A follow-up of nobody's is nobody's form.
    assert post(expert.person.user, "follow_up_judge", grant.pk, 2).status_code == 404


def test_no_grant_lasts_until_the_end_of_calendars(grant):
    days = {"first": grant.period.lower, "last": "9999-12-31", "text": "It lasts."}
    answer = post(officer_at(grant), "grant_amend", grant.pk, **days)
    assert list(answer.context["form"].errors) == ["last"]
    grant.refresh_from_db()
    assert grant.period.upper.year < 9999


def test_everything_that_waits_is_on_the_list():
    grant = offered()
    assert [each.url for each in waiting_for(lead_of(grant))] == [grant.get_absolute_url()]

    runs = running()
    officer = officer_at(runs)
    asked = trip_of(runs, state="host_agreed")
    due = due_of(runs, state="submitted")
    assert {each.url for each in waiting_for(officer)} >= {
        asked.get_absolute_url(), due.get_absolute_url()
    }  # fmt: skip


def queries(user, url):
    client = as_user(user)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_the_page_of_a_grant_asks_as_often_with_more_trips(grant):
    officer = officer_at(grant)
    trip_of(grant)
    few = queries(officer, grant.get_absolute_url())
    for number in range(1, 4):
        first = timezone.now().date() + (42 + 15 * number) * DAY
        trip_of_days(grant, first)

    assert queries(officer, grant.get_absolute_url()) == few


def trip_of_days(grant, first):
    """Add a trip of the same two people on other days."""
    trip = Trip.objects.filter(grant=grant).first()
    trip.pk, trip.key, trip._state.adding = None, uuid4(), True
    trip.period = (first, first + 5 * DAY)
    trip.save(force_insert=True)


def test_the_list_asks_as_often_with_more_grants():
    call, small = approved_call(), {"euro": 10_000_00, "won": 10_000_000}
    grant = offered(call, **small)
    officer, url = officer_at(grant), reverse("funding:grant_list")
    few = queries(officer, url)
    offered(call, **small)
    offered(call, **small)

    assert Grant.objects.count() == 3
    assert queries(officer, url) == few
