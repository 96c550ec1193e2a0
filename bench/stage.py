"""The stage of every measurement: servers of its own and ten thousand generated people."""

from __future__ import annotations

import json
import os
import platform
import random
import sys
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Always its own, whatever servers the caller has; kept, for the people take minutes to make.
os.environ["KONNECT_DATA_DIR"] = os.environ.get("KONNECT_BENCH_DIR", str(ROOT / "var" / "bench"))
os.environ.setdefault("KONNECT_EMBEDDER", "lexical")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
sys.path.insert(0, str(ROOT))

import django  # noqa: E402
from django.core.management import call_command  # noqa: E402

from konnect import embedded  # noqa: E402

# Fewer for a first look: KONNECT_BENCH_SIDE=300.
A_SIDE = int(os.environ.get("KONNECT_BENCH_SIDE", "5000"))
WORDS = [
    "perovskite", "graphene", "catalysis", "genomics", "robotics", "lithography",
    "hydrogen", "battery", "vaccine", "sensor", "membrane", "photonics",
    "plasma", "polymer", "proteomics", "quantum", "radar", "semiconductor",
    "spectroscopy", "turbine", "wireless", "enzyme", "imaging", "nanowire",
]  # fmt: skip


def prepare() -> bool:
    """Start the servers, migrate, and generate the people once; return whether we started them."""
    started = embedded.start()
    django.setup()
    call_command("migrate", verbosity=0)
    if not fits():
        call_command("flush", interactive=False, verbosity=0)
        generate()
    return started


def fits() -> bool:
    """Tell whether the people of an earlier run are whole and scored with today's embedder."""
    from matching.embedding import get_embedder, identity  # noqa: PLC0415 - needs django.setup
    from matching.models import MatchRun, Profile  # noqa: PLC0415

    run = MatchRun.objects.current()
    return (
        Profile.objects.count() == 2 * A_SIDE
        and run is not None
        and run.embedder == identity(get_embedder())
    )


def generate() -> None:
    """Write people, topics and listings in bulk, then embed and score them."""
    from matching.models import Area, Topic  # noqa: PLC0415 - needs django.setup
    from matching.services.embeddings import refresh_stale_embeddings  # noqa: PLC0415
    from matching.services.matching import run_matching  # noqa: PLC0415

    print(f"Making {2 * A_SIDE} people, once; later runs use them again ...", flush=True)
    chance = random.Random(20)
    profiles = make_profiles(chance)
    link(profiles, list(Area.objects.all()), "areas", chance, 2)
    link(profiles, list(Topic.objects.all()), "topics", chance, 3)
    make_listings(profiles, chance)
    done = 0
    while count := refresh_stale_embeddings(seconds=10):
        done += count
        print(f"  {done} of {2 * A_SIDE} embedded", flush=True)
    print("  scoring", flush=True)
    run_matching()


def make_profiles(chance: random.Random) -> list:
    """Return published people of both sides."""
    from django.utils import timezone  # noqa: PLC0415

    from konnect.accounts.models import User  # noqa: PLC0415
    from matching.models import Organisation, Profile  # noqa: PLC0415

    sides = (("europe", "BE"), ("korea", "KR"))
    places = [
        Organisation(name=f"University {side} {number}", types=["education"], side=side,
                     country_code=country, city="City")
        for side, country in sides for number in range(200)
    ]  # fmt: skip
    Organisation.objects.bulk_create(places)
    users = User.objects.bulk_create(
        [User(email=f"bench{number}@example.org") for number in range(2 * A_SIDE)], 1000
    )
    now = timezone.now()
    people = [
        Profile(
            user=user, state="published", published_at=now, display_name=f"Researcher {number}",
            organisation=places[chance.randrange(200) + 200 * (number % 2)],
            side=sides[number % 2][0], country_code=sides[number % 2][1], position="Professor",
            career_stage=chance.choice(["R1", "R2", "R3", "R4"]), summary_en=sentence(chance, 40),
            would_host=chance.random() < 0.4, would_visit=chance.random() < 0.4,
        )
        for number, user in enumerate(users)
    ]  # fmt: skip
    return Profile.objects.bulk_create(people, 1000)


def sentence(chance: random.Random, words: int) -> str:
    """Return a sentence of made-up research."""
    return "We study " + " ".join(chance.choices(WORDS, k=words)) + "."


def link(profiles: list, things: list, name: str, chance: random.Random, count: int) -> None:
    """Give everybody a few areas or topics."""
    from matching.models import Profile  # noqa: PLC0415

    through = getattr(Profile, name).through
    column = f"{name.rstrip('s')}_id"
    rows = [
        through(**{"profile_id": profile.pk, column: thing.pk})
        for profile in profiles
        for thing in chance.sample(things, min(count, len(things)))
    ]
    through.objects.bulk_create(rows, 2000)


def make_listings(profiles: list, chance: random.Random) -> None:
    """Let everybody offer one thing and seek another."""
    from django.utils import timezone  # noqa: PLC0415

    from matching.models import Listing  # noqa: PLC0415

    until = timezone.now() + timedelta(days=3650)
    rows = [
        Listing(profile=profile, kind=kind, state="open", valid_until=until,
                title_en=sentence(chance, 5), description_en=sentence(chance, 12))
        for profile in profiles for kind in ("offer", "request")
    ]  # fmt: skip
    Listing.objects.bulk_create(rows, 1000)


def machine() -> dict[str, object]:
    """Return what the figures depend on beside the code."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
        "python": platform.python_version(),
        "django": django.__version__,
    }


def record(name: str, result: dict[str, object], columns: tuple[str, ...]) -> None:
    """Print a result's rows as a table, and keep the result in bench/results/."""
    result["machine"] = machine()
    folder = ROOT / "bench" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
    print(f"{'':36}" + "".join(f"{column.replace('_', ' '):>16}" for column in columns))
    for title, row in result["rows"].items():
        print(f"{title:36}" + "".join(f"{row[column]:>16}" for column in columns))
    print(f"{result['machine']}\n", flush=True)
