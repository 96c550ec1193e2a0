"""Django, set up on servers of the measurement's own.

Models load only after that. So `bench.crowd_servers` and `bench.stage_servers` set up as they are
imported, and each is imported by the modules that need the portal, before anything of the portal:
the alphabet, by which imports are sorted, sees to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connections

from konnect import embedded

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"


def set_up(name: str, *, embedder: str | None = None) -> None:
    """Set Django up on the data of this name, unless it is set up, as it is in the tests.

    embedder: the one that is taken unless the environment names another.
    """
    if apps.ready:
        return
    if embedder:
        os.environ.setdefault("KONNECT_EMBEDDER", embedder)
    folder = Path(os.environ.get("KONNECT_BENCH_DIR", ROOT / "var" / "bench")) / name
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["KONNECT_DATA_DIR"] = str(folder)
    # Not as a default: konnect.celery has set one.
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()


@contextmanager
def running(options: str = "") -> Iterator[None]:
    """Run the servers, with today's tables; stop them unless they ran before.

    options: what PostgreSQL is told besides; its last word counts.
    """
    embedded.POSTGRES_OPTIONS += options
    started = embedded.start()
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        # The next ones to run are others, though they have the same address.
        connections.close_all()
        if started:
            embedded.stop()
