"""The servers of `bench.registration`; Django is set up on them as this is imported."""

from __future__ import annotations

from bench import servers

servers.set_up("registration", embedder="lexical")

running = servers.running
