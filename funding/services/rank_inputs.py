"""What a ranked list is computed from: agreed scores, votes, tie-breaks, money; as one value.

The value has a canonical form, whose check sum the list keeps: who has the same inputs and the
same seed computes the same list.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from funding.allocation import Funder, Mode, Policy, Project
from funding.exchange import SAME, Budgets
from funding.forms_schema import check_sum
from funding.inviting import TIMES
from funding.machines import DECIDED
from funding.models import (
    Application,
    ApplicationVersion,
    Call,
    ConsensusScore,
    FunderCommitment,
    Score,
)
from funding.ranking import Criterion, Shortfall, Votes, meets, votes_of, weighted
from funding.services.exchange_rates import exchange_of

IN = ("submitted", "locked")
# What stands before the panel.
RANKABLE = ("ranked", *DECIDED)
# And what became of it since: the list stays whole when its best have their grants.
LISTED = (*RANKABLE, "accepted_by_applicant", "grant", "declined", "lapsed")
PANEL = "panel"


@dataclass(frozen=True)
class Entry:
    """One application: agreed scores by criterion, tie-break keys, votes (reviewer, score), costs.

    costs: what was asked of each funder, by its code, in the smallest unit of its money.
    """

    application: int
    version: int
    scores: dict[str, Decimal]
    keys: dict[str, Any]
    votes: tuple[tuple[int, float], ...]
    costs: dict[str, int]


@dataclass(frozen=True)
class Inputs:
    """All that a list depends on, besides its seed and a draw."""

    criteria: tuple[Criterion, ...]
    overall: Decimal
    tie_break: tuple[str, ...]
    entries: tuple[Entry, ...]
    budgets: Budgets
    currencies: dict[str, str]
    # Money of several currencies lies together, and the call does not say what a euro is in each.
    lacks_rates: bool

    @cached_property
    def shortfalls(self) -> dict[int, tuple[Shortfall, ...]]:
        """What each application falls short of; empty tuples for those that meet everything."""
        return {
            entry.application: meets(entry.scores, self.criteria, self.overall)
            for entry in self.entries
        }

    @cached_property
    def above(self) -> tuple[Entry, ...]:
        """The applications that meet every threshold."""
        return tuple(each for each in self.entries if not self.shortfalls[each.application])

    def score(self, entry: Entry) -> float:
        """Return the weighted score; what was not agreed counts as nothing."""
        codes = {criterion.code: Decimal(0) for criterion in self.criteria}
        return weighted({**codes, **entry.scores}, self.criteria)

    @cached_property
    def sha256(self) -> str:
        """The check sum of everything."""
        money = self.budgets
        rates = {code: str(rate) for code, rate in sorted(money.exchange.per_euro.items())}
        return check_sum(
            {
                "criteria": [[each.code, str(each.weight), str(each.threshold), str(each.most)]
                             for each in self.criteria],
                "overall": str(self.overall), "tie_break": list(self.tie_break),
                "funders": [[each.code, each.budget, each.gap_pot] for each in money.funders],
                "policy": str(money.policy), "mode": str(money.mode),
                "entries": [entry_value(each) for each in self.entries],
                **({"rates": rates} if rates else {}),
            }
        )  # fmt: skip

    def projects(self, order: list[int]) -> list[Project]:
        """Return what each application costs whom, at its place in an order."""
        costs = {each.application: each.costs for each in self.entries}
        return [Project(pk, place, costs[pk]) for place, pk in enumerate(order, 1)]


def entry_value(entry: Entry) -> dict[str, Any]:
    """Return an entry as plain values."""
    keys = {code: sorted(value) if isinstance(value, frozenset) else str(value)
            for code, value in entry.keys.items()}  # fmt: skip
    return {
        "application": entry.application, "version": entry.version, "keys": keys,
        "scores": {code: str(value) for code, value in entry.scores.items()},
        "votes": [[reviewer, repr(score)] for reviewer, score in entry.votes],
        "costs": entry.costs,
    }  # fmt: skip


def inputs_of(call: Call, states: tuple[str, ...] = RANKABLE) -> Inputs:
    """Read everything that the list of a call depends on; six queries, whatever its size.

    states: of the applications that take part.
    """
    criteria = tuple(
        Criterion(each.code, each.weight, each.threshold, each.most)
        for each in call.criteria.all()
    )
    commitments = list(call.commitments.select_related("funder"))
    rows = call.applications.filter(state__in=states).select_related("area").order_by("pk")
    entries = entries_of(list(rows), criteria)
    exchange = exchange_of(call, commitments)
    funders = tuple(funder_of(each, call) for each in commitments)
    return Inputs(
        criteria=criteria, overall=call.overall_threshold, tie_break=tuple(call.tie_break),
        entries=entries,
        budgets=Budgets(funders, Policy(call.policy), Mode(call.pot), exchange or SAME),
        currencies={each.funder.code: each.currency for each in commitments},
        lacks_rates=exchange is None,
    )  # fmt: skip


def funder_of(commitment: FunderCommitment, call: Call) -> Funder:
    """Return how far a funder's budget reaches: of outlines, some times as much is invited.

    What it keeps for gaps is apart only where gaps are filled.
    """
    fills_gaps = "mixed" in (call.policy, call.pot)
    times = TIMES if call.is_outline else 1
    gap_pot = commitment.gap_pot_minor if fills_gaps else 0
    own = commitment.budget_minor - gap_pot
    return Funder(commitment.funder.code, times * own, times * gap_pot)


def entries_of(
    applications: list[Application], criteria: tuple[Criterion, ...]
) -> tuple[Entry, ...]:
    """Read scores, votes and versions of applications; three queries."""
    agreed = agreed_scores(applications)
    votes = votes_by_application(applications, criteria)
    versions = {
        each.application_id: each
        for each in ApplicationVersion.objects.filter(application__in=applications)
        .select_related("application")
        if each.number == each.application.submitted_version
    }  # fmt: skip
    return tuple(
        entry_of(each, versions[each.pk], agreed[each.pk], votes[each.pk]) for each in applications
    )


def entry_of(
    application: Application,
    version: ApplicationVersion,
    scores: dict[str, Decimal],
    votes: list[tuple[int, float]],
) -> Entry:
    """Return one application as the list sees it."""
    content: dict[str, Any] = version.content
    countries = {each["country"] for each in content.get("people", []) if each.get("country")}
    costs: dict[str, int] = {}
    for line in content.get("budget", []):
        costs[line["funder"]] = costs.get(line["funder"], 0) + line["amount_minor"]
    area = {application.area.code} if application.area else set()
    keys = {"topics": frozenset(area), "countries": frozenset(countries), **scores}
    return Entry(application.pk, version.number, scores, keys, tuple(votes), costs)


def agreed_scores(applications: list[Application]) -> dict[int, dict[str, Decimal]]:
    """Return the signed consensus scores of the versions that count, by criterion."""
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    rows = ConsensusScore.objects.filter(
        consensus__application__in=applications, consensus__state="signed"
    ).select_related("criterion", "consensus__application", "consensus__version")
    for row in rows:
        consensus = row.consensus
        if consensus.version.number == consensus.application.submitted_version:
            found[consensus.application_id][row.criterion.code] = row.value
    return found


def votes_by_application(
    applications: list[Application], criteria: tuple[Criterion, ...]
) -> dict[int, list[tuple[int, float]]]:
    """Return who gave what: each review's weighted mean of the criteria that it assesses."""
    weights = {each.code: float(each.weight) for each in criteria}
    sums: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    rows = Score.objects.filter(
        value__isnull=False, review__is_submitted=True,
        review__assignment__application__in=applications, review__assignment__state__in=IN,
    ).order_by("review__assignment", "pk")  # fmt: skip
    names = ("review__assignment__application", "review__assignment__reviewer",
             "criterion__code", "value")  # fmt: skip
    for application, reviewer, code, value in rows.values_list(*names):
        both = sums[application, reviewer]
        both[0] += weights[code] * float(value)
        both[1] += weights[code]
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for (application, reviewer), (total, weight) in sums.items():
        found[application].append((reviewer, total / weight))
    return found


def votes_on(entries: tuple[Entry, ...]) -> tuple[Votes, tuple[int, ...]] | None:
    """Return the votes on applications as arrays, and which application has which number.

    None where nothing can be compared: fewer than two applications have votes.
    """
    rows = [
        (PANEL, entry.application, reviewer, score)
        for entry in entries
        for reviewer, score in entry.votes
    ]
    if len({row[1] for row in rows}) < 2:
        return None
    votes, names = votes_of(rows)
    return votes, names.proposals
