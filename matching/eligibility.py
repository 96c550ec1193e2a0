"""Who may take part in a call, and who pays them: from programme, pillar and year, with the rule.

Pure: standings of countries come in as values and verdicts go out as values. The standings that the
portal ships are in `matching/data/standings.json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

MEMBER, ASSOCIATED, PILLAR_II = "member", "associated", "pillar_ii"
LOW_INCOME, NATIONAL, OWN_FUNDS = "low_income", "national", "own_funds"
# The better claim stands first: a country's own funds count only where it has no other claim.
ORDER = (MEMBER, ASSOCIATED, PILLAR_II, NATIONAL, LOW_INCOME, OWN_FUNDS)
# Whoever has one of these counts among the three countries of a consortium.
COUNTING = frozenset({MEMBER, ASSOCIATED, PILLAR_II})


class Payer(StrEnum):
    """Who pays the part of somebody from a country."""

    PROGRAMME = "programme"
    NATIONAL = "national"
    OWN = "own"
    # Depends on what is not known: on the pillar of the call.
    DEPENDS = "depends"
    UNKNOWN = "unknown"


PAYER_OF_KIND = {NATIONAL: Payer.NATIONAL, OWN_FUNDS: Payer.OWN}


@dataclass(frozen=True)
class Standing:
    """What a country may claim in a programme's calls of some years, with the rule in words."""

    programme: str
    country_code: str
    side: str
    kind: str
    from_year: int
    until_year: int | None
    rule_en: str
    rule_ko: str
    source_url: str = ""

    def holds_in(self, programme: str, year: int) -> bool:
        """Tell whether it counts for the calls of this programme and year."""
        is_over = self.until_year is not None and self.until_year < year
        return self.programme == programme and self.from_year <= year and not is_over


@dataclass(frozen=True)
class CallFacts:
    """What eligibility depends on; a pillar that is not known is None."""

    programme: str
    year: int
    pillar: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What one group of countries of a side may claim in a call.

    country_codes: sorted; payer: who pays them; rule_*: why, '' when no rule is known.
    """

    side: str
    kind: str
    payer: Payer
    country_codes: tuple[str, ...]
    rule_en: str = ""
    rule_ko: str = ""
    source_url: str = ""

    @property
    def counts(self) -> bool:
        """Whether these countries count among the three of a consortium."""
        return self.kind in COUNTING and self.payer == Payer.PROGRAMME


def verdicts(call: CallFacts, standings: Iterable[Standing]) -> tuple[Verdict, ...]:
    """Return what the countries of each side may claim in a call, the best claim of each side first.

    Countries with the same claim and the same rule are one verdict.
    """
    groups: dict[tuple[str, str, str, str], list[Standing]] = {}
    for standing in best_standings(call, standings).values():
        key = (standing.side, standing.kind, standing.rule_en, standing.source_url)
        groups.setdefault(key, []).append(standing)
    found = [verdict_of_group(call, group) for group in groups.values()]
    return tuple(sorted(found, key=place))


def place(verdict: Verdict) -> tuple[str, int, int, tuple[str, ...]]:
    """Return what verdicts are sorted by: side, claim, and the larger group first."""
    codes = verdict.country_codes
    return verdict.side, ORDER.index(verdict.kind), -len(codes), codes


def verdict_for(country_code: str, call: CallFacts, standings: Iterable[Standing]) -> Verdict:
    """Return what one country may claim in a call."""
    own = [standing for standing in standings if standing.country_code == country_code]
    best = best_standings(call, own).get(country_code)
    if best is None:
        return Verdict("", OWN_FUNDS, Payer.UNKNOWN, (country_code,))
    return verdict_of_group(call, [best])


def best_standings(call: CallFacts, standings: Iterable[Standing]) -> dict[str, Standing]:
    """Return the best standing of every country that counts for this call."""
    best: dict[str, Standing] = {}
    for standing in standings:
        known = best.get(standing.country_code)
        if can_count(standing, call) and (known is None or rank(standing) < rank(known)):
            best[standing.country_code] = standing
    return best


def can_count(standing: Standing, call: CallFacts) -> bool:
    """Tell whether a standing holds for the call; one of Pillar II not in the other pillars."""
    is_other_pillar = standing.kind == PILLAR_II and call.pillar not in {2, None}
    return standing.holds_in(call.programme, call.year) and not is_other_pillar


def rank(standing: Standing) -> tuple[int, int]:
    """Return the place of a claim: the better kind first, of the same kind the newest."""
    return ORDER.index(standing.kind), -standing.from_year


def verdict_of_group(call: CallFacts, group: Sequence[Standing]) -> Verdict:
    """Return one verdict for countries with the same claim."""
    first = group[0]
    is_open = first.kind == PILLAR_II and call.pillar is None
    payer = Payer.DEPENDS if is_open else PAYER_OF_KIND.get(first.kind, Payer.PROGRAMME)
    codes = tuple(sorted(standing.country_code for standing in group))
    return Verdict(
        first.side, first.kind, payer, codes, first.rule_en, first.rule_ko, first.source_url
    )
