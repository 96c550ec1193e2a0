"""The servers of `bench.publish`; Django is set up on them as this is imported."""

from __future__ import annotations

from contextlib import AbstractContextManager

from bench import servers

servers.set_up("publish")


def running() -> AbstractContextManager[None]:
    """Run them."""
    return servers.running()
