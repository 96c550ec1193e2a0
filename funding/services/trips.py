"""Trips: planned, agreed to by the host, approved in time, confirmed, reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funding.machines import GONE, HOST, LEAD, OFFICER, PARTNER, TRAVELLER
from funding.models import Call, Grant, Participant, Trip
from funding.months import days_of
from funding.permissions import roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.constraints import kept
from funding.services.grant_notices import tell_host_of_plan, tell_of_trip
from funding.services.grant_times import range_of, today_at, transaction_began
from funding.services.grants import grants_visible_to
from funding.services.guards_grants import NOTICE, RUNNING, TOO_SOON
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.people import person_of
from konnect.states import TransitionError

if TYPE_CHECKING:
    from konnect.accounts.models import User

NOT_RUNNING = Blocker("grant_not_running", gettext_lazy("Trips are planned while a grant runs."))
OVERLAPS = Blocker(
    "trips_overlap", gettext_lazy("The traveller is on another trip on some of these days.")
)
OUTSIDE = Blocker("trip_outside", gettext_lazy("These days lie outside of the grant's."))
ONE_SIDE = Blocker(
    "trip_on_one_side", gettext_lazy("A trip leads from one side to the other: Europe and Korea.")
)
BACKWARDS = Blocker("trip_backwards", gettext_lazy("The last day comes before the first."))
NO_PLACE = Blocker(
    "no_organisation",
    gettext_lazy("Traveller and host both need an organisation from the list in the application."),
)
PROMISES = {
    "one_trip_at_a_time": OVERLAPS, "trip_within_the_grant": OUTSIDE,
    "trip_between_two_regions": ONE_SIDE, "trip_takes_a_day": BACKWARDS,
}  # fmt: skip
# Visa, insurance and whom to call are the traveller's: another one has none of them yet.
NO_PAPERS: dict[str, Any] = {
    "needs_visa": False, "visa_until": None, "is_insured": False, "safety_contact": "",
    "safe_at": None,
}  # fmt: skip
# In these it is of use to say that one is well.
AWAY = ("approved", "started")
EVENTS = {
    "agree": gettext_lazy("%(host)s agreed to your trip"),
    "approve": gettext_lazy("Your trip to %(host)s is approved"),
    "start": gettext_lazy("%(host)s confirmed that you arrived"),
    "end": gettext_lazy("%(host)s confirmed the end of your trip: please report"),
    "cancel": gettext_lazy("The trip of %(traveller)s to %(host)s is cancelled"),
    "miss": gettext_lazy("The trip of %(traveller)s to %(host)s did not take place"),
}


@dataclass(frozen=True)
class Plan:
    """A trip as somebody plans it: who visits whom, on which days, what for.

    papers: columns about visa, insurance and whom to call.
    """

    traveller: Participant
    host: Participant
    first: date
    last: date
    purpose: str
    papers: Mapping[str, Any] = field(default_factory=dict)


def trips_visible_to(user: User) -> QuerySet[Trip]:
    """Return the trips that somebody makes, hosts, or has to do with through a grant."""
    own = Q(traveller__user=user) | Q(host__user=user)
    return Trip.objects.filter(own | Q(grant__in=grants_visible_to(user).values("pk")))


def travellers_of(grant: Grant) -> list[Participant]:
    """Return who of a grant can travel or be visited: people with an account; one query."""
    rows = grant.decision.application.participants.exclude(state__in=GONE)
    rows = rows.filter(person__user__isnull=False).select_related("person__user", "organisation")
    return list(rows.order_by("region", "pk"))


@transaction.atomic
def plan_trip(grant: Grant, plan: Plan, *, actor: User) -> Trip:
    """Plan a trip and ask its host.

    Raises:
        PermissionDenied: the actor is none of the people of this grant.
        RefusedError: the days, the people or the grant do not allow it.
    """
    if not roles_for(grant, actor) & {LEAD, PARTNER, TRAVELLER}:
        raise PermissionDenied
    grant = Grant.objects.select_for_update().get(pk=grant.pk)
    refuse(problems_of(grant, plan))
    with kept(PROMISES):
        trip = Trip.objects.create(grant=grant, **columns_of(grant, plan))
    record(trip, "plan", actor=person_of(actor), after=days_in(plan))
    tell_host_of_plan(trip)
    return trip


@transaction.atomic
def change_trip(trip: Trip, plan: Plan, *, actor: User) -> None:
    """Plan a trip anew: its host has to agree again.

    Raises:
        RefusedError, PermissionDenied, TransitionError: see `move` and `plan_trip`.
    """
    grant = Grant.objects.select_for_update().get(pk=trip.grant_id)
    trip.refresh_from_db(from_queryset=Trip.objects.select_for_update(of=("self",)))
    refuse(problems_of(grant, plan))
    columns = columns_of(grant, plan)
    if plan.traveller.person_id != trip.traveller_id:
        columns = NO_PAPERS | columns
    with kept(PROMISES):
        if trip.state == "planned":
            replan(trip, columns, plan, actor)
        else:
            move(trip, "change", actor=actor, columns=columns, facts=days_in(plan))
    tell_host_of_plan(Trip.objects.get(pk=trip.pk))


def replan(trip: Trip, columns: dict[str, Any], plan: Plan, actor: User) -> None:
    """Write another plan of a trip to which nobody has agreed yet.

    Raises:
        PermissionDenied: the actor neither leads nor travels.
    """
    if not roles_for(trip, actor) & {LEAD, TRAVELLER}:
        raise PermissionDenied
    for name, value in columns.items():
        setattr(trip, name, value)
    trip.save(update_fields=list(columns))
    record(trip, "replan", actor=person_of(actor), after=days_in(plan))


def refuse(found: list[Blocker]) -> None:
    """Raise what stands against something, if anything does.

    Raises:
        RefusedError: something does.
    """
    if found:
        raise RefusedError(found)


def problems_of(grant: Grant, plan: Plan) -> list[Blocker]:
    """Return what stands against a plan, as far as single rows tell."""
    if plan.last < plan.first:
        return [BACKWARDS]
    found = [] if grant.state in RUNNING else [NOT_RUNNING]
    if not (plan.traveller.organisation_id and plan.host.organisation_id):
        found.append(NO_PLACE)
    if plan.traveller.region == plan.host.region:
        found.append(ONE_SIDE)
    if plan.first - today_at(plan.traveller.region) < NOTICE:
        found.append(TOO_SOON)
    return found + wrong_length(grant.decision.application.call, days_of(plan.first, plan.last))


def wrong_length(call: Call, days: int) -> list[Blocker]:
    """Look whether a stay is as long as its call allows."""
    if call.shortest_days <= days <= call.longest_days:
        return []
    words = _("A stay of %(days)s days: this call pays for %(shortest)s to %(longest)s days.")
    facts = {"days": days, "shortest": call.shortest_days, "longest": call.longest_days}
    return [Blocker("trip_length", words % facts)]


def columns_of(grant: Grant, plan: Plan) -> dict[str, Any]:
    """Return the columns of a planned trip; places and sides are those of the application."""
    return {
        "grant_period": grant.period, "period": range_of(plan.first, plan.last),
        "traveller": plan.traveller.person, "host": plan.host.person,
        "home_organisation": plan.traveller.organisation,
        "host_organisation": plan.host.organisation,
        "home_region": plan.traveller.region, "host_region": plan.host.region,
        "purpose": plan.purpose, **plan.papers,
    }  # fmt: skip


def days_in(plan: Plan) -> dict[str, str]:
    """Return the days of a plan for the ledger."""
    return {"first": plan.first.isoformat(), "last": plan.last.isoformat()}


@transaction.atomic
def happen_to_trip(trip: Trip, event: str, *, actor: User, reason: str = "") -> None:
    """Let an event happen to a trip and tell the others of it.

    Raises:
        RefusedError, PermissionDenied, TransitionError: see `move`.
        KeyError: it is none of `EVENTS`.
    """
    words = EVENTS[event]
    columns = {"is_live": False} if event in ("cancel", "miss") else {}
    move(trip, event, actor=actor, reason=reason, columns=columns)
    for person in {trip.traveller, trip.host}:
        if person and person.user_id != actor.pk:
            tell_of_trip(trip, person, words, host=trip.host, traveller=trip.traveller)


@transaction.atomic
def report_trip(trip: Trip, *, actor: User, text: str) -> None:
    """Hand in what came of a trip; host and officer are asked.

    Raises:
        RefusedError, PermissionDenied, TransitionError: see `move`.
    """
    move(trip, "report", actor=actor, columns={"report": text})
    words = gettext_lazy("%(traveller)s reported on the visit: please approve")
    tell_of_trip(trip, trip.host, words, traveller=trip.traveller)


@transaction.atomic
def approve_trip_report(trip: Trip, *, actor: User) -> None:
    """Say for the host or the programme that a report is right; with the second yes it counts.

    Whoever is both says it as the host: the officer's word is another person's.

    Raises:
        PermissionDenied: the actor is neither.
        TransitionError: there is no report to approve.
    """
    trip.refresh_from_db(from_queryset=Trip.objects.select_for_update(of=("self",)))
    roles = roles_for(trip, actor) & {HOST, OFFICER}
    if not roles:
        raise PermissionDenied
    if trip.state != "reported":
        raise TransitionError(f"approve from {trip.state}")
    column = "host_approved_at" if HOST in roles else "officer_approved_at"
    if getattr(trip, column) is None:
        setattr(trip, column, transaction_began())
        trip.save(update_fields=[column])
        record(trip, "approve_part", actor=person_of(actor), after={"by": column.split("_")[0]})
    if trip.host_approved_at and trip.officer_approved_at:
        move(trip, "approve_report", actor=actor)
        words = gettext_lazy("The report of your trip is approved")
        tell_of_trip(trip, trip.traveller, words)


@transaction.atomic
def say_well(trip: Trip, *, actor: User) -> None:
    """Note that the traveller says that all is well.

    Raises:
        PermissionDenied: somebody else says it.
        TransitionError: the trip is not under way.
    """
    if TRAVELLER not in roles_for(trip, actor):
        raise PermissionDenied
    if Trip.objects.filter(pk=trip.pk, state__in=AWAY).update(safe_at=Now()) != 1:
        raise TransitionError(f"check in from {trip.state}")


@transaction.atomic
def save_papers(trip: Trip, *, actor: User, papers: Mapping[str, Any]) -> None:
    """Note visa, insurance, and whom to call if something happens.

    Raises:
        PermissionDenied: the actor neither travels nor leads.
    """
    if not roles_for(trip, actor) & {TRAVELLER, LEAD}:
        raise PermissionDenied
    for name, value in papers.items():
        setattr(trip, name, value)
    trip.save(update_fields=list(papers))
