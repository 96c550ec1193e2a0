"""What has to be done between new code and a running portal, in one process because Django is
slow to start.

    python -m konnect.prepare              database, cache table, catalogues, static files
    python -m konnect.prepare database     the database only: an image has its files already
    python -m konnect.prepare demo         the same, and the demonstration data
    python -m konnect.prepare progress     wait, visibly, until the first suggestions are there
"""

import fcntl
import os
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from konnect.limits import lift_limits

PROGRESS_LIMIT_SECONDS = 600
# How many invented people the demonstration has.
PEOPLE = int(os.environ.get("KONNECT_DEMO_PEOPLE", "400"))
# Two processes that prepare the same database wait for each other on this number.
ADVISORY_LOCK = 6_566_632


def prepare() -> None:
    """Bring the database and the files up to this code; does nothing that is done already."""
    prepare_database()
    prepare_files()


def prepare_database() -> None:
    """Make the tables."""
    lift_limits("SESSION")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    step("Database tables", lambda: call_command("migrate", verbosity=0, interactive=False))
    step("Cache table", lambda: call_command("createcachetable", verbosity=0))


def prepare_files() -> None:
    """Make what the repository does not hold because it is made from what it holds.

    Two portals of one checkout wait for each other here: collecting begins with clearing.
    """
    with Path(__file__).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_files()


def make_files() -> None:
    """Compile the catalogues; collect the static files unless they are there."""
    step("Message catalogues", lambda: call_command("messages", compile=True, stdout=StringIO()))
    # The server of development finds static files itself.
    if not settings.WHITENOISE_USE_FINDERS and static_files_are_old():
        step("Style sheets, scripts, images", collect_static_files)


def step(name: str, work: Callable[[], object]) -> None:
    """Do one step and say how long it took."""
    started = time.monotonic()
    work()
    say(f"  {name}: {time.monotonic() - started:.1f} s")


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def collect_static_files() -> None:
    """Collect, hash and compress the static files."""
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)


def static_files_are_old() -> bool:
    """Tell whether a static file, or the installed packages, changed since the last collection."""
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return True
    sources = [path for folder in settings.STATICFILES_DIRS for path in Path(folder).rglob("*")]
    sources.append(settings.BASE_DIR / "requirements" / "base.txt")
    return max(path.stat().st_mtime for path in sources) > manifest.stat().st_mtime


def load_demonstration() -> None:
    """Load the invented people, events and calls unless they are there."""
    if not PEOPLE:
        return
    if not count_profiles():
        step("Demonstration data", lambda: call_command("load_demo", people=PEOPLE))
    # These two look for themselves whether they were interrupted the last time.
    step("Demonstration events", lambda: call_command("load_demo_events"))
    step("Demonstration calls", lambda: call_command("load_demo_calls"))


def show_progress() -> None:
    """Print how far the worker is, until everybody has suggestions; then the accounts."""
    deadline = time.monotonic() + PROGRESS_LIMIT_SECONDS
    last = ""
    while time.monotonic() < deadline:
        people, embedded, listed = count_profiles(), count_vectors(), count_lists()
        line = f"  {embedded} of {people} people embedded, {listed} with suggestions"
        if line != last:
            say(line)
        if listed >= people:
            break
        last = line
        time.sleep(2)
    if PEOPLE:
        call_command("load_demo", accounts=True)


def count_profiles() -> int:
    """Count the people who take part in matching."""
    from matching.models import Profile  # noqa: PLC0415 - models load after django.setup

    return Profile.objects.suggestible().count()


def count_vectors() -> int:
    """Count the people whose texts are embedded."""
    from matching.models import ProfileVectors  # noqa: PLC0415 - models load after django.setup

    return ProfileVectors.objects.count()


def count_lists() -> int:
    """Count the lists of the run that people see."""
    from matching.models import SuggestionList  # noqa: PLC0415 - models load after django.setup

    return SuggestionList.objects.filter(match_run__state="published").count()


def main(arguments: list[str]) -> int:
    """Carry out one command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "konnect.settings")
    django.setup()
    match arguments:
        case []:
            prepare()
        case ["database"]:
            prepare_database()
        case ["demo"]:
            prepare()
            load_demonstration()
        case ["progress"]:
            show_progress()
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
