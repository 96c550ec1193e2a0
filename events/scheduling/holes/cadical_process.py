"""Ask CaDiCaL, in its process, whether a formula holds under assumptions."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from events.scheduling.holes.climbing import SolverGoneError

PROGRAM = Path(__file__).with_name("cadical.py")


class CadicalProcess:
    """One process with one formula; what it learns for one question serves the next.

    As a context it is killed at the end, whatever it is at.
    """

    def __init__(self, packed: bytes, sums: Sequence[int] = ()) -> None:
        """Start the process with packed clauses (`Clauses.packed`).

        sums: literals of "more than 0, than 1, … are true", which questions are about.
        """
        self.sums = sums
        # -I: nothing from here or from the environment gets between the program and its imports.
        command = (sys.executable, "-I", str(PROGRAM), str(os.getpid()))
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.first = f"{len(packed)}\n".encode() + packed

    def ask(self, most: int | None) -> frozenset[int] | None:
        """Return true variables with at most so many, or nothing if there are none.

        Raises:
            SolverGoneError: the process has ended before it answered.
        """
        over = () if most is None else self.sums[most : most + 1]
        return self.ask_assuming([-literal for literal in over])

    def ask_assuming(self, assumptions: Sequence[int]) -> frozenset[int] | None:
        """Return variables that are true where these literals are, or nothing; see `ask`."""
        assert self.process.stdin
        assert self.process.stdout
        question = " ".join(map(str, assumptions)) + "\n"
        try:
            self.process.stdin.write(self.first + question.encode())
            self.process.stdin.flush()
            self.first = b""
            line = self.process.stdout.readline()
        except OSError as error:
            raise SolverGoneError from error
        return answer_of(line)

    def kill(self) -> None:
        """End the process at once, from any thread; whoever asks hears that it is gone."""
        self.process.kill()

    def __enter__(self) -> CadicalProcess:
        """Return the process."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill the process and take its exit in."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            # There may be unsent words for a process that is dead.
            with suppress(OSError):
                stream.close()


def answer_of(line: bytes) -> frozenset[int] | None:
    """Return the true variables of a whole line, or nothing for a no; else SolverGoneError.

    A process that is killed may leave the beginning of its answer: "yes" and some of the variables.
    """
    answer, *true = line.split() or (b"",)
    if not line.endswith(b"\n") or answer not in (b"yes", b"no"):
        raise SolverGoneError
    return frozenset(map(int, true)) if answer == b"yes" else None
