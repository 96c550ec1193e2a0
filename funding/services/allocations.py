"""Money over the frozen list: who is funded by whom, who is blocked by what, what one more costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from funding.allocation import POT, Allocation, Blocked, Mode, Project, Row
from funding.inviting import TIMES, too_few
from funding.models import Application, Funder, Outcome, RankItem, RankList
from funding.money import money_words
from funding.refusing import Blocker
from funding.services.exchange_rates import EURO
from funding.services.rank_inputs import LISTED, Inputs, inputs_of

CURRENCIES = Blocker(
    "currencies",
    _("The common pot has several currencies, and the call does not say what a euro is in each:"
      " decide one by one."),
)  # fmt: skip


@dataclass(frozen=True)
class Share:
    """What one funder pays for one application, and how much of it from the gap pot."""

    amount_minor: int
    from_gap_pot_minor: int = 0


@dataclass(frozen=True)
class Proposal:
    """What the rules of the call make of the list: an outcome for every application."""

    application: int
    outcome: str
    shares: Mapping[str, Share]
    reserve_position: int | None = None


@dataclass
class Money:
    """The list of a call with the budgets of its funders."""

    rank_list: RankList
    inputs: Inputs

    @cached_property
    def items(self) -> list[RankItem]:
        """The places of applications that were not withdrawn, the best first."""
        rows = self.rank_list.items.order_by("position").select_related("application__call")
        rows = rows.prefetch_related("application__redactions")
        return [each for each in rows if each.application.state in LISTED]

    @cached_property
    def projects(self) -> list[Project]:
        """What each application above the thresholds costs whom, at its place."""
        costs = {entry.application: entry.costs for entry in self.inputs.entries}
        return [
            Project(item.application_id, item.position, costs[item.application_id])
            for item in self.items
            if item.zone != RankItem.Zone.BELOW
        ]

    @property
    def blockers(self) -> list[Blocker]:
        """Why nothing can be computed."""
        return [CURRENCIES] if self.inputs.lacks_rates else []

    @cached_property
    def allocation(self) -> Allocation:
        """Who is funded by whom."""
        return self.inputs.budgets.allocate(self.projects)

    @cached_property
    def rows(self) -> dict[int, Row]:
        """What one more costs, by application."""
        return {row.project: row for row in self.inputs.budgets.marginal_table(self.projects)}

    @cached_property
    def top_up(self) -> dict[str, int]:
        """The smallest extra money with which the next application is funded."""
        return self.inputs.budgets.cheapest_top_up(self.projects)

    def too_little(self, invited: Collection[int]) -> list[str]:
        """Return whose money the invited outlines ask too little of, though others would ask more.

        By the funders' codes; POT where all money is one.
        """
        if self.blockers or not self.rank_list.call.is_outline:
            return []
        budgets = self.inputs.budgets
        projects, funders = (
            budgets.exchange.projects(self.projects),
            budgets.exchange.funders(budgets.funders),
        )
        money = {each.code: (each.budget + each.gap_pot) // TIMES for each in funders}
        if budgets.mode == Mode.REAL:
            projects = [replace(each, costs={POT: sum(each.costs.values())}) for each in projects]
            money = {POT: sum(money.values())}
        return too_few(projects, invited, money)

    @cached_property
    def blocked(self) -> dict[int, list[Blocked]]:
        """What each application was short of at its turn."""
        found: dict[int, list[Blocked]] = {}
        for each in self.allocation.blocked:
            found.setdefault(each.project, []).append(each)
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """The funders' names by code, in the reader's language."""
        rows = Funder.objects.filter(code__in=self.inputs.currencies)
        return {each.code: str(each) for each in rows}

    def words(self, funder: str, amount: int) -> str:
        """Return who and how much in words; the pot's in its one currency, or in euros."""
        known = self.inputs.currencies
        pots = set(known.values()) if len(set(known.values())) == 1 else {EURO}
        currency = known.get(funder) or pots.pop()
        return f"{self.name_of(funder)}: {money_words(amount, currency)}"

    def name_of(self, funder: str) -> str:
        """Return a funder's name, or that of the common pot."""
        return str(_("common pot")) if funder == POT else self.names[funder]

    def shares(self, application: int) -> dict[str, Share]:
        """Return what each funder pays for one application."""
        return shares_of(self.allocation, application)

    def proposals(self, reserve_places: int) -> list[Proposal]:
        """Return an outcome for every application.

        reserve_places: so many of those that are good enough but not funded, the best first, are
        kept in reserve. Outlines get no money and no reserve: those in its reach are invited.
        """
        funded, found, reserve = set(self.allocation.funded), [], 0
        invites = self.rank_list.call.is_outline
        for item in self.items:
            pk = item.application_id
            if item.zone == RankItem.Zone.BELOW:
                found.append(Proposal(pk, Outcome.BELOW_THRESHOLD, {}))
            elif invites:
                outcome = Outcome.INVITED if pk in funded else Outcome.NOT_INVITED
                found.append(Proposal(pk, outcome, {}))
            elif pk in funded and self.shares(pk):
                found.append(Proposal(pk, Outcome.FUNDED, self.shares(pk)))
            elif reserve < reserve_places:
                reserve += 1
                found.append(Proposal(pk, Outcome.RESERVE, {}, reserve))
            else:
                found.append(Proposal(pk, Outcome.NOT_FUNDED, {}))
        return found


def shares_of(allocation: Allocation, project: int) -> dict[str, Share]:
    """Return what each funder pays for one project of an allocation."""
    found: dict[str, Share] = {}
    for each in allocation.shares:
        if each.project == project:
            before = found.get(each.payer, Share(0))
            found[each.payer] = Share(
                before.amount_minor + each.amount,
                before.from_gap_pot_minor + (each.amount if each.is_gap else 0),
            )
    return found


def money_of(rank_list: RankList) -> Money:
    """Return the list of a call with what it costs whom."""
    return Money(rank_list, inputs_of(rank_list.call, LISTED))


def asked_of(application: Application, inputs: Inputs) -> Mapping[str, int]:
    """Return what an application asks of whom, by the funder's code."""
    found = {entry.application: entry.costs for entry in inputs.entries}
    return found.get(application.pk, {})


def within_money(rank_list: RankList) -> list[int]:
    """Return the applications that the money reaches by the rules of the call, the best first.

    Kept when a list is frozen: later some have left, and those that are left would get more.
    """
    money = money_of(rank_list)
    return [] if money.blockers else list(money.allocation.funded)
