"""The servers of `bench.search_quality`; Django is set up on them as this is imported."""

from __future__ import annotations

from contextlib import AbstractContextManager

from bench import servers

servers.set_up("search-quality")


def running() -> AbstractContextManager[None]:
    """Run them."""
    return servers.running()
