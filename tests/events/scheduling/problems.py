"""Problems drawn at random, the rules written down anew, and a search through everything."""

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from events.scheduling.problem import NONE, ON_SITE, ONLINE, Problem, Schedule, Wish

MODES = (0, ON_SITE, ONLINE, ON_SITE | ONLINE)


def problem_of(
    wishes,
    *,
    people=None,
    slots=3,
    places=2,
    modes=None,
    limits=None,
    sessions=None,
    place_modes=None,
    place_open=None,
    host_places=None,
    discomfort=None,
    floor=0,
    seed=1,
):
    """Return a problem of which only what matters is said."""
    people = people or 1 + max((max(wish.people) for wish in wishes), default=0)
    place_modes = [ON_SITE] * places if place_modes is None else place_modes
    places = len(place_modes)
    return Problem(
        modes=array(modes, np.full((people, slots), ON_SITE)),
        limits=array(limits, np.full(people, slots)),
        sessions=array(sessions, np.zeros(slots)),
        place_modes=array(place_modes, None),
        place_open=np.ones((places, slots), dtype=np.bool_)
        if place_open is None
        else np.array(place_open, dtype=np.bool_).reshape(places, slots),
        wishes=tuple(wishes),
        host_places=array(host_places, np.full(people, NONE)),
        discomfort=array(discomfort, np.zeros((people, slots))),
        floor=floor,
        seed=seed,
    )


def array(values, otherwise):
    return np.array(otherwise if values is None else values, dtype=np.int64)


@st.composite
def problems(draw, *, most_people=6, most_slots=4, most_wishes=8, with_pins=True, is_live=False):
    """Draw a small problem with everything in it that a problem can have."""
    people = draw(st.integers(2, most_people))
    slots = draw(st.integers(1, most_slots))
    places = draw(st.integers(1, 4))
    place_modes = draw(
        st.lists(st.sampled_from((ON_SITE, ONLINE)), min_size=places, max_size=places)
    )
    tables = [place for place, mode in enumerate(place_modes) if mode == ON_SITE]
    count = draw(st.integers(0, most_wishes))
    wish = wishes(people, slots, places, with_pins=with_pins, is_live=is_live)
    asked = [draw(wish) for _number in range(count)]
    asked = [with_order(draw, one, number) for number, one in enumerate(asked)]
    cells = st.lists(
        st.sampled_from(MODES[1:] * 2 + MODES), min_size=people * slots, max_size=people * slots
    )
    return problem_of(
        asked,
        people=people,
        slots=slots,
        modes=np.array(draw(cells)).reshape(people, slots),
        limits=draw(st.lists(st.integers(0, slots), min_size=people, max_size=people)),
        sessions=sorted(draw(st.lists(st.integers(0, 1), min_size=slots, max_size=slots))),
        place_modes=place_modes,
        place_open=draw(st.lists(st.sampled_from((True, True, False)), min_size=places * slots, max_size=places * slots)),
        host_places=[draw(st.sampled_from([NONE, NONE, *tables])) for _person in range(people)],
        discomfort=np.array(
            draw(st.lists(st.integers(0, 3), min_size=people * slots, max_size=people * slots))
        ).reshape(people, slots),
        floor=draw(st.integers(0, 2)),
        seed=draw(st.integers(1, 5)),
    )  # fmt: skip


@st.composite
def wishes(draw, people, slots, places, *, with_pins, is_live):
    """Draw one wish."""
    size = draw(st.sampled_from((2, 2, 2, 3)))
    members = draw(
        st.lists(st.integers(0, people - 1), min_size=2, max_size=min(size, people), unique=True)
    )
    is_pinned = with_pins and draw(st.sampled_from((False, False, False, True)))
    slot, place = st.integers(-1, slots - 1), st.integers(-1, places - 1)
    live = is_live and draw(st.booleans())
    return Wish(
        people=tuple(members),
        weight=draw(st.integers(1, 9)),
        modes=draw(st.sampled_from(MODES[1:])),
        forbidden=frozenset(draw(st.sets(st.integers(0, slots - 1), max_size=1))),
        is_pinned=is_pinned,
        pinned_slot=draw(slot) if is_pinned else NONE,
        pinned_place=draw(place) if is_pinned else NONE,
        live_slot=draw(st.integers(0, slots - 1)) if live else NONE,
        live_place=draw(place) if live else NONE,
    )


def with_order(draw, wish, number):
    """Let a wish sometimes wait for an earlier one."""
    if number and draw(st.sampled_from((False, False, True))):
        return Wish(**{**vars(wish), "after": (draw(st.integers(0, number - 1)),)})
    return wish


def broken_rules(problem, schedule):
    """Return what a schedule breaks, in words."""
    broken, seats, meetings = [], [], []
    for number, wish in enumerate(problem.wishes):
        slot, place = int(schedule.slots[number]), int(schedule.places[number])
        if slot == NONE:
            broken += ["a place without a slot"] if place != NONE else []
            continue
        mode = int(problem.place_modes[place])
        meetings += [(number, slot)]
        seats += [("place", place, slot), *(("person", one, slot) for one in wish.people)]
        together = all(problem.modes[one, slot] & mode for one in wish.people)
        hosts = [problem.host_places[one] for one in wish.people]
        hosts = [one for one in hosts if one != NONE]
        is_hosted = wish.pinned_place != NONE or mode == ONLINE or not hosts or place in hosts
        checks = {
            "closed": problem.place_open[place, slot],
            "away": together,
            "mode": wish.modes & mode,
            "forbidden": slot not in wish.forbidden,
            "pinned elsewhere": wish.pinned_slot in (NONE, slot),
            "pinned at another place": wish.pinned_place in (NONE, place),
            "not at the host's": is_hosted,
        }
        broken += [name for name, is_kept in checks.items() if not is_kept]
    broken += ["twice at once"] if len(set(seats)) < len(seats) else []
    at = dict(meetings)
    for number, slot in meetings:
        for earlier in problem.wishes[number].after:
            broken += ["order"] if earlier in at and at[earlier] >= slot else []
    for person, limit in enumerate(problem.limits):
        own = [number for number, _slot in meetings if person in problem.wishes[number].people]
        broken += ["limit"] if len(own) > limit else []
    return broken


def every_schedule(problem):
    """Yield every schedule of a problem that breaks no rule, by going through them all."""
    count = len(problem.wishes)
    slots, places = np.full(count, NONE), np.full(count, NONE)

    def go(number):
        if number == count:
            yield Schedule(slots.copy(), places.copy())
            return
        yield from go(number + 1)
        for slot in range(problem.modes.shape[1]):
            for place in range(len(problem.place_modes)):
                slots[number], places[number] = slot, place
                if not broken_rules(problem, Schedule(slots, places)):
                    yield from go(number + 1)
                slots[number], places[number] = NONE, NONE

    yield from go(0)


def pins_missing(problem, schedule):
    return sum(
        wish.is_pinned and schedule.slots[number] == NONE
        for number, wish in enumerate(problem.wishes)
    )


def counts_of(problem, schedule):
    """Return the meetings of each person."""
    counts = [0] * len(problem.limits)
    for number, wish in enumerate(problem.wishes):
        for person in wish.people if schedule.slots[number] != NONE else ():
            counts[person] += 1
    return counts


def value_of(problem, schedule):
    return sum(
        wish.weight for number, wish in enumerate(problem.wishes) if schedule.slots[number] != NONE
    )


def breaks_of(problem, schedule):
    """Count idle periods between meetings of a session."""
    found = 0
    for person in range(len(problem.limits)):
        own = sorted(
            int(schedule.slots[number])
            for number, wish in enumerate(problem.wishes)
            if person in wish.people and schedule.slots[number] != NONE
        )
        found += sum(
            later - earlier > 1 and problem.sessions[earlier] == problem.sessions[later]
            for earlier, later in pairwise(own)
        )
    return found


def first_come_first_served(problem):
    """Return what a booking desk makes: each wish in turn gets its first free slot and place."""
    count = len(problem.wishes)
    schedule = Schedule(np.full(count, NONE), np.full(count, NONE))
    order = sorted(range(count), key=lambda number: not problem.wishes[number].is_pinned)
    for number in order:
        serve(problem, schedule, number)
    return schedule


def serve(problem, schedule, number):
    for slot in range(problem.modes.shape[1]):
        for place in range(len(problem.place_modes)):
            schedule.slots[number], schedule.places[number] = slot, place
            if not broken_rules(problem, schedule):
                return
    schedule.slots[number], schedule.places[number] = NONE, NONE
