"""How many outlines are invited to apply in full.

Pure. Of two steps the first one is scored by fewer criteria, and the best are invited: so many
that they ask for about three times the money, and never for less than two and a half times
(the European Commission's rule for calls in two stages; reference/funding.md, 2.9).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from funding.allocation import Project

# As many times the money as outlines may ask for that are invited by the list, at most and at least.
TIMES = 3
LEAST_TIMES = 2.5


def too_few(
    projects: Iterable[Project], invited: Collection[object], money: dict[str, int]
) -> list[str]:
    """Return the funders whose money the invited ask too little of, though others would ask more.

    projects: all that are good enough. money: what each funder has, in the unit of the costs.
    """
    asked: Counter[str] = Counter()
    waiting: set[str] = set()
    for project in projects:
        if project.id in invited:
            asked.update(project.costs)
        else:
            waiting |= {code for code, cost in project.costs.items() if cost}
    return [
        code for code, budget in money.items()
        if code in waiting and asked[code] < LEAST_TIMES * budget
    ]  # fmt: skip
