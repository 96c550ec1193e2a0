"""The servers of `bench.stage`; Django is set up on them as this is imported."""

from __future__ import annotations

from bench import servers

# Ten thousand people's texts are embedded in minutes, not in hours.
servers.set_up("stage", embedder="lexical")

running = servers.running
