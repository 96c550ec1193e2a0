"""Which pinned wishes can be held together, and where."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from events.scheduling.bounds import Floats
from events.scheduling.exact import Exact, solve_exactly
from events.scheduling.model import Model, model_of
from events.scheduling.options import Options
from events.scheduling.problem import NONE, Flags, Ints, Problem

NOTHING = np.zeros(0, dtype=np.int64)
# For the question which pins can be held: of a run's seconds, and at most.
SHARE, MOST_SECONDS = 0.5, 10.0


@dataclass(frozen=True)
class Pins:
    """The most pins that can be held together, and one way to hold them."""

    # (wishes,) each. `impossible`: not held, and that is proved.
    held: Flags
    impossible: Flags
    slots: Ints
    variants: Ints
    # Whether there is no way to hold more.
    are_proved: bool
    # Whether no other choice of as many pins could bring more: what is proved of the schedules
    # that hold these pins is then true of all schedules.
    are_best: bool


def possible_pins(problem: Problem, options: Options, seconds: float) -> Pins:
    """Return the pins that can be held together: as many as can be, of these the weightiest."""
    pinned = pinned_of(problem)
    model = model_of(
        replace(problem, floor=0),
        replace(options, allowed=np.where(pinned[:, None], options.allowed, 0)),
    )
    found = solve_exactly(model, min(seconds * SHARE, MOST_SECONDS), missing(model, pinned))
    pins = pins_in(problem, model, found or Exact(NOTHING, is_optimal=False))
    could_be = pinned & (options.allowed != 0).any(axis=1)
    return replace(pins, are_best=pins.are_proved and not (could_be & ~pins.held).any())


def pinned_of(problem: Problem) -> Flags:
    """Return (wishes,) which are pinned."""
    return np.array([wish.is_pinned for wish in problem.wishes], dtype=np.bool_)


def missing(model: Model, pinned: Flags) -> Floats:
    """Return (columns,) the aim of holding as many pins as can be, as costs."""
    costs = np.zeros(model.size + len(model.floored))
    costs[: model.size][pinned[model.wish]] = -1.0
    return costs


def pins_in(problem: Problem, model: Model, found: Exact) -> Pins:
    """Return the pins among chosen options; those of an optimal choice are the best ones."""
    pinned = pinned_of(problem)
    chosen = found.chosen[pinned[model.wish[found.chosen]]]
    wishes = model.wish[chosen]
    held = np.zeros_like(pinned)
    held[wishes] = True
    slots, variants = np.full(len(pinned), NONE), np.full(len(pinned), NONE)
    slots[wishes], variants[wishes] = model.slot[chosen], model.variant[chosen]
    could_be = (model.options.allowed != 0).any(axis=1)
    impossible = pinned & ~held & (found.is_optimal | ~could_be)
    return Pins(held, impossible, slots, variants, found.is_optimal, found.is_optimal)
