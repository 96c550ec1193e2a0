"""Who is funded by whom and what blocks whom, in words, as this reader may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from funding.allocation import Blocked
from funding.inviting import TIMES
from funding.models import (
    Application,
    Call,
    Decision,
    FunderCommitment,
    Outcome,
    RankItem,
    RankList,
)
from funding.money import money_words
from funding.refusing import Blocker
from funding.services.allocations import Money, money_of
from funding.services.exchange_rates import rates_in_words
from funding.services.letters import amount_words
from funding.services.panels import hidden_from

if TYPE_CHECKING:
    from konnect.accounts.models import User


@dataclass(frozen=True)
class Budget:
    """What a funder has, what the list would spend of it, and what is decided already."""

    name: str
    total: str
    spent: str
    left: str
    percent: int
    decided: str


@dataclass(frozen=True)
class MoneyLine:
    """One application: what is asked, whether the money reaches it, what blocks it, what is decided."""

    item: RankItem
    application: Application
    asked: list[str]
    is_funded: bool
    blocked: list[str]
    until: list[str]
    decision: Decision | None
    amounts: list[str]


@dataclass(frozen=True)
class MoneyPage:
    """The page about money."""

    budgets: list[Budget]
    lines: list[MoneyLine]
    top_up: list[str]
    blockers: list[Blocker]
    # By what money of several currencies is counted, if it is.
    rates: list[str]
    # Of outlines: whose money those who are invited ask too little of.
    too_little: list[str]


def money_page(call: Call, user: User, rank_list: RankList) -> MoneyPage:
    """Return money over a frozen list in words; a fixed number of queries."""
    money = money_of(rank_list)
    hidden = hidden_from(call, user)
    decisions = {
        each.application_id: each
        for each in Decision.objects.filter(application__call=call)
        .prefetch_related("amounts__funder")
    }  # fmt: skip
    lines = [
        line_of(money, item, decisions.get(item.application_id))
        for item in money.items
        if item.application_id not in hidden
    ]
    is_reckoned = not money.blockers and not call.is_outline
    top_up = [money.words(*each) for each in money.top_up.items()] if is_reckoned else []
    commitments = list(call.commitments.select_related("funder"))
    budgets = budgets_of(commitments, money)
    rates = list(dict.fromkeys(rates_in_words(call, commitments).values()))
    too_little = [money.name_of(each) for each in money.too_little(invited_in(money, decisions))]
    return MoneyPage(budgets, lines, top_up, money.blockers, rates, too_little)


def invited_in(money: Money, decisions: dict[int, Decision]) -> set[int]:
    """Return the outlines that are invited as it is decided, or else as the list has it."""
    if not decisions:
        return set() if money.blockers else set(money.allocation.funded)
    return {pk for pk, each in decisions.items() if each.outcome == Outcome.INVITED}


def line_of(money: Money, item: RankItem, decision: Decision | None) -> MoneyLine:
    """Return one application."""
    pk = item.application_id
    asked = {each.application: each.costs for each in money.inputs.entries}[pk]
    is_reckoned = not money.blockers and item.zone != RankItem.Zone.BELOW
    row = money.rows[pk] if is_reckoned else None
    amounts = decision.amounts.all() if decision else []
    return MoneyLine(
        item, item.application, [money.words(*each) for each in asked.items()],
        bool(row and row.is_funded), in_words(money, row.missing if row else ()),
        [money.words(*each) for each in row.until.items()] if row and not row.is_funded else [],
        decision, [f"{each.funder}: {amount_words(each)}" for each in amounts],
    )  # fmt: skip


def in_words(money: Money, missing: Iterable[Blocked]) -> list[str]:
    """Return what is missing at whom."""
    return [money.words(each.funder, each.missing) for each in missing]


def budgets_of(commitments: list[FunderCommitment], money: Money) -> list[Budget]:
    """Return the funders with what the list would spend."""
    paid = {} if money.blockers else money.allocation.paid
    times = TIMES if money.rank_list.call.is_outline else 1
    found = []
    for row in commitments:
        spent, currency = paid.get(row.funder.code, 0), row.currency
        total = times * row.budget_minor
        percent = round(100 * spent / total) if total else 0
        total_words, spent_words, left, decided = (
            money_words(each, currency)
            for each in (total, spent, total - spent, row.committed_minor)
        )
        found.append(Budget(str(row.funder), total_words, spent_words, left, percent, decided))
    return found
