"""Random people for the tests of the score, and the oracle that their lists must equal."""

import numpy as np

from matching.scoring import (
    STORED,
    PairRules,
    People,
    Vectors,
    left_vectors,
    right_vectors,
)
from matching.scoring.rules import no_pairs
from matching.scoring.terms import NOVELTY_PENALTY

DIMENSION = 8
NOBODY = np.zeros(0, dtype=np.int64)


def unit_rows(random, count):
    rows = random.normal(size=(count, DIMENSION))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[random.random(count) < 0.1] = 0
    return np.rint(rows * STORED).astype(np.int16)


def people(count, seed, *, first_id=1, alike=False):
    """Random people; `alike` makes them few different persons, so that scores tie."""
    random = np.random.default_rng(seed)
    made = People(
        ids=random.permutation(np.arange(first_id, first_id + count)),
        topic=unit_rows(random, count),
        offers=unit_rows(random, count),
        seeks=unit_rows(random, count),
        tags=random.integers(0, 2, (count, 5)) * np.array([1000, 1500, 2000, 2500, 3000]),
        organisation_types=random.random((count, 9)) < 0.15,
        hosts=random.random(count) < 0.5,
        visits=random.random(count) < 0.5,
        stage=np.eye(5, 4, dtype=bool)[random.integers(0, 5, count)],
        wished_stages=random.random((count, 4)) < 0.2,
        price=random.integers(-(2**28), 1, count),
    )
    if alike and count:
        same = random.integers(0, min(count, 3), count)
        values = {name: getattr(made, name)[same] for name in vars(made) if name != "ids"}
        made = People(ids=made.ids, **values)
    return made


def some_pairs(left, right, count, random):
    """Random pairs, some of them twice and one with strangers."""
    if not len(left) or not len(right):
        return no_pairs()
    pairs = np.stack([random.choice(left.ids, count), random.choice(right.ids, count)], axis=1)
    return np.concatenate([pairs, [[999_999, 1]]])


def rules_between(left, right, seed):
    random = np.random.default_rng(seed)
    count = len(left) * len(right) // 6 + 1
    return PairRules(*(some_pairs(left, right, count, random) for _kind in range(4)))


def two_sides(counts, seed, *, alike=False):
    """So many random people on the left and on the right, and rules between them."""
    left = left_vectors(people(counts[0], seed, alike=alike))
    right = right_vectors(people(counts[1], seed + 1, first_id=1000, alike=alike))
    return left, right, rules_between(left, right, seed)


def clusters(count, seed, *, dimension=48, first_id=1, is_sorted=False):
    """Vectors as of real texts: a mean that all share, areas, topics in them, noise.

    Rows of length one in units of 2**15; `is_sorted` leaves people ordered by area.
    """
    random = np.random.default_rng([3, dimension])
    mean = random.normal(size=dimension)
    areas = random.normal(size=(12, dimension))
    topics = random.normal(size=(120, dimension))
    mine = np.random.default_rng(seed)
    topic = mine.integers(0, 120, count)
    topic = np.sort(topic) if is_sorted else topic
    noise = mine.normal(size=(count, dimension))
    rows = 0.6 * mean + areas[topic // 10] + 0.7 * topics[topic] + 0.8 * noise
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = np.arange(first_id, first_id + count)
    return Vectors(ids, np.rint(rows * 2**15 * 0.95).astype(np.int16), (0,), "left")


def oracle(left, right, rules, keep, groups=None):
    """Everybody's list by brute force on integers without limits, left and right.

    Lists of (minus score, partner id) by person id.
    """
    together = set(map(tuple, rules.worked_together.tolist()))
    forbidden = set(map(tuple, rules.forbidden.tolist()))
    hidden = (
        set(map(tuple, rules.hidden_from_left.tolist())) | forbidden,
        set(map(tuple, rules.hidden_from_right.tolist())) | forbidden,
    )
    products = left.rows.astype(object) @ right.rows.astype(object).T
    lists = ({one: [] for one in left.ids.tolist()}, {one: [] for one in right.ids.tolist()})
    for row, one in enumerate(left.ids.tolist()):
        for column, other in enumerate(right.ids.tolist()):
            if groups and not groups[0][row] & groups[1][column]:
                continue
            score = products[row, column] - NOVELTY_PENALTY * ((one, other) in together)
            if (one, other) not in hidden[0]:
                lists[0][one].append((-score, other))
            if (one, other) not in hidden[1]:
                lists[1][other].append((-score, one))
    return [{one: sorted(pairs)[:keep] for one, pairs in side.items()} for side in lists]


def as_pairs(ranked):
    """Return lists as the oracle has them."""
    found = {}
    for index, person_id in enumerate(ranked.person_ids.tolist()):
        count = ranked.counts[index]
        scores, ids = ranked.scores[index, :count], ranked.partner_ids[index, :count]
        found[person_id] = list(zip((-scores).tolist(), ids.tolist(), strict=True))
        assert (ranked.partner_ids[index, count:] == -1).all()
    return found


def assert_same(one, other):
    """Both sides' lists are the same, to the bit."""
    for mine, theirs in zip(one, other, strict=True):
        for name in ("person_ids", "partner_ids", "scores", "counts"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
