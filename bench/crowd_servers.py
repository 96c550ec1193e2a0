"""The servers of `bench.crowd`; Django is set up on them as this is imported."""

from __future__ import annotations

from contextlib import AbstractContextManager

from bench import servers

servers.set_up("crowd")


def running() -> AbstractContextManager[None]:
    """Run them, with room for some hundred thousand people in memory."""
    return servers.running(" -c shared_buffers=1GB -c max_wal_size=8GB")
