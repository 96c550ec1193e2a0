"""Money of several currencies in one pot: converted at rates that the call promised, and back.

An allocation needs one unit. The common one is a part of a euro so small that the smallest unit of
every funder is a whole number of it; so an amount in is exact, and what its own funder pays comes
back as it was. What comes out is rounded down to each payer's own smallest unit: nobody pays more
than a budget, and of what somebody else pays, less than one smallest unit is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import lcm

from funding.allocation import (
    Allocation,
    Blocked,
    Funder,
    Mode,
    Policy,
    Project,
    Row,
    allocate,
    cheapest_top_up,
    marginal_table,
)


@dataclass(frozen=True)
class Exchange:
    """What a euro is in each funder's smallest unit: 100 for cents, 1,480.5 for won.

    Whoever is not listed has the common unit already.
    """

    per_euro: Mapping[str, Fraction]

    @cached_property
    def parts(self) -> dict[str, int]:
        """How many common units make up the smallest unit of each funder."""
        to_euro = lcm(*(rate.numerator for rate in self.per_euro.values()))
        return {
            code: to_euro // rate.numerator * rate.denominator
            for code, rate in self.per_euro.items()
        }

    def common(self, amount: int, funder: str) -> int:
        """Return an amount of a funder in the common unit."""
        return amount * self.parts.get(funder, 1)

    def own(self, amount: int, funder: str) -> int:
        """Return an amount in the common unit as a funder's own, rounded down."""
        return amount // self.parts.get(funder, 1)

    def needed(self, amount: int, funder: str) -> int:
        """Return what a funder has to give so that an amount is there: rounded up."""
        return -(-amount // self.parts.get(funder, 1))

    def funders(self, funders: Iterable[Funder]) -> list[Funder]:
        """Return budgets in the common unit."""
        return [
            replace(each, budget=self.common(each.budget, each.code),
                    gap_pot=self.common(each.gap_pot, each.code))
            for each in funders
        ]  # fmt: skip

    def projects(self, projects: Iterable[Project]) -> list[Project]:
        """Return what projects cost in the common unit."""
        return [
            replace(each, costs={code: self.common(cost, code) for code, cost in each.costs.items()})
            for each in projects
        ]  # fmt: skip

    def blocked(self, blocked: Iterable[Blocked]) -> tuple[Blocked, ...]:
        """Return what is missing in each funder's own unit."""
        return tuple(
            replace(each, missing=self.needed(each.missing, each.funder)) for each in blocked
        )

    def amounts(self, missing: Mapping[str, int]) -> dict[str, int]:
        """Return what is missing by funder, in each one's own unit."""
        return {code: self.needed(amount, code) for code, amount in missing.items()}

    def allocation(self, found: Allocation) -> Allocation:
        """Return an allocation in each payer's own unit."""
        shares = (replace(each, amount=self.own(each.amount, each.payer)) for each in found.shares)
        return replace(
            found, shares=tuple(each for each in shares if each.amount),
            left={code: self.own(rest, code) for code, rest in found.left.items()},
            gap_left={code: self.own(rest, code) for code, rest in found.gap_left.items()},
            blocked=self.blocked(found.blocked),
        )  # fmt: skip


# One currency: all amounts are what they are.
SAME = Exchange({})


@dataclass(frozen=True)
class Budgets:
    """The money of a call: whose, by which rules, and how its currencies become one."""

    funders: tuple[Funder, ...]
    policy: Policy
    mode: Mode
    exchange: Exchange = SAME

    def allocate(self, projects: Sequence[Project]) -> Allocation:
        """Return who is funded, as `funding.allocation.allocate`, in each funder's own unit."""
        return self.exchange.allocation(allocate(*self._common(projects)))

    def cheapest_top_up(self, projects: Sequence[Project]) -> dict[str, int]:
        """Return the smallest extra money with which the next project is funded."""
        return self.exchange.amounts(cheapest_top_up(*self._common(projects)))

    def marginal_table(self, projects: Sequence[Project]) -> tuple[Row, ...]:
        """Return a row a position: who blocks, what one more would cost, everything until here."""
        exchange = self.exchange
        return tuple(
            replace(row, missing=exchange.blocked(row.missing), until=exchange.amounts(row.until))
            for row in marginal_table(*self._common(projects))
        )

    def _common(
        self, projects: Sequence[Project]
    ) -> tuple[list[Project], list[Funder], Policy, Mode]:
        exchange = self.exchange
        return exchange.projects(projects), exchange.funders(self.funders), self.policy, self.mode
