"""Trips: who does what when, and what the database keeps when two plan at once."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import icalendar
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from funding.models import Trip
from funding.refusing import RefusedError
from funding.services.grants import amend_grant
from funding.services.ledger import faults
from funding.services.trip_calendars import calendar_for
from funding.services.trips import (
    approve_trip_report,
    change_trip,
    happen_to_trip,
    plan_trip,
    report_trip,
    say_well,
    travellers_of,
)
from konnect.accounts.models import Notification
from konnect.states import TransitionError
from tests.factories.accounts import UserFactory
from tests.funding.grants_made import (
    lead_of,
    officer_at,
    partner_of,
    plan_for,
    running,
    trip_of,
)
from tests.funding.read_pages import asks_of
from tests.together import together

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def grant():
    return running()


def today():
    return timezone.now().date()


def codes(caught):
    return [blocker.code for blocker in caught.value.blockers]


def fresh(trip):
    return Trip.objects.get(pk=trip.pk)


def test_a_trip_is_planned_and_its_host_asked(grant):
    trip = plan_trip(grant, plan_for(grant, length=10), actor=lead_of(grant))

    assert fresh(trip).days == 10
    assert (trip.home_region, trip.host_region) == ("europe", "korea")
    assert Notification.objects.filter(user=partner_of(grant), kind="grants").exists()


def test_a_stranger_plans_nothing(grant):
    with pytest.raises(PermissionDenied):
        plan_trip(grant, plan_for(grant), actor=UserFactory())


@pytest.mark.parametrize(
    ("change", "code"),
    (
        (lambda plan: {"last": plan.first - DAY}, "trip_backwards"),
        (lambda plan: {"first": today() + 27 * DAY}, "trip_too_soon"),
        (lambda plan: {"host": plan.traveller}, "trip_on_one_side"),
        (lambda plan: {"last": plan.first + 2 * DAY}, "trip_length"),
        (lambda plan: {"last": plan.first + 120 * DAY}, "trip_length"),
        (lambda plan: {"first": plan.first + 400 * DAY, "last": plan.last + 400 * DAY},
         "trip_outside"),
    ),
)  # fmt: skip
def test_what_cannot_be_is_said_in_words(grant, change, code):
    plan = plan_for(grant)

    with pytest.raises(RefusedError) as caught:
        plan_trip(grant, replace(plan, **change(plan)), actor=lead_of(grant))

    assert code in codes(caught)
    assert not Trip.objects.exists()


def test_nobody_is_on_two_trips_on_one_day(grant):
    plan = plan_for(grant)
    plan_trip(grant, plan, actor=lead_of(grant))

    with pytest.raises(RefusedError) as caught:
        plan_trip(grant, replace(plan, first=plan.last, last=plan.last + 9 * DAY),
                  actor=lead_of(grant))  # fmt: skip

    assert codes(caught) == ["trips_overlap"]
    plan_trip(grant, replace(plan, first=plan.last + DAY, last=plan.last + 9 * DAY),
              actor=lead_of(grant))  # fmt: skip


def test_a_trip_that_is_off_leaves_its_days_free(grant):
    trip = plan_trip(grant, plan_for(grant), actor=lead_of(grant))

    happen_to_trip(trip, "cancel", actor=lead_of(grant), reason="No visa")

    assert plan_trip(grant, plan_for(grant), actor=lead_of(grant)).is_live


def test_a_trip_from_plan_to_approved_report(grant):
    lead, host, officer = lead_of(grant), partner_of(grant), officer_at(grant)
    trip = plan_trip(grant, plan_for(grant), actor=lead)
    happen_to_trip(trip, "agree", actor=host)
    happen_to_trip(trip, "approve", actor=officer)
    with pytest.raises(RefusedError) as caught:
        happen_to_trip(trip, "start", actor=host)
    assert codes(caught) == ["trip_not_begun"]
    Trip.objects.filter(pk=trip.pk).update(period=(today() - 9 * DAY, today() + DAY))

    happen_to_trip(fresh(trip), "start", actor=host)
    say_well(fresh(trip), actor=lead)
    happen_to_trip(fresh(trip), "end", actor=host)
    report_trip(fresh(trip), actor=lead, text="We measured.")
    approve_trip_report(fresh(trip), actor=host)
    assert fresh(trip).state == "reported"
    approve_trip_report(fresh(trip), actor=officer)

    assert fresh(trip).state == "report_approved"
    assert fresh(trip).safe_at is not None
    assert list(faults()) == []


@pytest.mark.parametrize(
    ("state", "event", "who"),
    (("planned", "agree", lead_of), ("host_agreed", "approve", partner_of),
     ("approved", "start", lead_of), ("started", "end", lead_of)),
)  # fmt: skip
def test_everybody_does_only_their_part(grant, state, event, who):
    trip = trip_of(grant, state=state)

    with pytest.raises(PermissionDenied):
        happen_to_trip(trip, event, actor=who(grant))


def test_four_weeks_before_its_first_day_it_is_too_late_to_approve(grant):
    trip = trip_of(grant, state="host_agreed", first=today() + 27 * DAY)

    with pytest.raises(RefusedError) as caught:
        happen_to_trip(trip, "approve", actor=officer_at(grant))

    assert codes(caught) == ["trip_too_soon"]


def test_other_days_need_the_host_again(grant):
    trip = trip_of(grant, state="approved")
    plan = plan_for(grant, first=today() + 60 * DAY)

    change_trip(trip, plan, actor=lead_of(grant))

    assert fresh(trip).state == "planned"
    assert fresh(trip).period.lower == plan.first


def test_nobody_reports_or_checks_in_for_the_traveller(grant):
    trip = trip_of(grant, state="ended")

    with pytest.raises(PermissionDenied):
        report_trip(trip, actor=partner_of(grant), text="?")
    with pytest.raises(PermissionDenied):
        say_well(trip, actor=partner_of(grant))
    with pytest.raises(TransitionError):
        say_well(trip, actor=lead_of(grant))


def test_the_host_does_not_say_yes_for_the_officer(grant):
    trip = trip_of(grant, state="reported")

    approve_trip_report(trip, actor=partner_of(grant))
    approve_trip_report(trip, actor=partner_of(grant))

    assert fresh(trip).state == "reported"
    assert fresh(trip).officer_approved_at is None


def test_trips_stay_inside_when_a_grant_gets_other_days(grant):
    trip = trip_of(grant)
    officer, end = officer_at(grant), trip.period.lower - DAY

    with pytest.raises(RefusedError) as caught:
        amend_grant(grant, actor=officer, text="Shorter", first=grant.period.lower, last=end,
                    note="")  # fmt: skip
    assert codes(caught) == ["trips_outside"]

    later = grant.period.upper + 90 * DAY
    amend_grant(grant, actor=officer, text="Longer", first=grant.period.lower, last=later, note="")
    assert fresh(trip).grant_period.upper == later + DAY


def test_the_calendar_holds_all_days_where_the_host_is(grant):
    trip = trip_of(grant)

    event = icalendar.Calendar.from_ical(calendar_for(trip)).walk("VEVENT")[0]

    assert event["DTSTART"].dt.date() == trip.period.lower
    assert str(event["DTSTART"].dt.tzinfo) == "Asia/Seoul"
    assert (event["DTEND"].dt - event["DTSTART"].dt).days == 10
    assert str(trip.host_organisation) in event["LOCATION"]


@contextmanager
def without(table, constraint):
    """Drop a constraint, and make it again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [constraint]
        )
        text = cursor.fetchone()[0]
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    try:
        yield
    finally:
        Trip.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {text}")


def planned(first, second, actors):
    """Plan a trip of the same traveller in two grants at the same moment."""

    def attempt(grant, plan, actor):
        try:
            plan_trip(grant, plan, actor=actor)
        except RefusedError as refusal:
            return [each.code for each in refusal.blockers]
        return []

    plan = plan_for(first)
    other = replace(plan_for(second), traveller=travellers_of(second)[0])
    other.traveller.person = plan.traveller.person
    return together(
        partial(attempt, first, plan, actors[0]), partial(attempt, second, other, actors[1])
    )


@pytest.mark.django_db(transaction=True)
def test_one_traveller_in_two_grants_at_once():
    first, second = running(), running()
    actors = lead_of(first), lead_of(second)

    assert sorted(planned(first, second, actors)) == [[], ["trips_overlap"]]
    assert Trip.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_they_would_be_in_two_places():
    first, second = running(), running()
    actors = lead_of(first), lead_of(second)

    with without("funding_trip", "one_trip_at_a_time"):
        assert planned(first, second, actors) == [[], []]
        assert Trip.objects.count() == 2


def test_planning_asks_the_database_as_often_with_many_trips(grant):
    plan, lead, counts = plan_for(grant), lead_of(grant), []
    for number in range(4):
        first = plan.first + 10 * number * DAY
        later = replace(plan, first=first, last=first + 8 * DAY)
        counts.append(asks_of(lambda later=later: plan_trip(grant, later, actor=lead)))

    # The very first time reads what stays known: the grant's people and the call.
    assert counts[1] == counts[2] == counts[3]
