"""Generated people by the hundred thousand, with vectors but without texts.

Rows are made inside PostgreSQL from one template a table; vectors come from the clustered
generator of `bench.speed.population` and go in by COPY. The embedder's name stands beside them,
so the portal takes them for its own and embeds nobody again.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
# Texts of one person: publications, those in English, offers, requests, and their words.
WORKS, ENGLISH, OFFERS, SEEKS, WORDS = 3, 2, 1, 1, 40
VOCABULARY, PORTION, SEED = 20_000, 2000, 31
PLACES_A_SIDE = 200
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
Short = NDArray[np.int16]


def use_servers(name: str) -> None:
    """Set Django up on servers of this measurement's own; call before anything of the portal."""
    folder = os.environ.get("KONNECT_BENCH_DIR", str(ROOT / "var" / "bench"))
    os.environ["KONNECT_DATA_DIR"] = str(Path(folder) / name)
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    Path(os.environ["KONNECT_DATA_DIR"]).mkdir(parents=True, exist_ok=True)


def prepare(a_side: int, *, with_vectors: bool) -> bool:
    """Start the servers and make the people unless they are there; return whether we started."""
    import django  # noqa: PLC0415 - after use_servers
    from django.core.management import call_command  # noqa: PLC0415

    from konnect import embedded  # noqa: PLC0415

    embedded.POSTGRES_OPTIONS += " -c shared_buffers=1GB -c max_wal_size=8GB"
    started = embedded.start()
    django.setup()
    call_command("migrate", verbosity=0)
    make(a_side, with_vectors=with_vectors)
    return started


def make(a_side: int, *, with_vectors: bool) -> None:
    """Have exactly so many people of each side, with vectors of today's embedders if wanted."""
    from matching.models import Profile, ProfileVectors  # noqa: PLC0415 - needs django.setup

    if Profile.objects.count() != 2 * a_side:
        empty()
        make_people(a_side)
    if with_vectors and not vectors_fit(a_side):
        ProfileVectors.objects.all().delete()
        make_vectors()


def empty() -> None:
    """Delete everybody and every run."""
    from django.core.management import call_command  # noqa: PLC0415

    call_command("flush", interactive=False, verbosity=0)


def vectors_fit(a_side: int) -> bool:
    """Tell whether everybody has vectors of today's embedders."""
    from matching.models import ProfileVectors  # noqa: PLC0415 - needs django.setup
    from matching.services.snapshots import embedders  # noqa: PLC0415

    return ProfileVectors.objects.filter(**embedders()).count() == 2 * a_side


# --- Rows inside PostgreSQL --------------------------------------------------------------------


def make_people(a_side: int) -> None:
    """Write users, organisations, profiles, and their areas and topics."""
    from django.utils import timezone  # noqa: PLC0415 - needs django.setup

    from konnect.accounts.models import User  # noqa: PLC0415
    from matching.models import Organisation, Profile  # noqa: PLC0415

    print(f"Making {2 * a_side:,} people ...", flush=True)
    organisations = Organisation.objects.bulk_create(
        [
            Organisation(name=f"University {number}", types=["education"], city="City",
                         side=("europe", "korea")[number % 2],
                         country_code=("BE", "KR")[number % 2])
            for number in range(2 * PLACES_A_SIDE)
        ]
    )  # fmt: skip
    user = User.objects.create(email="crowd-1@example.org")
    profile = Profile.objects.create(
        user=user, state="published", published_at=timezone.now(), display_name="Researcher 1",
        organisation=organisations[0], side="korea", country_code="KR", position="Professor",
        career_stage="R1", summary_en="Made for measurements.",
    )  # fmt: skip
    multiply(User, user.pk, 2 * a_side, {"email": "'crowd-' || number || '@example.org'"})
    first, place = user.pk - 1, organisations[0].pk
    multiply(Profile, profile.pk, 2 * a_side, {
        "user_id": f"{first} + number",
        "display_name": "'Researcher ' || number",
        "side": "(ARRAY['europe', 'korea'])[1 + number % 2]",
        "country_code": "(ARRAY['BE', 'KR'])[1 + number % 2]",
        "organisation_id": f"{place} + number % {2 * PLACES_A_SIDE}",
        "career_stage": "(ARRAY['R1', 'R2', 'R3', 'R4'])[1 + (number / 7) % 4]",
        "would_host": "number % 5 < 2",
        "would_visit": "number % 3 = 0",
    })  # fmt: skip
    link("areas", 2)
    link("topics", 3)
    run_sql("ANALYZE")


def multiply(model: type, template: int, count: int, changed: dict[str, str]) -> None:
    """Copy one row until there are `count`, some columns said anew by the copy's number."""
    options = model._meta  # noqa: SLF001 - Django's own documented API
    names = [field.column for field in options.local_concrete_fields if not field.primary_key]
    chosen = ", ".join(changed.get(name, f'template."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    run_sql(
        f'INSERT INTO "{options.db_table}" ({columns}) SELECT {chosen} FROM'
        f' "{options.db_table}" template, generate_series(2, {count}) number'
        f" WHERE template.id = {template} ORDER BY number"
    )


def link(name: str, count: int) -> None:
    """Give everybody a few areas or topics, spread by their number."""
    from matching.models import Profile  # noqa: PLC0415 - needs django.setup

    field = Profile._meta.get_field(name)  # noqa: SLF001 - Django's own documented API
    table, target = field.m2m_db_table(), field.related_model._meta.db_table  # noqa: SLF001
    columns = f"{field.m2m_column_name()}, {field.m2m_reverse_name()}"
    run_sql(
        f"INSERT INTO {table} ({columns}) SELECT DISTINCT profile.id,"
        f" things.ids[1 + (profile.id * 7919 * step + step) % cardinality(things.ids)]"
        f" FROM matching_profile profile, generate_series(1, {count}) step,"
        f" (SELECT array_agg(id ORDER BY id) AS ids FROM {target}) things"
        " WHERE things.ids IS NOT NULL"
    )


def run_sql(statement: str) -> None:
    """Run a statement that takes nothing from outside."""
    from django.db import connection  # noqa: PLC0415 - needs django.setup

    with connection.cursor() as cursor:
        cursor.execute(statement)


# --- Vectors by COPY ---------------------------------------------------------------------------


def make_vectors() -> None:
    """Write everybody's vectors, texts' vectors and words."""
    from django.db import connection  # noqa: PLC0415 - needs django.setup

    from matching.embedding import get_embedder, get_english_embedder  # noqa: PLC0415
    from matching.models import Profile  # noqa: PLC0415
    from matching.services.list_rows import Pieces  # noqa: PLC0415
    from matching.services.snapshots import embedders  # noqa: PLC0415

    print("Making their vectors ...", flush=True)
    english = get_english_embedder()
    maker = Vectors(
        get_embedder().dimension, english.dimension if english else 0, list(embedders().values())
    )
    people = list(Profile.objects.order_by("pk").values_list("pk", "matching_changed_at"))
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY matching_profilevectors ({', '.join(COLUMNS)}) FROM STDIN (FORMAT binary)",
            Pieces(maker.rows(people)),
        )
    run_sql("ANALYZE matching_profilevectors")


COLUMNS = (
    "profile_id", "embedder", "english_embedder", "built_from", "topic", "offers", "seeks",
    "work_items", "work_sources", "offer_items", "offer_sources", "seek_items", "seek_sources",
    "english_items", "english_sources", "words",
)  # fmt: skip


class Vectors:
    """Rows of vectors, people of one topic near each other in every kind of text."""

    def __init__(self, dimension: int, english: int, names: list[str]) -> None:
        from bench.speed.population import Centres  # noqa: PLC0415 - numpy only when needed

        self.names = [name.encode() for name in names]
        self.centres = Centres.of(dimension, SEED)
        self.english = Centres.of(english, SEED + 1) if english else None
        self.chance = np.random.default_rng(SEED)

    def rows(self, people: list[tuple[int, datetime]]) -> Iterator[bytes]:
        """Yield everybody in PostgreSQL's binary format."""
        yield b"PGCOPY\n\xff\r\n\0" + bytes(8)
        for start in range(0, len(people), PORTION):
            yield b"".join(self.portion(people[start : start + PORTION]))
        yield b"\xff\xff"

    def portion(self, people: list[tuple[int, datetime]]) -> Iterator[bytes]:
        """Yield some people."""
        from bench.speed.population import TOPICS  # noqa: PLC0415

        topics = self.chance.integers(TOPICS, size=len(people))
        kinds = [self.texts(topics, count) for count in (1, 1, 1, WORKS, OFFERS, SEEKS)]
        english = self.texts(topics, ENGLISH, in_english=True)
        words = self.words(topics)
        for row, (person, changed) in enumerate(people):
            yield self.row(person, changed, [kind[row] for kind in kinds], english[row],
                           words[row])  # fmt: skip

    def texts(
        self, topics: NDArray[np.int64], count: int, *, in_english: bool = False
    ) -> list[bytes]:
        """Return the stored vectors of each person's texts of one kind."""
        from bench.speed.population import AREAS, unit_rows  # noqa: PLC0415

        centres = self.english if in_english else self.centres
        if centres is None:
            return [b""] * len(topics)
        many = np.repeat(topics, count)
        made: Short = unit_rows(centres, many % AREAS, many, self.chance)
        width = made.shape[1] * 2 * count
        flat = made.astype("<i2").tobytes()
        return [flat[start : start + width] for start in range(0, len(flat), width)]

    def words(self, topics: NDArray[np.int64]) -> list[bytes]:
        """Return each person's words: half of their topic's, half of everybody's."""
        from matching.scoring.lexical import BUCKETS, SIXTEENTHS  # noqa: PLC0415

        own = topics[:, None] * 97 + self.chance.integers(200, size=(len(topics), WORDS // 2))
        common = self.chance.zipf(1.5, size=(len(topics), WORDS // 2))
        found = np.concatenate([own % VOCABULARY, common % VOCABULARY], axis=1)
        rows = []
        for mine in found:
            hashes, counts = np.unique(mine * 2_654_435_761 % BUCKETS, return_counts=True)
            pairs = np.empty(len(hashes), dtype=[("hash", "<u4"), ("count", "<u2")])
            pairs["hash"], pairs["count"] = hashes, counts * SIXTEENTHS
            rows.append(pairs.tobytes())
        return rows

    def row(
        self, person: int, changed: datetime, kinds: list[bytes], english: bytes, words: bytes
    ) -> bytes:
        """Return one person."""
        topic, offers, seeks, works, offer_items, seek_items = kinds
        moment = (changed - EPOCH) // timedelta(microseconds=1)
        values = [
            struct.pack(">q", person), *self.names, struct.pack(">q", moment),
            topic, offers, seeks, works, sources(person, WORKS), offer_items,
            sources(person, OFFERS), seek_items, sources(person, SEEKS), english,
            sources(person, ENGLISH if english else 0), words,
        ]  # fmt: skip
        packed = b"".join(struct.pack(">i", len(value)) + value for value in values)
        return struct.pack(">h", len(values)) + packed


def sources(person: int, count: int) -> bytes:
    """Return an array of bigint: invented ids of the listings and works that texts come from."""
    if not count:
        return struct.pack(">iii", 0, 0, 20)
    head = struct.pack(">iiiii", 1, 0, 20, count, 1)
    return head + b"".join(struct.pack(">iq", 8, 10 * person + one) for one in range(count))
