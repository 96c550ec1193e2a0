"""The targets, and whether results hold them; what was not run never counts as held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench.speed.contest import ratio

MEGABYTE = 1_000_000
# What the same people may cost more when sorted, and when only 8 % of the pairs are allowed.
SORTED, MASKED = 1.3, 1.15


@dataclass(frozen=True)
class Target:
    """One line: what, at which size, the value reached, the goal, and which way it counts."""

    what: str
    count: int
    dimension: int
    value: float | None
    goal: float
    at_most: bool = False

    @property
    def verdict(self) -> str:
        """Whether it holds: `holds`, `missed` or `not run`."""
        if self.value is None:
            return "not run"
        within = self.value <= self.goal if self.at_most else self.value >= self.goal
        return "holds" if within else "missed"


@dataclass(frozen=True)
class Ratio:
    """A goal for the CPU of one contender through another's, by people a side."""

    what: str
    above: str
    below: str
    goals: dict[int, float]
    at_most: bool = False
    real_only: bool = False


LARGE, LARGEST = 20_000, 100_000
RATIOS = (
    Ratio("share of the machine's sgemm rate, float32 filter", "product", "ours",
          {LARGE: 0.74, LARGEST: 0.86}, real_only=True),
    Ratio("against two faiss flat searches, float32 filter", "faiss", "ours",
          {LARGE: 1.5, LARGEST: 2.0}),
    Ratio("against two faiss flat searches, int8 filter", "faiss", "ours-int8",
          {LARGE: 2.5, LARGEST: 4.0}),
    Ratio("against pgvector exact", "pgvector", "ours", {LARGE: 150.0}),
    Ratio("against pgvector HNSW, ours masked", "pgvector-hnsw", "ours-masked", {LARGEST: 3.5},
          real_only=True),
    Ratio("against scikit-learn brute force", "sklearn", "ours", {LARGE: 4.0, LARGEST: 4.0}),
    Ratio("against a Python loop over pairs", "loop", "ours", {LARGE: 3000.0, LARGEST: 3000.0}),
    Ratio("sorted input, times the shuffled", "ours-sorted", "ours",
          dict.fromkeys((LARGE, LARGEST), SORTED), at_most=True, real_only=True),
    Ratio("masked to 8 % of the pairs, times the unmasked", "ours-masked", "ours",
          dict.fromkeys((LARGE, LARGEST), MASKED), at_most=True, real_only=True),
)  # fmt: skip
OURS = ("ours", "ours-int8", "ours-pool", "ours-sorted", "ours-masked")
# Whose lists must be the same lists, every one of both sides.
SAME_LISTS = ("ours-int8", "ours-sorted")


def targets(cases: list[dict[str, Any]], real: int) -> list[Target]:
    """Return every target with what the cases reached. real: the portal's own dimension."""
    found: list[Target] = []
    for case in cases:
        found += ratios(case, real) + exactness(case) + memory(case)
    return found + growth(cases)


def ratios(case: dict[str, Any], real: int) -> list[Target]:
    """Return the goals that are ratios of one case's contenders."""
    size = (case["count"], case["dimension"])
    return [
        Target(each.what, *size, ratio(case["results"], each.above, each.below),
               each.goals[case["count"]], each.at_most)
        for each in RATIOS
        if case["count"] in each.goals and (not each.real_only or case["dimension"] == real)
    ]  # fmt: skip


def exactness(case: dict[str, Any]) -> list[Target]:
    """Return how many lists are not what they must be."""
    results, size = case["results"], (case["count"], case["dimension"])
    there = {name: results[name] for name in OURS if "lists" in results.get(name, {})}
    wrong = sum(row["wrong_lists"] for row in there.values()) if there else None
    checked = sum(row["checked_lists"] for row in there.values())
    found = [Target(f"wrong lists of {checked} compared with integer brute force", *size, wrong, 0,
                    at_most=True)]  # fmt: skip
    for name in SAME_LISTS:
        if "ours" in there and name in there:
            differ = float(there[name]["lists"] != there["ours"]["lists"])
            found.append(Target(f"{name}: other lists than ours", *size, differ, 0, at_most=True))
    return found


def memory(case: dict[str, Any]) -> list[Target]:
    """Return the peak of each of our ways, as a share of what is allowed."""
    count, dimension, results = case["count"], case["dimension"], case["results"]
    allowed = 3 * 2 * count * dimension * 4 + 200 * MEGABYTE
    return [
        Target(f"{name}: peak of its process, of 3 x float32 + 200 MB", count, dimension,
               results[name]["peak"] / allowed, 1, at_most=True)
        for name in ("ours", "ours-int8")
        if "peak" in results.get(name, {})
    ]  # fmt: skip


def growth(cases: list[dict[str, Any]]) -> list[Target]:
    """Return the time per pair of larger cases through that at 20,000."""
    found = []
    for case in cases:
        for small in cases:
            if small["count"] == LARGE < case["count"] and small["dimension"] == case["dimension"]:
                value = per_pair(case), per_pair(small)
                share = value[0] / value[1] if all(value) else None
                found.append(Target(f"time per pair, times that at {LARGE:,}", case["count"],
                                    case["dimension"], share, 1, at_most=True))  # fmt: skip
    return found


def per_pair(case: dict[str, Any]) -> float | None:
    """Return our nanoseconds of CPU a pair."""
    cpu = case["results"].get("ours", {}).get("cpu")
    return cpu and 1e9 * cpu / case["count"] ** 2
