"""Grants: who may read which, what happens to them, and what they cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from funding.applying import OF_THE_TEXT, seats_of
from funding.machines import OFFICER
from funding.models import FunderOfficer, Grant, GrantAmendment
from funding.permissions import programmes_run_by, roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.constraints import kept
from funding.services.follow_ups import schedule_follow_ups
from funding.services.grant_notices import tell_of_state
from funding.services.grant_times import (
    first_day,
    last_day,
    range_of,
    today_everywhere,
    transaction_began,
)
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.one_by_one import one_by_one
from funding.services.people import person_of
from funding.services.report_rounds import schedule_reports

if TYPE_CHECKING:
    from konnect.accounts.models import User

AMENDABLE = ("accepted", "active", "suspended")
NOT_AMENDABLE = Blocker("grant_not_amendable", _("Only a grant that runs can be amended."))
TRIPS_OUTSIDE = Blocker(
    "trips_outside", _("A trip would lie outside of the new dates: change or cancel it first.")
)
NO_DAYS = Blocker("grant_without_days", _("A grant ends after it begins."))


def grants_visible_to(user: User) -> QuerySet[Grant]:
    """Return the grants that somebody leads, is the partner of, runs, pays, or judges afterwards.

    Hosts and travellers see their own trips, and hosts their own statement: not the grant.
    """
    seats = seats_of(user).filter(role__in=OF_THE_TEXT)
    mine = (
        Q(decision__application__lead__user=user)
        | Q(decision__application__in=seats.values("application"))
        | Q(decision__application__call__programme__in=programmes_run_by(user))
        | Q(awards__funder__in=FunderOfficer.objects.filter(user=user).values("funder"))
        | Q(follow_ups__judged_by__user=user)
    )
    return Grant.objects.filter(pk__in=Grant.objects.filter(mine).values("pk"))


def with_project(rows: QuerySet[Grant]) -> QuerySet[Grant]:
    """Fetch what lists and pages say of grants: the application, its call and its lead."""
    return rows.select_related(
        "decision__application__call__programme", "decision__application__lead__user"
    ).prefetch_related("awards__funder")


@transaction.atomic
def happen(grant: Grant, event: str, *, actor: User | None, reason: str = "") -> None:
    """Let an event of the table happen to a grant, with what it causes; tell the lead.

    Offers are answered by `offers.accept_offer` and `offers.decline_offer`.

    Raises:
        RefusedError, PermissionDenied, TransitionError: see `move`.
        KeyError: it is no event of a running grant.
    """
    effect = EFFECTS[event]
    columns = {"completed_at": transaction_began()} if event == "complete" else {}
    move(grant, event, actor=actor, reason=reason, columns=columns)
    effect(grant)
    tell_of_state(grant)


def nothing(grant: Grant) -> None:
    """Cause nothing."""


EFFECTS: Mapping[str, Callable[[Grant], None]] = {
    "start": schedule_reports, "suspend": nothing, "resume": nothing, "terminate": nothing,
    "complete": schedule_follow_ups, "close": nothing,
}  # fmt: skip


def start_due_grants() -> int:
    """Start accepted grants whose first day has come; return how many."""
    due = Grant.objects.filter(state="accepted", period__startswith__lte=today_everywhere())
    return one_by_one(due, partial(happen, event="start", actor=None))


@transaction.atomic
def amend_grant(
    grant: Grant, *, actor: User, text: str, first: date, last: date, note: str
) -> GrantAmendment:
    """Change the days or the conditions of a grant; the amendment says what and why.

    Due dates of reports stay: an extension moves them, one by one.

    Raises:
        PermissionDenied: the actor is not its programme officer.
        RefusedError: it does not run, or a trip would lie outside of the new days.
    """
    grant = Grant.objects.select_for_update().get(pk=grant.pk)
    if OFFICER not in roles_for(grant, actor):
        raise PermissionDenied
    if grant.state not in AMENDABLE:
        raise RefusedError([NOT_AMENDABLE])
    if last < first:
        raise RefusedError([NO_DAYS])
    before = facts_of(grant)
    grant.period, grant.note = range_of(first, last), note
    save_days(grant)
    after = facts_of(grant)
    number = (grant.amendments.aggregate(last=Max("number"))["last"] or 0) + 1
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    amendment = GrantAmendment.objects.create(
        grant=grant, number=number, text=text, columns=changed, made_by=actor
    )
    days = {name: [before[name], after[name]] for name in ("first", "last")}
    record(grant, "amend", actor=person_of(actor), reason=text, after=days | {"number": number})
    tell_of_state(grant)
    return amendment


def save_days(grant: Grant) -> None:
    """Write the days of a grant; its trips follow, and the database keeps them inside.

    Raises:
        RefusedError: a trip would lie outside.
    """
    with kept({"trip_within_the_grant": TRIPS_OUTSIDE}):
        grant.save(update_fields=["period", "note"])


def facts_of(grant: Grant) -> dict[str, Any]:
    """Return what an amendment may change, as JSON has it."""
    return {
        "first": first_day(grant.period).isoformat(), "last": last_day(grant.period).isoformat(),
        "note": grant.note,
    }  # fmt: skip
