"""Solve instances of the published B2B meeting-scheduling problem with proof.

`python -m bench.schedule FILE.dzn [--gap 2] [--seconds 300]` prints one JSON object.
`python -m bench.schedule --all [FOLDER]` compares a folder with the optima in its
`published.json`, prints a table and writes `bench/results/schedule.json`. The data is not part of
the project; without it, nothing is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from bench.schedule_solved import ROOT, solved_file
from bench.schedule_table import BROKEN, compare
from bench.schedule_tokens import BadFileError

FOLDER = Path(os.environ.get("KONNECT_B2B", ROOT.parent / "shared" / "data" / "b2b"))
# The papers' default: nobody has more than two holes more than anybody else.
GAP, SECONDS = 2, 300.0
BAD = 2


def main(arguments: list[str] | None = None) -> int:
    """Solve a file or compare a folder; return how the process should end."""
    parser = argparse.ArgumentParser(prog="bench.schedule", description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, help="a .dzn file, or a folder with --all")
    parser.add_argument(
        "--all", action="store_true", help="compare a folder with what is published"
    )
    parser.add_argument("--gap", type=_at_least_nothing, default=GAP, metavar="N")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args(arguments)
    if options.all or options.path is None:
        return compare(options.path or FOLDER, options.seconds)
    return print_solved(options.path, options.gap, options.seconds)


def _at_least_nothing(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must be at least 0")
    return number


def print_solved(path: Path, gap: int, seconds: float) -> int:
    """Print what is found of one file as JSON, also what is wrong with it."""
    try:
        solved = solved_file(path, gap, seconds, _stop_by_signal())
    except BadFileError as error:
        print(json.dumps({"instance": path.stem, "error": str(error), "line": error.line}))
        return BAD
    print(json.dumps(asdict(solved)))
    return BROKEN if solved.violations else 0


def _stop_by_signal() -> Callable[[], bool]:
    """Let Ctrl-C and termination end the search, not the answer; return whether one came."""
    came: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        came.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, remember)
    return lambda: bool(came)


if __name__ == "__main__":
    sys.exit(main())
