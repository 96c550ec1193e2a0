"""One run of the solver: its problem, its clock, its board, and what it has proved so far."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from time import monotonic

import numpy as np

from events.scheduling.boards import board_of, overwrite, table_of
from events.scheduling.bounds import CLOSE, QUICK, Relaxation, relax
from events.scheduling.exact import Exact, largest_piece
from events.scheduling.kernels import BELOW, KEPT, VALUE, Board, hold_all
from events.scheduling.measuring import agendas_of, breaks_in
from events.scheduling.model import Model, model_of
from events.scheduling.options import ROOMS, TABLES, needs_of, options_of
from events.scheduling.pins import pins_in, possible_pins
from events.scheduling.places import places_of
from events.scheduling.problem import NONE, ON_SITE, Flags, Ints, Problem, Progress, Schedule
from events.scheduling.warming import warm

SECONDS_BETWEEN_REPORTS = 0.25
# From so many options on, a close relaxation takes longer than what it saves later.
MANY_OPTIONS = 50_000


class Run:
    """Everything that the stages of a run share."""

    def __init__(
        self,
        problem: Problem,
        seconds: float,
        workers: int = 1,
        report: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        """Encode the problem and find out which pins can be held."""
        warm()
        self.started = monotonic()
        self.problem, self.seconds, self.workers = problem, seconds, max(1, workers)
        self.report, self.should_stop = report, should_stop
        self.was_stopped = False
        self.stages: list[Progress] = []
        self.last_report = -SECONDS_BETWEEN_REPORTS
        self.options = options_of(problem)
        self.needs = needs_of(problem, self.options)
        self.table = table_of(problem, self.options, self.needs)
        self.pins = possible_pins(problem, self.options, seconds)
        self.model = model_of(problem, self.options, self.pins.held, self.needs)
        self.board = board_of(self.table, problem.seed)
        # What exact methods have proved, beyond the relaxation; of the best pins only.
        self.proved: Exact | None = None
        self.relaxation: Relaxation | None = None

    @cached_property
    def live_slots(self) -> Ints:
        """The published slot of each wish, or NONE."""
        return np.array([wish.live_slot for wish in self.problem.wishes], dtype=np.int64)

    @cached_property
    def proof_model(self) -> Model:
        """The model whose bounds are true of every schedule, whichever pins it holds."""
        if self.pins.are_best:
            return self.model
        return model_of(self.problem, self.options, needs=self.needs)

    @cached_property
    def at_home(self) -> Flags:
        """(wishes, variants): those with which a live meeting keeps its place, all if it has none."""
        places = np.array([wish.live_place for wish in self.problem.wishes], dtype=np.int64)
        kinds = np.where(self.problem.place_modes == ON_SITE, TABLES, ROOMS)
        kind = np.where(places == NONE, NONE, kinds[places] if len(kinds) else NONE)
        pools = self.options.pools
        names = np.where(pools == NONE, NONE, self.options.places[pools])
        keeps = (names == places[:, None]) | (pools == kind[:, None])
        return (pools != NONE) & (keeps | (places == NONE)[:, None])

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds that are left, not below zero."""
        return max(0.0, self.seconds - self.elapsed)

    @cached_property
    def largest_piece(self) -> int:
        """Columns of the model's largest piece."""
        return largest_piece(self.model)

    def board_at(self, slots: Ints, variants: Ints) -> Board:
        """Return a board with each wish where two columns say; pins stay held."""
        board = board_of(self.table, self.problem.seed)
        hold_all(self.table, board, slots, variants)
        board.locked[self.pins.held] = KEPT
        return board

    def board_with(self, chosen: Ints) -> Board:
        """Return a board with the chosen options of the model."""
        slots = np.full(self.options.shape[0], NONE, dtype=np.int64)
        variants = slots.copy()
        wishes = self.model.wish[chosen]
        slots[wishes], variants[wishes] = self.model.slot[chosen], self.model.variant[chosen]
        return self.board_at(slots, variants)

    def keep_better(self, board: Board) -> bool:
        """Take a board over if it is better than the run's."""
        is_better = self.score(board) > self.score(self.board)
        if is_better:
            overwrite(self.board, board)
        return is_better

    def settle(self, found: Exact) -> None:
        """Take the best schedule over, with the pins that it holds.

        found: of a model without pins that must be held, in which most pins counted first.
        """
        self.pins = pins_in(self.problem, self.proof_model, found)
        self.model = model_of(self.problem, self.options, self.pins.held, self.needs)
        self.proved = found
        overwrite(self.board, self.board_with(found.chosen))
        self.board.locked[:] = 0
        self.board.locked[self.pins.held] = KEPT

    @property
    def last_breaks(self) -> int:
        """Breaks at the end of the stage before; counting them takes too long to do all the time."""
        return self.stages[-1].breaks if self.stages else 0

    def is_over(self) -> bool:
        """Tell whether to end: out of time or asked to stop."""
        if not self.was_stopped and self.should_stop is not None and self.should_stop():
            self.was_stopped = True
        return self.was_stopped or self.left <= 0

    def relax(self, closeness: float | None = None) -> Relaxation:
        """Solve the relaxation, and keep the better bound; by default closely where that is quick."""
        if closeness is None:
            closeness = CLOSE if self.model.size < MANY_OPTIONS else QUICK
        found = relax(self.model, seconds=max(1.0, self.left), closeness=closeness)
        proof, known = found, self.relaxation
        if not self.pins.are_best:
            proof = relax(self.proof_model, seconds=max(1.0, self.left), closeness=closeness)
        if known is None or proof.scaled_bound <= known.scaled_bound:
            self.relaxation = proof
        return found

    @property
    def is_proved_exactly(self) -> bool:
        """Tell whether branch and bound ended, floor and value."""
        return self.proved is not None and self.proved.is_optimal

    def bound(self, below_floor: int) -> int:
        """Return the value that nothing with as many pins and as few people below the floor exceeds."""
        everything = int(self.table.weights.sum())
        if self.proved is not None and self.proved.is_optimal:
            return int(self.model.weights[self.proved.chosen].sum())
        if self.relaxation is None:
            return everything
        return min(everything, self.relaxation.bound(below_floor))

    def score(self, board: Board) -> tuple[int, int]:
        """Return what schedules are compared by first: people below the floor, then value."""
        return -int(board.totals[BELOW]), int(board.totals[VALUE])

    def is_proved(self) -> bool:
        """Tell whether no schedule has a higher value than the board's."""
        below, value = int(self.board.totals[BELOW]), int(self.board.totals[VALUE])
        return below == 0 and value >= self.bound(0)

    def schedule(self, board: Board | None = None) -> Schedule:
        """Return a board, by default the run's, as a schedule with places."""
        board = board or self.board
        slots, variants = board.slots, board.variants
        return Schedule(slots.copy(), places_of(self.problem, self.options, slots, variants))

    def tell(self, stage: str, *, breaks: int | None = None) -> None:
        """Report the end of a stage, or, with `breaks`, how far one is."""
        value = int(self.board.totals[VALUE])
        bound = checked(self.bound(int(self.board.totals[BELOW])), value)
        is_end = breaks is None
        known = self.breaks() if breaks is None else breaks
        progress = Progress(stage, self.elapsed, value, bound, known)
        if is_end:
            self.stages.append(progress)
        if self.report and (is_end or self.elapsed - self.last_report > SECONDS_BETWEEN_REPORTS):
            self.last_report = self.elapsed
            self.report(progress)

    def breaks(self) -> int:
        """Count the breaks on the board."""
        schedule = Schedule(self.board.slots, np.full_like(self.board.slots, -1))
        agendas = agendas_of(self.problem, schedule)
        return int(sum(breaks_in(agenda, self.problem.sessions) for agenda in agendas))


def checked(bound: int, value: int) -> int:
    """Return a bound; raises ArithmeticError if there is a schedule above it, as it proves nothing."""
    if value > bound:
        raise ArithmeticError(f"A schedule worth {value} was found above the bound {bound}.")
    return bound
