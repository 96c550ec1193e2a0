"""The linear model: which wish stands where, as rows and columns of integers.

Variables are the options of the wishes, then one variable a person who is to reach the floor: the
share by which she misses it. Every row reads "at most"; those of wishes stand apart, because the
bound treats them exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from events.scheduling.options import Options, needs_of, options_of
from events.scheduling.problem import NONE, Flags, Ints, Problem


@dataclass(frozen=True)
class Model:
    """Maximise `weights` times x less `penalty` times z, so that `rows` (x, z) <= `limits`."""

    options: Options
    # (options,): wish, slot and pool of each.
    wish: Ints
    slot: Ints
    variant: Ints
    # (options,): the wish's weight.
    weights: Ints
    # (wishes,): those that must be held. They can be, or nothing that is proved is true.
    must: Flags
    # (rows, options + people below the floor), int64.
    rows: sparse.csr_matrix
    limits: Ints
    # (people with a floor,), (people,)
    floored: Ints
    needs: Ints
    # What one person below the floor costs; any value gives a true bound, a high one a good one.
    penalty: int

    @property
    def size(self) -> int:
        """How many options there are."""
        return len(self.wish)


def model_of(
    problem: Problem,
    options: Options | None = None,
    must: Flags | None = None,
    needs: Ints | None = None,
) -> Model:
    """Return the model of a problem.

    must: (wishes,) the wishes that have to be held, by default none: pins may be left.
    """
    options = options or options_of(problem)
    if must is None:
        must = np.zeros(len(problem.wishes), dtype=np.bool_)
    needs = needs_of(problem, options) if needs is None else needs
    wish, slot, variant = columns_of(options)
    floored = np.flatnonzero(needs > met_by(options, must, len(needs)))
    weights = np.array([wish.weight for wish in problem.wishes], dtype=np.int64)
    rows, limits = rows_of(problem, options, (wish, slot, variant), floored, needs)
    return Model(
        options=options,
        wish=wish,
        slot=slot,
        variant=variant,
        weights=weights[wish],
        must=must,
        rows=rows,
        limits=limits,
        floored=floored,
        needs=needs,
        penalty=10 * int(weights.max(initial=1)),
    )


def met_by(options: Options, must: Flags, people: int) -> Ints:
    """Return how many meetings of each person are certain."""
    of_member = np.repeat(must, np.diff(options.starts))
    return np.bincount(options.members[of_member], minlength=people)


def columns_of(options: Options) -> tuple[Ints, Ints, Ints]:
    """Return wish, slot and variant of each option, in order of wishes."""
    width = options.pools.shape[1]
    bits = (options.allowed[:, :, None] >> np.arange(width)) & 1
    wish, slot, variant = np.nonzero(bits)
    return wish.astype(np.int64), slot.astype(np.int64), variant.astype(np.int64)


@dataclass
class Rows:
    """Rows under construction: entries by keys that are numbered anew at the end."""

    entries: list[tuple[Ints, Ints, Ints]]
    limits: list[Ints]
    count: int = 0

    def add(self, keys: Ints, columns: Ints, limits: Ints, values: Ints | None = None) -> None:
        """Add entries under keys 0..len(limits); rows that cannot bind are left out."""
        used = np.bincount(keys, minlength=len(limits))
        binding = used > limits
        numbers = np.cumsum(binding) - 1 + self.count
        kept = binding[keys]
        ones = np.ones(len(keys), dtype=np.int64) if values is None else values
        self.entries.append((numbers[keys[kept]], columns[kept], ones[kept]))
        self.limits.append(limits[binding])
        self.count += int(binding.sum())

    def matrix(self, width: int) -> tuple[sparse.csr_matrix, Ints]:
        """Return the rows as a matrix, and their limits."""
        keys, columns, values = (
            np.concatenate(parts) for parts in zip(*self.entries, strict=True)
        )
        matrix = sparse.csr_matrix((values, (keys, columns)), shape=(self.count, width))
        return matrix, np.concatenate(self.limits).astype(np.int64)


def rows_of(
    problem: Problem,
    options: Options,
    columns: tuple[Ints, Ints, Ints],
    floored: Ints,
    needs: Ints,
) -> tuple[sparse.csr_matrix, Ints]:
    """Return all rows but those of the wishes, (rows, options + floored)."""
    wish, slot, variant = columns
    people, slots = problem.modes.shape
    rows = Rows([], [])
    option, person = members_of_options(options, wish)
    rows.add(person * slots + slot[option], option, np.ones(people * slots, dtype=np.int64))
    rows.add(person, option, problem.limits)
    pool = options.pools[wish, variant]
    parent = options.parents[pool]
    named = np.flatnonzero(parent != NONE)
    keys = np.concatenate((pool * slots + slot, parent[named] * slots + slot[named]))
    rows.add(keys, np.concatenate((np.arange(len(wish)), named)), options.capacity.ravel())
    add_precedence(rows, options, wish, slot)
    add_floor(rows, option, person, floored, needs, len(wish))
    return rows.matrix(len(wish) + len(floored))


def members_of_options(options: Options, wish: Ints) -> tuple[Ints, Ints]:
    """Return option and person of everybody in every option."""
    lengths = np.diff(options.starts)[wish]
    option = np.repeat(np.arange(len(wish)), lengths)
    offsets = np.arange(len(option)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return option, options.members[options.starts[wish][option] + offsets]


def add_precedence(rows: Rows, options: Options, wish: Ints, slot: Ints) -> None:
    """Forbid, for each slot, the first from it on together with the second up to it."""
    first_of = np.searchsorted(wish, np.arange(options.shape[0] + 1))
    for first, second in options.precedence.tolist():
        early = np.arange(first_of[first], first_of[first + 1])
        late = np.arange(first_of[second], first_of[second + 1])
        for moment in np.intersect1d(slot[late], np.arange(options.shape[1])).tolist():
            members = np.concatenate((early[slot[early] >= moment], late[slot[late] <= moment]))
            rows.add(np.zeros_like(members), members, np.ones(1, dtype=np.int64))


def add_floor(
    rows: Rows, option: Ints, person: Ints, floored: Ints, needs: Ints, size: int
) -> None:
    """Ask for each floor: meetings + need * z >= need, written as at most."""
    number = np.full(len(needs), NONE, dtype=np.int64)
    number[floored] = np.arange(len(floored))
    own = number[person] != NONE
    count = len(floored)
    keys = np.concatenate((number[person[own]], np.arange(count)))
    columns = np.concatenate((option[own], size + np.arange(count)))
    values = np.concatenate((-np.ones(int(own.sum()), dtype=np.int64), -needs[floored]))
    rows.add(keys, columns, -needs[floored], values)
