"""Money that came back, over the reserve: by the rules by which the list was funded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Sum

from funding.allocation import Allocation, Funder, Mode, Policy, Project
from funding.exchange import Budgets
from funding.models import Application, Call, Decision, DecisionAmount, FunderCommitment
from funding.services.exchange_rates import exchange_of
from funding.services.rank_inputs import funder_of

NOTHING = Allocation((), (), {}, {}, (), ())


def allocate_rest(call: Call, reserve: Sequence[Decision]) -> Allocation:
    """Return who of the reserve, in its order, is paid with what is left; projects are decisions.

    The budgets of the call are locked until the end of the transaction. Nothing is reckoned where
    money of several currencies would have to pay for each other and the call does not say what a
    euro is in each: that is decided one by one.
    """
    rows = FunderCommitment.objects.select_for_update(of=("self",)).filter(call=call)
    commitments = list(rows.select_related("funder").order_by("pk"))
    exchange = exchange_of(call, commitments)
    if exchange is None:
        return NOTHING
    policy, funders = Policy(call.policy), left_over(call, commitments)
    budgets = Budgets(tuple(funders), policy, Mode(call.pot), exchange)
    return budgets.allocate(payable(reserve, funders, policy))


def left_over(call: Call, commitments: Sequence[FunderCommitment]) -> list[Funder]:
    """Return what each funder has left of its budget, and of what it keeps for gaps."""
    amounts = DecisionAmount.objects.filter(decision__application__call=call)
    used = amounts.values_list("funder").annotate(used=Sum("from_gap_pot_minor"))
    gaps = dict(used.values_list("funder", "used"))
    return [
        rest_of(funder_of(row, call), row.committed_minor, gaps.get(row.funder_id, 0))
        for row in commitments
    ]


def rest_of(funder: Funder, committed: int, from_gap_pot: int) -> Funder:
    """Return a funder with what is left; what was given beyond the budget came from the gap pot."""
    own = funder.budget - (committed - from_gap_pot)
    gap_pot = funder.gap_pot - from_gap_pot + min(own, 0)
    return replace(funder, budget=max(own, 0), gap_pot=max(gap_pot, 0))


def payable(
    reserve: Sequence[Decision], funders: Sequence[Funder], policy: Policy
) -> list[Project]:
    """Return those that ask for money of funders of the call alone; a strict call ends before others."""
    codes, found = {funder.code for funder in funders}, []
    for place, decision in enumerate(reserve, 1):
        costs = costs_of(decision.application)
        if sum(costs.values()) and set(costs) <= codes:
            found.append(Project(decision.pk, place, costs))
        elif policy is Policy.STRICT:
            break
    return found


def costs_of(application: Application) -> dict[str, int]:
    """Return what the submitted version asks of each funder, in its smallest unit of money."""
    costs: Counter[str] = Counter()
    for line in application.counted.content.get("budget", []):
        costs[line["funder"]] += line["amount_minor"]
    return dict(costs)
