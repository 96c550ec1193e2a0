"""Decisions: taken from the list and the money, changed one by one with a reason, taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from funding.machines import CHAIR, DECIDED
from funding.models import (
    Application,
    Call,
    Decision,
    DecisionAmount,
    Funder,
    Outcome,
    RankItem,
    RankList,
)
from funding.permissions import roles_for
from funding.refusing import REASON_MISSING, Blocker, RefusedError
from funding.services.allocations import Proposal, Share, money_of
from funding.services.constraints import check_now, constraint_of
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.panels import hidden_from
from funding.services.people import person_of
from funding.services.rank_lists import frozen_list
from funding.services.undeciding import facts_of, forget_decision

if TYPE_CHECKING:
    from konnect.accounts.models import User

EVENTS = {
    Outcome.FUNDED: "recommend", Outcome.RESERVE: "keep_in_reserve", Outcome.INVITED: "invite",
    Outcome.BELOW_THRESHOLD: "find_below_threshold", Outcome.NOT_FUNDED: "not_fund",
    Outcome.NOT_INVITED: "not_invite",
}  # fmt: skip
# Whoever decides by the list was asked for their role at the call: a recused chair has none at
# the application itself.
AS_CHAIR = frozenset({CHAIR})
ANEW = "The decisions were taken from the list anew."
MOST_RESERVE = 200
NOT_FROZEN = Blocker("not_frozen", _("Freeze the ranked list first: decisions are taken from it."))
NOT_NOW = Blocker("not_with_panel", _("The panel is not deciding about this call now."))
OVER_BUDGET = Blocker("over_budget", _("This is more than a funder has left in this call."))
BELOW = Blocker(
    "below_threshold", _("It misses a threshold: nobody can decide otherwise about it.")
)
NO_MONEY = Blocker("no_money", _("Whoever is funded gets money; nobody else does."))
WRONG_STEP = Blocker(
    "wrong_step", _("Outlines are invited or not; full applications get money or not.")
)
# What the chair can decide by hand; missing a threshold is computed.
BY_HAND = (Outcome.FUNDED, Outcome.RESERVE, Outcome.NOT_FUNDED)
BY_HAND_OF_OUTLINES = (Outcome.INVITED, Outcome.NOT_INVITED)
BUDGET = "commitment_within_budget"
MONEY = ("funded_means_money", "amount_is_money", "amount_of_a_committed_funder")


def deciding_call(call: Call, actor: User) -> tuple[Call, RankList]:
    """Return a call that nobody else decides now, and its frozen list.

    Raises:
        PermissionDenied: somebody else than the chair asks. RefusedError: it is not the time.
    """
    row = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if CHAIR not in roles_for(row, actor):
        raise PermissionDenied
    if row.state != "panel":
        raise RefusedError([NOT_NOW])
    found = frozen_list(row)
    if found is None:
        raise RefusedError([NOT_FROZEN])
    return row, found


def decide_by_list(call: Call, *, actor: User, reserve_places: int = 0) -> int:
    """Take every decision from the frozen list and the money, all or none; return how many.

    Decisions that were taken before are taken back first.

    Raises:
        PermissionDenied, RefusedError: see `deciding_call`; money that cannot be pooled.
    """
    with transaction.atomic(), money_kept():
        row, rank_list = deciding_call(call, actor)
        money = money_of(rank_list)
        if money.blockers:
            raise RefusedError(money.blockers)
        proposals = money.proposals(min(max(reserve_places, 0), MOST_RESERVE))
        applications = {item.application_id: item.application for item in money.items}
        for proposal in proposals:
            take_back(applications[proposal.application], actor, ANEW)
        for proposal in proposals:
            take(applications[proposal.application], proposal, rank_list, actor)
        record(row, "decide_by_list", actor=person_of(actor), after={"decisions": len(proposals)})
    return len(proposals)


def set_decision(
    application: Application, *, actor: User, outcome: str, amounts: Mapping[str, int], reason: str
) -> Decision:
    """Decide about one application otherwise than the list says, with a reason that is kept.

    amounts: by the funder's code, in its smallest unit; of whoever is funded only.

    Raises:
        PermissionDenied, RefusedError: see `deciding_call`; the chair is recused; no reason; more
        than a budget has left; no outcome of this step.
    """
    with transaction.atomic(), money_kept():
        call, rank_list = deciding_call(application.call, actor)
        if application.pk in hidden_from(call, actor):
            raise PermissionDenied
        if not reason.strip():
            raise RefusedError([REASON_MISSING])
        if rank_list.items.filter(application=application, zone=RankItem.Zone.BELOW).exists():
            raise RefusedError([BELOW])
        if outcome not in by_hand(call):
            raise RefusedError([WRONG_STEP])
        shares = {code: Share(amount) for code, amount in amounts.items() if amount}
        if bool(shares) != (outcome == Outcome.FUNDED):
            raise RefusedError([NO_MONEY])
        place = next_reserve(call, application) if outcome == Outcome.RESERVE else None
        take_back(application, actor, reason)
        proposal = Proposal(application.pk, outcome, shares, place)
        return take(application, proposal, rank_list, actor, reason.strip())


def by_hand(call: Call) -> tuple[Outcome, ...]:
    """Return what the chair can decide by hand about an application to a call."""
    return BY_HAND_OF_OUTLINES if call.is_outline else BY_HAND


@contextmanager
def money_kept() -> Iterator[None]:
    """Say in words what the database says of money: inside a transaction, asked at once.

    Raises:
        RefusedError: a budget would be exceeded, or money and outcome do not fit.
    """
    try:
        yield
        check_now("funded_means_money", "money_means_funded")
    except IntegrityError as error:
        name = constraint_of(error)
        if name == BUDGET:
            raise RefusedError([OVER_BUDGET]) from error
        if name in MONEY:
            raise RefusedError([NO_MONEY]) from error
        raise


def next_reserve(call: Call, application: Application) -> int:
    """Return the next place on the reserve list."""
    rows = Decision.objects.filter(application__call=call, outcome=Outcome.RESERVE)
    places = rows.exclude(application=application).values_list("reserve_position", flat=True)
    return max((place or 0 for place in places), default=0) + 1


def take_back(application: Application, actor: User, reason: str) -> None:
    """Take a decision back, if there is one: the money is free again, the ledger keeps both."""
    application.refresh_from_db(from_queryset=Application.objects.select_for_update(of=("self",)))
    if application.state in DECIDED:
        move(application, "revert", actor=actor, reason=reason, known_roles=AS_CHAIR)
    forget_decision(application, actor=actor, reason=reason)


def take(
    application: Application,
    proposal: Proposal,
    rank_list: RankList,
    actor: User,
    reason: str = "",
) -> Decision:
    """Write a decision with its money, and move the application."""
    decision = Decision.objects.create(
        application=application, rank_list=rank_list, outcome=proposal.outcome,
        reserve_position=proposal.reserve_position, reason=reason, decided_by=actor,
    )  # fmt: skip
    funders = {each.code: each for each in Funder.objects.filter(code__in=proposal.shares)}
    for code, share in sorted(proposal.shares.items()):
        DecisionAmount.objects.create(
            decision=decision,
            funder=funders[code],
            amount_minor=share.amount_minor,
            from_gap_pot_minor=share.from_gap_pot_minor,
        )
    move(application, EVENTS[Outcome(proposal.outcome)], actor=actor, reason=reason[:500],
         facts=facts_of(decision), known_roles=AS_CHAIR)  # fmt: skip
    return decision
