"""What must hold before grants, trips and reports move."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funding.models import Application, Award, Grant, ReportDue, Trip
from funding.refusing import Blocker
from funding.services.grant_times import (
    first_day,
    last_day,
    today_at,
    today_everywhere,
    transaction_began,
)
from funding.services.guards import guard
from funding.services.report_content import problems_of, public_part
from funding.services.report_dates import date_of

if TYPE_CHECKING:
    from konnect.accounts.models import User

# COST asks for four weeks between a request and the first day of a stay.
NOTICE = timedelta(days=28)
OPENS_BEFORE = timedelta(days=60)
REMINDERS = 2
OFFER_OVER = Blocker("offer_over", gettext_lazy("The time to answer this offer is over."))
OFFER_STANDS = Blocker("offer_stands", gettext_lazy("The offer can still be answered."))
NO_OFFER = Blocker("no_offer", gettext_lazy("No money has been offered for this application."))
TOO_SOON = Blocker(
    "trip_too_soon",
    gettext_lazy("A trip is approved 28 days before its first day or earlier: choose later days."),
)
NOT_BEGUN = Blocker("trip_not_begun", gettext_lazy("The first day of the trip has not come yet."))
NOT_ENDED = Blocker("trip_not_ended", gettext_lazy("The last day of the trip has not come yet."))
NOT_BOTH = Blocker(
    "not_both_approved", gettext_lazy("The host and the officer both have to approve the report.")
)
NO_MONEY = Blocker("no_money_left", gettext_lazy("All of the money of this grant has been paid."))
NOT_NEAR = Blocker("report_not_near", gettext_lazy("This report opens 60 days before it is due."))
NOTHING_PUBLIC = Blocker(
    "nothing_public", gettext_lazy("This report has no summary for everybody.")
)
NOT_REMINDED = Blocker("not_reminded", gettext_lazy("Two reminders go out first."))
GRANT_STOPPED = Blocker(
    "grant_stopped", gettext_lazy("The grant does not run: nobody sets out on a trip of it.")
)
# Money may be paid and people may travel.
RUNNING = ("accepted", "active")
# In these somebody is still to travel, or is on the way.
TRAVELLING = ("planned", "host_agreed", "approved", "started")


def grant_of(noun: Grant | Application) -> Grant | None:
    """Return the grant of an application, or the grant itself."""
    if isinstance(noun, Grant):
        return noun
    return Grant.objects.filter(decision__application=noun).first()


@guard("offer_stands")
def offer_stands(noun: Grant | Application, actor: User | None) -> list[Blocker]:
    """An offer was made, and its date is not over."""
    grant = grant_of(noun)
    if grant is None or grant.state != "offered":
        return [NO_OFFER]
    return [] if transaction_began() < grant.answer_by else [OFFER_OVER]


@guard("offer_is_over")
def offer_is_over(noun: Grant | Application, actor: User | None) -> list[Blocker]:
    """The date of the offer is over, and nobody has answered."""
    grant = grant_of(noun)
    if grant is None or grant.state not in ("offered", "lapsed"):
        return [NO_OFFER]
    return [] if transaction_began() >= grant.answer_by else [OFFER_STANDS]


@guard("trips_are_over")
def trips_are_over(grant: Grant, actor: User | None) -> list[Blocker]:
    """Nobody is to travel any more."""
    number = grant.trips.filter(state__in=TRAVELLING).count()
    words = _("Trips that are not over yet: %(number)s")
    return [Blocker("trips_open", words % {"number": number})] if number else []


@guard("reports_are_approved")
def reports_are_approved(grant: Grant, actor: User | None) -> list[Blocker]:
    """Every report but the follow-ups, which come years later, is approved."""
    due = grant.reports_due.exclude(kind="follow_up")
    number = due.exclude(state__in=("approved", "published")).count()
    words = _("Reports that are not approved yet: %(number)s")
    return [Blocker("reports_open", words % {"number": number})] if number else []


@guard("in_time_before_start")
def in_time_before_start(trip: Trip, actor: User | None) -> list[Blocker]:
    """The grant runs, and four weeks are left before the first day."""
    if trip.grant.state not in RUNNING:
        return [GRANT_STOPPED]
    left = first_day(trip.period) - today_at(trip.home_region)
    return [] if left >= NOTICE else [TOO_SOON]


@guard("trip_may_begin")
def trip_may_begin(trip: Trip, actor: User | None) -> list[Blocker]:
    """The first day has come; of a grant that was ended nobody travels.

    A grant that is only suspended keeps nobody from confirming who is there already.
    """
    is_ended = trip.grant.state not in (*RUNNING, "suspended")
    return [GRANT_STOPPED] if is_ended else trip_has_begun(trip, actor)


@guard("trip_has_begun")
def trip_has_begun(trip: Trip, actor: User | None) -> list[Blocker]:
    """The first day has come where the host is."""
    return [] if today_at(trip.host_region) >= first_day(trip.period) else [NOT_BEGUN]


@guard("trip_has_ended")
def trip_has_ended(trip: Trip, actor: User | None) -> list[Blocker]:
    """The last day has come where the host is."""
    return [] if today_at(trip.host_region) >= last_day(trip.period) else [NOT_ENDED]


@guard("both_approved")
def both_approved(trip: Trip, actor: User | None) -> list[Blocker]:
    """Host and officer both said that the report is right."""
    return [] if trip.host_approved_at and trip.officer_approved_at else [NOT_BOTH]


@guard("money_is_left")
def money_is_left(trip: Trip, actor: User | None) -> list[Blocker]:
    """Some award of the grant is not used up."""
    left = Award.objects.filter(grant=trip.grant_id, paid_minor__lt=F("amount_minor"))
    return [] if left.exists() else [NO_MONEY]


@guard("report_is_near")
def report_is_near(due: ReportDue, actor: User | None) -> list[Blocker]:
    """It is due in two months, or was."""
    return [] if date_of(due) - OPENS_BEFORE <= today_everywhere() else [NOT_NEAR]


@guard("report_is_complete")
def report_is_complete(due: ReportDue, actor: User | None) -> list[Blocker]:
    """Every question that asks for an answer has one of its kind."""
    return problems_of(due)


@guard("report_says_something")
def report_says_something(due: ReportDue, actor: User | None) -> list[Blocker]:
    """There is a summary that everybody may read."""
    return [] if public_part(due) else [NOTHING_PUBLIC]


@guard("reminded_twice")
def reminded_twice(due: ReportDue, actor: User | None) -> list[Blocker]:
    """Two reminders went out, and its date is over."""
    is_over = date_of(due) < today_everywhere()
    return [] if due.reminders >= REMINDERS and is_over else [NOT_REMINDED]
