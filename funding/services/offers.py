"""Offers: what was decided becomes grants; whoever does not answer makes room for the reserve.

Locks are taken in one order: the application first, then its grant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Now

from funding.machines import CHAIR, FUNDER, OFFICER
from funding.models import (
    Application,
    Award,
    Call,
    Decision,
    DecisionAmount,
    Funder,
    Grant,
)
from funding.months import months_later
from funding.permissions import roles_for
from funding.services.allocations import Share, shares_of
from funding.services.grant_notices import tell_of_offer
from funding.services.grant_times import range_of, transaction_began
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.one_by_one import one_by_one
from funding.services.people import person_of
from funding.services.reserve_money import allocate_rest

if TYPE_CHECKING:
    from konnect.accounts.models import User

ANSWER_TIME = timedelta(days=30)
MONTHS = 12
# Calls whose decisions are out.
OUT = ("released", "running")
FREED = {"declined": "The offer was declined.", "lapsed": "The offer was not answered in time."}


@transaction.atomic
def offer_grants(call: Call, *, actor: User | None) -> list[Grant]:
    """Offer a grant for every decision that has none yet; asked twice, nothing is offered twice.

    actor: None means that the portal itself acts.

    Raises:
        PermissionDenied: the actor does not run this call.
    """
    if actor and not roles_for(call, actor) & {OFFICER, FUNDER, CHAIR}:
        raise PermissionDenied
    Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    decisions = Decision.objects.filter(
        application__call=call, application__state="recommended", outcome="funded", grant=None
    )
    rows = decisions.select_related("application__lead__user", "application__call")
    return [offer(decision, actor=actor) for decision in rows.prefetch_related("amounts")]


def offer(decision: Decision, *, actor: User | None) -> Grant:
    """Offer one grant, with an award of each funder that gives money; tell the lead."""
    now = transaction_began()
    application = decision.application
    grant = Grant.objects.create(
        decision=decision, reference=f"KE-{application.call_id}-{application.number:03d}",
        period=period_from(now + ANSWER_TIME), answer_by=now + ANSWER_TIME,
    )  # fmt: skip
    amounts = decision.amounts.all()
    Award.objects.bulk_create(
        Award(grant=grant, funder_id=row.funder_id, amount_minor=row.amount_minor)
        for row in amounts
    )
    facts = {"amounts": {str(row.funder_id): row.amount_minor for row in amounts}}
    record(grant, "offer", actor=person_of(actor) if actor else None, after=facts)
    tell_of_offer(grant)
    return grant


def period_from(day: datetime) -> object:
    """Return a year that begins with the first month after a day."""
    first = months_later(date(day.year, day.month, 1), 1)
    return range_of(first, months_later(first, MONTHS) - timedelta(days=1))


def offer_what_was_released() -> int:
    """Offer what decided calls still owe, should a release have been cut off; return how many."""
    waiting = Decision.objects.filter(
        application__call__state__in=OUT, application__state="recommended", outcome="funded",
        grant=None,
    ).select_related("application__lead__user", "application__call")  # fmt: skip
    return one_by_one(waiting, offer_owed)


def offer_owed(decision: Decision) -> bool:
    """Offer one grant unless somebody has meanwhile."""
    Call.objects.select_for_update(of=("self",)).get(pk=decision.application.call_id)
    if Grant.objects.filter(decision=decision).exists():
        return False
    offer(decision, actor=None)
    return True


def locked(grant: Grant) -> Application:
    """Lock the application of a grant and return it: it comes first, before the grant."""
    rows = Application.objects.select_for_update(of=("self",)).select_related("call")
    return rows.get(decision__grant=grant)


@transaction.atomic
def accept_offer(grant: Grant, *, actor: User) -> None:
    """Take an offer: the application becomes a grant.

    Raises:
        RefusedError, PermissionDenied, TransitionError: see `move`.
    """
    application = locked(grant)
    move(application, "accept_offer", actor=actor)
    move(grant, "accept", actor=actor, columns={"accepted_at": transaction_began()})
    move(application, "become_grant", actor=None)


@transaction.atomic
def decline_offer(grant: Grant, *, actor: User, reason: str = "") -> None:
    """Turn an offer down; its money is there for the reserve.

    Raises:
        RefusedError, PermissionDenied, TransitionError: see `move`.
    """
    application = locked(grant)
    move(application, "decline_offer", actor=actor, reason=reason)
    move(grant, "decline", actor=actor, reason=reason)
    make_room(grant)


def lapse_offers() -> int:
    """Let offers lapse whose date is over; return how many."""
    over = Grant.objects.filter(state="offered", answer_by__lte=Now()).order_by("answer_by")
    return one_by_one(over, lapse)


@transaction.atomic
def lapse(grant: Grant) -> bool:
    """Let one offer lapse unless it was answered meanwhile, and make room for the reserve."""
    application = locked(grant)
    grant.refresh_from_db()
    if grant.state != "offered":
        return False
    move(application, "lapse", actor=None)
    move(grant, "lapse", actor=None)
    make_room(grant)
    return True


def make_room(grant: Grant) -> list[Grant]:
    """Give back what an offer held, and move the reserve up as far as the money goes."""
    free_money(grant.decision, FREED[grant.state])
    return move_up(grant.decision.application.call)


def free_money(decision: Decision, reason: str) -> None:
    """Take the money of a decision back: funded means money, so it is not funded any more."""
    amounts = {str(row.funder_id): row.amount_minor for row in decision.amounts.all()}
    before = {"outcome": decision.outcome, "amounts": amounts}
    decision.amounts.all().delete()
    decision.outcome, decision.reason = "not_funded", reason
    decision.save(update_fields=["outcome", "reason"])
    record(decision, "free_money", actor=None, reason=reason, before=before,
           after={"outcome": decision.outcome})  # fmt: skip


@transaction.atomic
def move_up(call: Call) -> list[Grant]:
    """Offer grants to the reserve, in its order, by the rules of the call, with what is left."""
    reserve = reserve_of(call)
    allocation = allocate_rest(call, reserve)
    funded = set(allocation.funded)
    return [
        fund(decision, shares_of(allocation, decision.pk))
        for decision in reserve
        if decision.pk in funded
    ]


def reserve_of(call: Call) -> list[Decision]:
    """Return the reserve of a call in its order."""
    rows = Decision.objects.filter(
        application__call=call, outcome="reserve", application__state="reserve"
    )
    ordered = rows.order_by("reserve_position", "pk")
    return list(ordered.select_related("application__lead__user", "application__call"))


def fund(decision: Decision, shares: Mapping[str, Share]) -> Grant:
    """Move one application up from the reserve and offer it its grant."""
    before = {"outcome": decision.outcome, "position": decision.reserve_position}
    decision.outcome = "funded"
    decision.save(update_fields=["outcome"])
    funders = dict(Funder.objects.filter(code__in=shares).values_list("code", "pk"))
    for code, share in sorted(shares.items()):
        DecisionAmount.objects.create(
            decision=decision, funder_id=funders[code], amount_minor=share.amount_minor,
            from_gap_pot_minor=share.from_gap_pot_minor,
        )  # fmt: skip
    move(decision.application, "move_up", actor=None)
    shown = {str(funders[code]): share.amount_minor for code, share in sorted(shares.items())}
    record(decision, "move_up", actor=None, before=before,
           after={"outcome": "funded", "amounts": shown})  # fmt: skip
    return offer(decision, actor=None)
