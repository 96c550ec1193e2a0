"""Which table or room each meeting gets, slot by slot: people stay where they were.

In a slot, named places are taken by those who need them; the others are matched to what is left,
so that the most people stay at their table: an assignment that is exact for the slot.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from events.scheduling.options import Options
from events.scheduling.problem import NONE, ON_SITE, Ints, Problem

# A live meeting that keeps its place counts more than everybody in it who stays at a table.
LIVE = 1_000


def places_of(problem: Problem, options: Options, slots: Ints, variants: Ints) -> Ints:
    """Return (wishes,) the place of each held wish; pools of no slot may be overfull."""
    places = np.full(len(slots), NONE, dtype=np.int64)
    pools = np.where(slots != NONE, options.pools[np.arange(len(slots)), variants], NONE)
    named = (pools != NONE) & (options.places[pools] != NONE)
    places[named] = options.places[pools[named]]
    # The table at which each person was last.
    last = problem.host_places.astype(np.int64).copy()
    for slot in range(problem.modes.shape[1]):
        meetings = np.flatnonzero(slots == slot)
        used = set(places[meetings[named[meetings]]].tolist())
        for pool in (0, 1):
            waiting = meetings[pools[meetings] == pool]
            open_places = places_left(problem, slot, pool, used)
            places[waiting] = matched(problem, waiting, open_places, last)
        seat(problem, meetings, places, last)
    return places


def places_left(problem: Problem, slot: int, pool: int, used: set[int]) -> Ints:
    """Return the places of a kind that are open in a slot and not taken."""
    kind = ON_SITE if pool == 0 else 3 - ON_SITE
    open_places = np.flatnonzero((problem.place_modes == kind) & problem.place_open[:, slot])
    return np.array([place for place in open_places.tolist() if place not in used], dtype=np.int64)


def matched(problem: Problem, meetings: Ints, places: Ints, last: Ints) -> Ints:
    """Return the place of each meeting, so that the most people stay where they were."""
    if not len(meetings):
        return meetings
    number = {int(place): column for column, place in enumerate(places)}
    gains = np.zeros((len(meetings), len(places)))
    for row, meeting in enumerate(meetings.tolist()):
        wish = problem.wishes[meeting]
        for person in wish.people:
            column = number.get(int(last[person]))
            if column is not None:
                gains[row, column] += 1
        column = number.get(wish.live_place)
        if column is not None:
            gains[row, column] += LIVE
    _rows, columns = linear_sum_assignment(gains, maximize=True)
    return places[columns]


def seat(problem: Problem, meetings: Ints, places: Ints, last: Ints) -> None:
    """Write down at which table everybody was in a slot."""
    for meeting in meetings.tolist():
        place = places[meeting]
        if problem.place_modes[place] == ON_SITE:
            last[list(problem.wishes[meeting].people)] = place
