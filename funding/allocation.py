"""Money over one ranking and the budgets of several funders, in whole minor units.

Virtual pot: each funder pays its own side of a project, and no more than its budget. Real pot: all
budgets are one. Mixed pot: each pays its own side, and common money kept for gaps pays what a
funder is short of (ERA-LEARN, "Mixed mode"; keeping 40 to 75 per cent of the common money for gaps
"has proven reasonable"). Where money is pooled or fills gaps, all amounts are in one currency:
nothing is converted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# Stands for a funder where the common money is what is missing.
POT = "pot"
# Per cent of the common money.
USUAL_GAP_SHARE = (40, 75)


class Policy(StrEnum):
    """What happens at a project for which money is missing."""

    # Nothing after it is funded.
    STRICT = "strict"
    # It is passed over, and the next may be funded.
    SKIP = "skip"
    # The gap pot pays what is missing as long as it lasts; then it is passed over.
    MIXED = "mixed"


class Mode(StrEnum):
    """Whose money may pay what."""

    VIRTUAL = "virtual"
    REAL = "real"
    MIXED = "mixed"


@dataclass(frozen=True)
class Funder:
    """One budget, and what it gives to the gap pot besides; minor units of its currency."""

    code: str
    budget: int
    gap_pot: int = 0


@dataclass(frozen=True)
class Project:
    """A project at a position of the ranking, and what it costs each funder; minor units."""

    id: Any
    position: int
    costs: Mapping[str, int]


@dataclass(frozen=True)
class Blocked:
    """What a project is short of, and at which funder; POT where money is pooled."""

    project: Any
    funder: str
    missing: int


@dataclass(frozen=True)
class Share:
    """One amount of a funded project: on whose side it arises, who pays it, and from what."""

    project: Any
    funder: str
    payer: str
    amount: int
    is_gap: bool


@dataclass(frozen=True)
class Allocation:
    """Who is funded, in the order of the ranking, by whom, what is left, and who is blocked.

    blocked: by the money left at its turn; projects after the first blocked one of a strict
    allocation were never asked about: they are `unreached`.
    """

    funded: tuple[Any, ...]
    shares: tuple[Share, ...]
    left: Mapping[str, int]
    gap_left: Mapping[str, int]
    blocked: tuple[Blocked, ...]
    unreached: tuple[Any, ...]

    @property
    def paid(self) -> dict[str, int]:
        """What each funder pays, gap money included."""
        return self._sums(share for share in self.shares)

    @property
    def gap_paid(self) -> dict[str, int]:
        """What each funder pays of gap money."""
        return self._sums(share for share in self.shares if share.is_gap)

    def _sums(self, shares: Iterable[Share]) -> dict[str, int]:
        sums = dict.fromkeys(self.left, 0)
        for share in shares:
            sums[share.payer] += share.amount
        return sums


@dataclass(frozen=True)
class Row:
    """A position: whether it is funded, what it lacked at its turn, and the way there.

    missing: what one more project would cost, were only this one added to what is funded above.
    until: the smallest extra money with which everything down to here is funded.
    """

    position: int
    project: Any
    is_funded: bool
    missing: tuple[Blocked, ...]
    until: Mapping[str, int]


def allocate(
    projects: Sequence[Project],
    funders: Sequence[Funder],
    policy: Policy,
    mode: Mode = Mode.VIRTUAL,
) -> Allocation:
    """Return who is funded, from the best position on.

    The policy MIXED is SKIP with the mode MIXED. Raises ValueError for amounts below 0, for
    funders that are unknown, and for a project, a position or a funder that is there twice.
    """
    purse = _Purse(funders, _mode(policy, mode))
    funded: list[Any] = []
    blocked: list[Blocked] = []
    queue = _checked(projects, funders)
    for place, project in enumerate(queue):
        missing = purse.missing(project)
        blocked += missing
        if missing and policy is Policy.STRICT:
            rest = tuple(one.id for one in queue[place + 1 :])
            return purse.allocation(funded, blocked, rest)
        if not missing:
            purse.pay(project)
            funded.append(project.id)
    return purse.allocation(funded, blocked, ())


def cheapest_top_up(
    projects: Sequence[Project],
    funders: Sequence[Funder],
    policy: Policy,
    mode: Mode = Mode.VIRTUAL,
    *,
    until: int | None = None,
) -> dict[str, int]:
    """Return the smallest extra budget of each funder with which the next project is funded.

    The next is the first that is blocked; with `until`, everything down to that position. Empty if
    nothing is missing. In a virtual pot no funder could give less. In a mixed one the gap pot
    pays first, for funders in their order, and the sum could not be less; in a real one it is asked
    of POT. What was funded further down may then lack money. Raises ValueError as `allocate` does, and for a position that nobody has.
    """
    queue = _checked(projects, funders)
    if until is None:
        blocked = allocate(projects, funders, policy, mode).blocked
        if not blocked:
            return {}
        until = next(one.position for one in queue if one.id == blocked[0].project)
    if until not in {one.position for one in queue}:
        raise ValueError(f"nothing is at position {until}")
    upper = [one for one in queue if one.position <= until]
    return _top_up(upper, funders, _mode(policy, mode))


def marginal_table(
    projects: Sequence[Project],
    funders: Sequence[Funder],
    policy: Policy,
    mode: Mode = Mode.VIRTUAL,
) -> tuple[Row, ...]:
    """Return a row a position: who blocks, what one more would cost, and everything until here."""
    allocation = allocate(projects, funders, policy, mode)
    funded, money = set(allocation.funded), _mode(policy, mode)
    queue, purse = _checked(projects, funders), _Purse(funders, money)
    rows = []
    for place, project in enumerate(queue, 1):
        missing = () if project.id in funded else tuple(purse.missing(project))
        if project.id in funded:
            purse.pay(project)
        until = _top_up(queue[:place], funders, money)
        rows.append(Row(project.position, project.id, project.id in funded, missing, until))
    return tuple(rows)


def is_usual_gap_share(gap_pot: int, common: int) -> bool:
    """Tell whether a gap pot is 40 to 75 per cent of the common money, both in minor units."""
    least, most = USUAL_GAP_SHARE
    return least * common <= 100 * gap_pot <= most * common


def reserve(common: int, funders: Sequence[Funder], percent: int) -> tuple[int, dict[str, int]]:
    """Split common money: the gap pot, rounded down, and the rest for funders by their budgets.

    Largest remainders get what is left over, the first funder first; the sum is exact. Raises
    ValueError for a share that is none, or if there is a rest and nobody has a budget.
    """
    if common < 0 or not 0 <= percent <= 100:
        raise ValueError("common money and its share cannot be negative, nor a share above 100")
    gap_pot, total = common * percent // 100, sum(funder.budget for funder in funders)
    rest = common - gap_pot
    if rest and not total:
        raise ValueError("nobody has a budget to share the rest by")
    parts = {funder.code: rest * funder.budget // max(total, 1) for funder in funders}
    by_remainder = sorted(funders, key=lambda one: -(rest * one.budget % max(total, 1)))
    for funder in by_remainder[: rest - sum(parts.values())]:
        parts[funder.code] += 1
    return gap_pot, parts


class _Purse:
    """The money that is left while projects are funded one after the other."""

    def __init__(self, funders: Sequence[Funder], mode: Mode) -> None:
        self.mode = mode
        self.left = {funder.code: funder.budget for funder in funders}
        self.gap_left = {funder.code: funder.gap_pot for funder in funders}
        self.shares: list[Share] = []

    def missing(self, project: Project) -> list[Blocked]:
        """Return what the project is short of now."""
        if self.mode is Mode.REAL:
            short = sum(project.costs.values()) - sum(self.left.values())
            return [Blocked(project.id, POT, short)] if short > 0 else []
        short_of = {code: project.costs.get(code, 0) - has for code, has in self.left.items()}
        blocked = [Blocked(project.id, code, by) for code, by in short_of.items() if by > 0]
        if self.mode is Mode.MIXED:
            return _after_gap_pot(blocked, sum(self.gap_left.values()))
        return blocked

    def pay(self, project: Project) -> None:
        """Take what the project costs: first from each side's own budget, then as the mode says."""
        rests = {
            code: self._take(project, code, [code], cost, is_gap=False)
            for code, cost in project.costs.items()
        }
        for code, rest in rests.items():
            others = [code, *(other for other in self.left if other != code)]
            self._take(project, code, others, rest, is_gap=self.mode is Mode.MIXED)

    def _take(
        self, project: Project, funder: str, payers: Iterable[str], amount: int, *, is_gap: bool
    ) -> int:
        """Take an amount from payers in turn; return what they could not pay."""
        purse = self.gap_left if is_gap else self.left
        for payer in payers:
            part = min(amount, purse[payer])
            if part:
                purse[payer] -= part
                amount -= part
                self.shares.append(Share(project.id, funder, payer, part, is_gap))
        return amount

    def allocation(
        self, funded: Iterable[Any], blocked: Iterable[Blocked], unreached: tuple[Any, ...]
    ) -> Allocation:
        """Return what came of it."""
        shares = tuple(self.shares)
        return Allocation(
            tuple(funded), shares, self.left, self.gap_left, tuple(blocked), unreached
        )


def _mode(policy: Policy, mode: Mode) -> Mode:
    return Mode.MIXED if policy is Policy.MIXED else mode


def _after_gap_pot(blocked: Iterable[Blocked], pot: int) -> list[Blocked]:
    """Return what is missing after the gap pot has paid, for funders in their order."""
    rest = []
    for one in blocked:
        paid = min(one.missing, pot)
        pot -= paid
        if paid < one.missing:
            rest.append(Blocked(one.project, one.funder, one.missing - paid))
    return rest


def _top_up(upper: Sequence[Project], funders: Sequence[Funder], mode: Mode) -> dict[str, int]:
    """Return what is missing to fund all these projects together."""
    costs: Counter[str] = Counter()
    for project in upper:
        costs.update(project.costs)
    together = Project(None, 0, costs)
    return {one.funder: one.missing for one in _Purse(funders, mode).missing(together)}


def _checked(projects: Sequence[Project], funders: Sequence[Funder]) -> list[Project]:
    """Return the projects from the best position on; raises ValueError for what makes no sense."""
    codes = [funder.code for funder in funders]
    for what, values in (
        ("a project", [project.id for project in projects]),
        ("a position", [project.position for project in projects]),
        ("a funder", codes),
    ):
        if len(set(values)) != len(values):
            raise ValueError(f"{what} is there twice")
    if any(min(funder.budget, funder.gap_pot) < 0 for funder in funders):
        raise ValueError("a budget is below 0")
    for project in projects:
        if unknown := set(project.costs) - set(codes):
            raise ValueError(f"{project.id} costs an unknown funder: {', '.join(sorted(unknown))}")
        if min(project.costs.values(), default=0) < 0:
            raise ValueError(f"{project.id} costs less than nothing")
    return sorted(projects, key=lambda project: project.position)
