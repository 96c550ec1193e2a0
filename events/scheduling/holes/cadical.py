"""CaDiCaL in a process of its own, as it holds Python's lock while it solves.

Run as a program by `cadical_process`; reads the number of bytes in a line, so many bytes of clauses
(DIMACS, 32-bit numbers, 0 at the end of each), then one line of assumptions for each question.
Answers each with `no`, or `yes` and the true variables. Needs nothing of the project.
"""

import ctypes
import os
import signal
import sys
from array import array

from pysat.solvers import Cadical195

# <linux/prctl.h>: the signal that this process gets when the thread that started it ends.
PR_SET_PDEATHSIG = 1


def answer(words: str) -> None:
    """Write one line at once: somebody waits for it."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    """Answer questions until there are no more."""
    end_with(int(sys.argv[1]))
    source = sys.stdin.buffer
    clauses = array("i")
    clauses.frombytes(source.read(int(source.readline())))
    with Cadical195(bootstrap_with=split(clauses)) as solver:
        for line in source:
            if solver.solve(assumptions=[int(word) for word in line.split()]):
                true = (str(literal) for literal in solver.get_model() if literal > 0)
                answer(" ".join(("yes", *true)))
            else:
                answer("no")


def end_with(parent: int) -> None:
    """End when the parent does, whatever ends it: no solver is to outlive who asked."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("Whoever asked is gone")


def split(numbers: "array[int]") -> list[list[int]]:
    """Return the clauses, each of which ends with a 0 in the file's form."""
    clauses: list[list[int]] = []
    clause: list[int] = []
    for number in numbers:
        if number:
            clause.append(number)
        else:
            clauses.append(clause)
            clause = []
    return clauses


if __name__ == "__main__":
    main()
