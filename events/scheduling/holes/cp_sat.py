"""CP-SAT asked in one thread; several threads may ask at once, as solving releases Python's lock.

`ortools.sat.python.cp_model` would import pandas, which takes longer than most of what is solved
here, so this speaks to the solver by the messages below it. One worker each: two workers of one
solve share a search that is much worse than two solves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from ortools.sat.python import cp_model_helper

from events.scheduling.holes.climbing import SolverGoneError
from events.scheduling.holes.formula import Formula

# Linear relaxations cost more than they prove here; signals are for whoever runs this, and the
# solver's own handler would end the process when two searches meet.
PARAMETERS = (
    "num_workers: 1 linearization_level: 0 max_presolve_iterations: 1 "
    "catch_sigint_signal: false random_seed: {seed}"
)
BY_CORES = " optimize_with_core: true"


class Minimiser:
    """One search for a solution in which as few as possible of some variables are true."""

    def __init__(self, formula: Formula, objective: Sequence[int], seed: int) -> None:
        """Hand the formula over; nothing is solved yet."""
        self.model = _message(formula)
        self.model.objective.vars.extend(objective)
        self.model.objective.coeffs.extend([1] * len(objective))
        self.wrapper = _wrapper(PARAMETERS.format(seed=seed) + BY_CORES)

    def search(
        self, on_bound: Callable[[int], None], on_solution: Callable[[frozenset[int]], None]
    ) -> bool | None:
        """Search to the end: whether there is a solution, or None if stopped before it is known.

        Tells of every bound and every solution; the last ones are the proof.
        """
        self.wrapper.add_best_bound_callback(lambda bound: on_bound(round(bound)))
        teller = _Teller(on_solution)
        self.wrapper.add_solution_callback(teller)
        response = self.wrapper.solve(self.model)
        self.wrapper.clear_solution_callback(teller)
        status = response.status
        if status == cp_model_helper.INFEASIBLE:
            return False
        if status in (cp_model_helper.OPTIMAL, cp_model_helper.FEASIBLE):
            on_solution(_true(response))
            if status == cp_model_helper.OPTIMAL:
                on_bound(round(response.objective_value))
            return True
        return None

    def stop(self) -> None:
        """End the search soon, from any thread."""
        self.wrapper.stop_search()


class Question:
    """One formula, asked again and again: does it hold with at most so many of some variables?"""

    def __init__(self, formula: Formula, objective: Sequence[int], seed: int) -> None:
        """Hand the formula over; nothing is asked yet."""
        self.model = _message(formula)
        self.all = len(objective)
        linear = self.model.constraints.add().linear
        linear.vars.extend(objective)
        linear.coeffs.extend([1] * len(objective))
        linear.domain.extend([0, self.all])
        self.domain = linear.domain
        self.parameters = PARAMETERS.format(seed=seed)
        self.wrapper: Any = None

    def ask(self, most: int | None) -> frozenset[int] | None:
        """Return true variables with at most so many, or nothing if there are none.

        Raises:
            SolverGoneError: it was stopped before it knew.
        """
        self.domain[1] = self.all if most is None else most
        self.wrapper = _wrapper(self.parameters)
        response = self.wrapper.solve(self.model)
        if response.status == cp_model_helper.INFEASIBLE:
            return None
        if response.status not in (cp_model_helper.OPTIMAL, cp_model_helper.FEASIBLE):
            raise SolverGoneError
        return _true(response)

    def kill(self) -> None:
        """End the search soon, from any thread."""
        if self.wrapper:
            self.wrapper.stop_search()


# Without types in the library's own stubs.
def _wrapper(parameters: str) -> Any:
    wrapper = cp_model_helper.SolveWrapper()
    message = cp_model_helper.SatParameters()
    message.parse_text_format(parameters)
    wrapper.set_parameters(message)
    return wrapper


class _Teller(cp_model_helper.SolutionCallback):
    """Tells of each solution; the solver calls it by the name that it knows."""

    def __init__(self, tell: Callable[[frozenset[int]], None]) -> None:
        super().__init__()
        self.tell = tell

    def OnSolutionCallback(self) -> None:  # noqa: N802 - the solver's name
        self.tell(_true(cast("Any", self).Response()))


def _message(formula: Formula) -> cp_model_helper.CpModelProto:
    model = cp_model_helper.CpModelProto()
    # Variable 0 is never used, so that numbers are those of the formula.
    for _ in range(formula.variables + 1):
        model.variables.add().domain.extend([0, 1])
    add = model.constraints.add
    for clause in formula.clauses:
        add().bool_or.literals.extend(_references(clause))
    for choice in formula.choices:
        add().exactly_one.literals.extend(_references(choice))
    for count in formula.counts:
        # An opposite counts as 1 minus its variable.
        opposites = sum(literal < 0 for literal in count.literals)
        linear = add().linear
        linear.vars.extend([abs(literal) for literal in count.literals])
        linear.coeffs.extend([1 if literal > 0 else -1 for literal in count.literals])
        linear.domain.extend([count.fewest - opposites, count.most - opposites])
    return model


def _references(literals: Sequence[int]) -> list[int]:
    """Return literals as CP-SAT writes them: the opposite of variable v is -v - 1."""
    return [literal if literal > 0 else literal - 1 for literal in literals]


def _true(response: cp_model_helper.CpSolverResponse) -> frozenset[int]:
    """Return the variables that are true in a solution."""
    return frozenset(variable for variable, value in enumerate(response.solution) if value)
