"""What a consortium still lacks: countries, sides, roles, kinds of organisation.

Pure: members come in as values and gaps go out as values. The rule of three: independent
organisations of at least three countries that are member states or associated, one of them a
member state (Horizon Europe Regulation, article 22).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

COUNTRIES_NEEDED = 3
ACADEMIC = frozenset({"education", "facility", "healthcare", "archive"})


class GapCode(StrEnum):
    """What can be missing."""

    COUNTRIES = "countries"
    MEMBER_STATE = "member_state"
    EUROPE = "europe"
    KOREA = "korea"
    COORDINATOR = "coordinator"
    ROLE = "role"
    ACADEMIC = "academic"
    COMPANY = "company"
    SMALL = "small"


# What the rules ask for; the rest only makes a consortium better.
REQUIRED = frozenset({GapCode.COUNTRIES, GapCode.MEMBER_STATE, GapCode.COORDINATOR})


@dataclass(frozen=True)
class Member:
    """Somebody who is in: country, side, kind of organisation, role ('' when open)."""

    country_code: str
    side: str
    type: str
    is_small: bool = False
    role: str = ""


@dataclass(frozen=True)
class Rules:
    """What the call asks for.

    counting: countries that count among the three, empty when the call has no such rule;
    member_states: those of them that are member states; roles: what is sought.
    """

    counting: frozenset[str] = frozenset()
    member_states: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """One thing that is missing: how many of it, and which role."""

    code: GapCode
    number: int = 1
    role: str = ""

    @property
    def is_required(self) -> bool:
        """Whether the call's rules ask for it."""
        return self.code in REQUIRED


def gaps(members: Sequence[Member], rules: Rules) -> list[Gap]:
    """Return everything that is missing, what the rules ask for first."""
    found = [
        *country_gaps(members, rules), *side_gaps(members), *role_gaps(members, rules.roles),
        *mix_gaps(members),
    ]  # fmt: skip
    return sorted(found, key=lambda gap: not gap.is_required)


def country_gaps(members: Sequence[Member], rules: Rules) -> Iterable[Gap]:
    """Look at the rule of three."""
    if not rules.counting:
        return
    there = {member.country_code for member in members} & rules.counting
    if len(there) < COUNTRIES_NEEDED:
        yield Gap(GapCode.COUNTRIES, COUNTRIES_NEEDED - len(there))
    if not there & rules.member_states:
        yield Gap(GapCode.MEMBER_STATE)


def side_gaps(members: Sequence[Member]) -> Iterable[Gap]:
    """Look at the two sides, which this portal is about."""
    sides = {member.side for member in members}
    if "europe" not in sides:
        yield Gap(GapCode.EUROPE)
    if "korea" not in sides:
        yield Gap(GapCode.KOREA)


def role_gaps(members: Sequence[Member], roles: Sequence[str]) -> Iterable[Gap]:
    """Look at who leads, and at the roles that are sought and nobody has."""
    taken = {member.role for member in members}
    if "coordinator" not in taken:
        yield Gap(GapCode.COORDINATOR)
    for role in roles:
        if role not in taken and role != "coordinator":
            yield Gap(GapCode.ROLE, role=role)


def mix_gaps(members: Sequence[Member]) -> Iterable[Gap]:
    """Look at universities, companies and small companies."""
    if not any(member.type in ACADEMIC for member in members):
        yield Gap(GapCode.ACADEMIC)
    if not any(member.type == "company" for member in members):
        yield Gap(GapCode.COMPANY)
    elif not any(member.is_small for member in members):
        yield Gap(GapCode.SMALL)


def closed_by(members: Sequence[Member], others: Sequence[Member], rules: Rules) -> list[Gap]:
    """Return the gaps that would be closed, or made smaller, if the others came in."""
    together = {(gap.code, gap.role): gap.number for gap in gaps([*members, *others], rules)}
    return [
        gap for gap in gaps(members, rules) if together.get((gap.code, gap.role), 0) < gap.number
    ]
