"""Who reviews what: affinities, conflicts and loads in, an assignment with its proof out.

Pure: the standard library, numpy, scipy and OR-Tools. No Django, no clock but for the limit of a
run, no database. `solve` finds an assignment, `faults` checks one without any solver, and
`relaxations` says what to give up where nothing can satisfy all.
"""

from funding.assignment.blending import Weights, blended
from funding.assignment.checking import Fault, FaultCode, faults, faults_of_problem
from funding.assignment.problem import (
    NONE,
    Flags,
    Floats,
    Group,
    Ints,
    Objective,
    Pair,
    Problem,
    Progress,
    Result,
    Status,
)
from funding.assignment.relaxing import Relaxation, RelaxationCode, relaxations, relaxed
from funding.assignment.solving import solve

__all__ = [
    "NONE",
    "Fault",
    "FaultCode",
    "Flags",
    "Floats",
    "Group",
    "Ints",
    "Objective",
    "Pair",
    "Problem",
    "Progress",
    "Relaxation",
    "RelaxationCode",
    "Result",
    "Status",
    "Weights",
    "blended",
    "faults",
    "faults_of_problem",
    "relaxations",
    "relaxed",
    "solve",
]
