"""Small assignment problems, and all of their assignments."""

from itertools import combinations, product

import numpy as np
from hypothesis import strategies as st

from funding.assignment import Group, Problem, faults

NAMES = ("Europe", "Korea", "expert")


def plain(rows, demand=1, most=1, **others):
    affinity = np.array(rows, dtype=float)
    reviewers, applications = affinity.shape
    fields = {
        "forbidden": np.zeros(affinity.shape, dtype=bool),
        "demand": np.full(applications, demand),
        "least": np.zeros(reviewers, dtype=int),
        "most": np.full(reviewers, most),
    }
    return Problem(affinity, **{**fields, **others})


@st.composite
def problems(draw, *, with_rules=True):
    reviewers, applications = draw(st.integers(2, 5)), draw(st.integers(1, 3))
    shape = (reviewers, applications)

    def table(values, size):
        count = int(np.prod(size))
        return np.array(draw(st.lists(values, min_size=count, max_size=count))).reshape(size)

    pairs = st.tuples(st.integers(0, reviewers - 1), st.integers(0, applications - 1))
    least = table(st.integers(0, 1), (reviewers,))
    rules = with_rules and draw(st.booleans())
    return Problem(
        affinity=table(st.integers(0, 10), shape) / 10,
        forbidden=table(st.sampled_from((False, False, False, True)), shape),
        demand=table(st.integers(0, min(3, reviewers)), (applications,)),
        least=least,
        most=least + table(st.integers(0, 3), (reviewers,)),
        pinned=tuple(draw(st.lists(pairs, max_size=2))) if rules else (),
        mutual=tuple(draw(st.lists(st.tuples(pairs, pairs), max_size=2))) if rules else (),
        groups=tuple(
            Group(
                name,
                table(st.booleans(), shape if name == "expert" else (reviewers,)),
                table(st.integers(0, 1), (applications,)),
            )
            for name in NAMES[: draw(st.integers(0, 3)) if rules else 0]
        ),
    )


def every_assignment(problem):
    """Yield every assignment that keeps all rules, by trying all choices of reviewers."""
    everybody = range(len(problem.most))
    choices = [combinations(everybody, count) for count in problem.demand.tolist()]
    for chosen in product(*(list(choice) for choice in choices)):
        assigned = np.zeros(problem.affinity.shape, dtype=bool)
        for application, reviewers in enumerate(chosen):
            assigned[list(reviewers), application] = True
        if not faults(problem, assigned):
            yield assigned


def worth(problem, assigned):
    """Return total, worst-off sum and even loads, in tenths, so that they compare exactly."""
    tenths = np.rint(problem.affinity * 10).astype(int)
    sums = np.where(assigned, tenths, 0).sum(axis=0)
    asked = sums[problem.demand > 0]
    squares = int((assigned.sum(axis=1) ** 2).sum())
    return int(sums.sum()), int(asked.min()) if len(asked) else 0, -squares
