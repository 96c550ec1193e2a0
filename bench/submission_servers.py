"""The servers of `bench.submissions`; Django is set up on them as this is imported."""

from __future__ import annotations

from bench import servers

servers.set_up("submissions", embedder="lexical")

running = servers.running
