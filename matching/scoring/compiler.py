"""When compiled code is worth loading the compiler for."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

# With fewer people on either side, exact arithmetic takes less time than loading a compiler.
SMALL = 2000


def is_worth_loading(count: int) -> bool:
    """Tell whether to use compiled code for so many people on the larger side."""
    return count >= SMALL and has_compiler()


@cache
def has_compiler() -> bool:
    """Tell whether numba is installed."""
    return find_spec("numba") is not None
