"""People and organisations to be searched: names, texts with realistic frequencies, meanings.

Words are invented and as frequent as Zipf says: the rank-r word has a share of about 1/r. Every
person writes some of a topic's own words as well; a third write Korean. Names are common Korean and
European ones. Meanings are real vectors of the portal's model, of sentences with the words of real
topics; a person's is the mean of a few and noise, and goes in by COPY.
"""

from __future__ import annotations

import io
import json
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from bench import crowd_servers
from bench.servers import ROOT
from bench.table_rows import empty, make_people, options_of, run_sql, table_of
from konnect.accounts.models import User
from matching.embedding import get_embedder, identity
from matching.models import Organisation, Profile, SearchEntry
from matching.services.list_rows import Pieces
from matching.services.search_entries import CHUNK, SCHEME, refresh_chunk

VOCABULARY, COMMON_WORDS, OWN_WORDS, TOPICS, SEED = 30_000, 45, 6, 600, 77
ORGANISATIONS, DISTINCT = 20_000, 10_000
CONSONANTS, VOWELS = "bcdfghklmnprstvz", "aeiou"
HANGUL = "가나다라마바사아자차카타파하거너더러머버서어저고노도로모보소오조구누두루무부수우주기니디리미비시이지"  # fmt: skip
KOREAN_SURNAMES = "김이박최정강조윤장임한오서신권황안송류홍"
KOREAN_GIVEN = "민서지현수영준은우진혜경성희연주태원석호"
LATIN_GIVEN = ["Min", "Seo", "Ji", "Hyun", "Su", "Young", "Jun", "Eun", "Woo", "Jin", "Hye", "Kyung", "Sung", "Hee", "Yeon", "Ju", "Tae", "Won", "Seok", "Ho"]  # fmt: skip
LATIN = ["Kim", "Lee", "Park", "Choi", "Jung", "Kang", "Cho", "Yoon", "Jang", "Lim", "Han", "Oh", "Seo", "Shin", "Kwon", "Hwang", "Ahn", "Song", "Ryu", "Hong"]  # fmt: skip
EUROPEAN_FAMILY = [
    "Schmidt",
    "Müller",
    "Rossi",
    "García",
    "Novák",
    "Kowalski",
    "Nagy",
    "Jansen",
    "Peeters",
    "Dubois",
    "Larsen",
    "Virtanen",
    "Silva",
    "Papadopoulos",
    "Ivanov",
    "Horvat",
    "Murphy",
    "Andersson",
    "Fischer",
]
EUROPEAN_GIVEN = ["Anna", "Maria", "Peter", "Jan", "Elena", "Lukas", "Sofia", "Marco", "Eva", "Paul", "Ingrid", "Tomas", "Julia", "Hugo", "Clara", "Nils", "Irene", "Olaf", "Petra", "Émile"]  # fmt: skip


@contextmanager
def gathered(people: int) -> Iterator[None]:
    """Run the servers with so many people and 20,000 organisations, all of them indexed."""
    with crowd_servers.running():
        if not fits(people):
            empty()
            make(people)
        yield


def fits(people: int) -> bool:
    """Tell whether an earlier measurement left what this one needs."""
    members = SearchEntry.objects.filter(kind="people", audience="member")
    whole = members.filter(scheme=SCHEME, meaning__isnull=False, embedder=identity(get_embedder()))
    return Profile.objects.count() == people == whole.count()


def make(people: int) -> None:
    """Write everything; beyond the first 10,000 people all are like one of them."""
    own = min(people, DISTINCT)
    make_people(own // 2)
    make_organisations(ORGANISATIONS if people == own else ORGANISATIONS // 10)
    print("Writing their texts ...", flush=True)
    write_texts(own)
    began, done = time.monotonic(), 0
    # As the worker does; their meanings come by COPY.
    while count := refresh_chunk(CHUNK):
        done += count
    print(f"  words of {done:,} entries in {time.monotonic() - began:.0f} s", flush=True)
    indexes = drop_large_indexes()
    if people > own:
        print(f"Copying them to {people:,} ...", flush=True)
        copy_people(people // own - 1)
    write_meanings()
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for definition in indexes:
            cursor.execute(definition)
    run_sql("VACUUM ANALYZE")


def copy_people(times: int) -> None:
    """Copy every person, account and entry so many times, with the words that they have."""
    first, last = Profile.objects.order_by("pk")[0].pk, Profile.objects.order_by("-pk")[0].pk
    step = last - first + 1
    places = f"generate_series(1, {times}) copy"
    move = {"id": f"id + {step} * copy"}
    copy_rows(User, places, move | {"email": "copy || '-' || email"})
    run_sql("ALTER TABLE matching_profile DISABLE TRIGGER search_insert")
    copy_rows(Profile, places, move | {"user_id": f"user_id + {step} * copy"})
    run_sql("ALTER TABLE matching_profile ENABLE TRIGGER search_insert")
    entries = "(SELECT max(id) FROM matching_searchentry)"
    copy_rows(SearchEntry, f"{places} WHERE kind = 'people'", {
        "id": f"id + {entries} * copy", "profile_id": f"profile_id + {step} * copy"})  # fmt: skip


def copy_rows(model: type[Any], places: str, changed: dict[str, str]) -> None:
    """Copy the rows of a table, some columns said anew."""
    names = [field.column for field in options_of(model).local_concrete_fields]
    chosen = ", ".join(changed.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    table = table_of(model)
    run_sql(f'INSERT INTO "{table}" ({columns}) SELECT {chosen} FROM "{table}", {places}')


def vocabulary(letters: tuple[str, ...], length: int, chance: np.random.Generator) -> list[str]:
    """Return as many different invented words of so many syllables."""
    made: dict[str, None] = {}
    while len(made) < VOCABULARY:
        count = int(chance.integers(2, length + 1))
        made["".join(letters[int(at)] for at in chance.integers(len(letters), size=count))] = None
    return list(made)


class Texts:
    """What people write; the same words at the same places in every run."""

    def __init__(self) -> None:
        self.chance = np.random.default_rng(SEED)
        syllables = tuple(
            a + b + c for a in CONSONANTS for b in VOWELS for c in ("", "n", "r", "s")
        )
        self.english = vocabulary(syllables, 4, self.chance)
        self.korean = vocabulary(tuple(HANGUL), 5, self.chance)

    def text(self, words: list[str], topic: int) -> str:
        """Return a text: words that all use, and some of a topic's own."""
        common = np.exp(self.chance.random(COMMON_WORDS) * np.log(VOCABULARY)).astype(int) - 1
        own = 200 + (topic * 37 + self.chance.integers(30, size=OWN_WORDS)) % (VOCABULARY - 200)
        found = [words[int(at)] for at in (*common, *own)]
        self.chance.shuffle(found)
        return " ".join(found)

    def person(self, number: int) -> tuple[str, ...]:
        """Return names in Latin letters and Hangul, texts in both languages, keywords."""
        topic = int(self.chance.integers(TOPICS))
        pick = self.chance.integers
        is_korean = number % 2 == 1
        english = self.text(self.english, topic) if number % 3 else ""
        korean = self.text(self.korean, topic) if number % 3 == 0 else ""
        keywords = [self.english[200 + (topic * 37 + at) % 29_000] for at in range(3)]
        if is_korean:
            surname, one, two = int(pick(20)), int(pick(20)), int(pick(20))
            given = KOREAN_GIVEN[one] + KOREAN_GIVEN[two]
            names = (
                LATIN[surname],
                f"{LATIN_GIVEN[one]}-{LATIN_GIVEN[two].lower()}",
                KOREAN_SURNAMES[surname] + given,
            )
        else:
            names = (EUROPEAN_FAMILY[int(pick(19))], EUROPEAN_GIVEN[int(pick(20))], "")
        return (*names, english, korean, "{" + ",".join(keywords) + "}")


def write_texts(people: int) -> None:
    """Give everybody a name and texts."""
    texts = Texts()
    first = Profile.objects.order_by("pk").values_list("pk", flat=True)[0]
    lines = ("\t".join((str(first + at), *texts.person(at))) for at in range(people))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE written (id bigint, family text, given text, hangul text,"
                       " english text, korean text, keywords varchar[])")  # fmt: skip
        cursor.copy_expert("COPY written FROM STDIN", io.StringIO("\n".join(lines) + "\n"))
        cursor.execute(
            "UPDATE matching_profile AS profile SET family_name = family, given_name = given,"
            " display_name = given || ' ' || family, hangul_name = hangul, summary_en = english,"
            " summary_ko = korean, keywords = written.keywords, is_public = profile.id % 10 = 0,"
            " confirmed_at = now() - profile.id % 400 * interval '1 day'"
            " FROM written WHERE written.id = profile.id"
        )


def make_organisations(count: int) -> None:
    """Write organisations with names in one or both languages, none of them real."""
    chance = np.random.default_rng(SEED)
    kinds = ("University of", "Institute of", "National Laboratory for", "Academy of")
    korean = ("대학교", "연구원", "과학기술원", "병원")
    texts = Texts()
    made = []
    for number in range(count):
        kind, is_korean = int(chance.integers(4)), number % 5 == 0
        word = texts.english[int(chance.integers(2_000))].title()
        name = f"{kinds[kind]} {word} {texts.english[number % 20_000].title()}"
        name_ko = texts.korean[number % 20_000] + korean[kind] if is_korean else ""
        made.append(
            Organisation(
                name=name, name_en=name, name_ko=name_ko, types=["education"],
                acronyms=["".join(part[0] for part in name.split()).upper()],
                city="Daejeon" if is_korean else "Ghent", side="korea" if is_korean else "europe",
                country_code="KR" if is_korean else "BE",
            )
        )  # fmt: skip
    Organisation.objects.bulk_create(made, batch_size=2_000)


# --- Meanings -------------------------------------------------------------------------------------


def sentences() -> list[str]:
    """Return sentences with the words of real topics, in both languages."""
    topics = json.loads((ROOT / "matching" / "data" / "topics.json").read_text())["topics"]
    return [
        template.format(topic[language])
        for topic in topics
        for language in ("name_en", "name_ko")
        for template in ("{}", "{}: methods and applications", "Partners for {} in Europe")
    ]


def write_meanings() -> None:
    """Write a vector into every person's entries."""
    print("Writing their meanings ...", flush=True)
    known = get_embedder().embed(sentences())
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE meant (id bigint, meaning halfvec(512))")
        ids = list(
            SearchEntry.objects.filter(kind="people").order_by("pk").values_list("pk", flat=True)
        )
        cursor.copy_expert("COPY meant FROM STDIN (FORMAT binary)", Pieces(packed(ids, known)))
        cursor.execute(
            "UPDATE matching_searchentry AS entry SET embedder = %s,"
            " meaning = CASE WHEN entry.texts <> '' THEN meant.meaning END"
            " FROM meant WHERE meant.id = entry.id",
            [identity(get_embedder())],
        )


def packed(ids: list[int], known: NDArray[np.float32]) -> Iterator[bytes]:
    """Yield rows of an entry and its vector of halves in PostgreSQL's binary format."""
    chance = np.random.default_rng(SEED)
    yield b"PGCOPY\n\xff\r\n\0" + bytes(8)
    for start in range(0, len(ids), 2_000):
        some = ids[start : start + 2_000]
        rows = meanings(known, len(some), chance).astype(">f2")
        size = 4 + rows.shape[1] * 2
        head = struct.pack(">ihh", size, rows.shape[1], 0)
        yield b"".join(
            struct.pack(">hiq", 2, 8, pk) + head + row.tobytes()
            for pk, row in zip(some, rows, strict=True)
        )
    yield b"\xff\xff"


def meanings(
    known: NDArray[np.float32], count: int, chance: np.random.Generator
) -> NDArray[np.float32]:
    """Return unit vectors, each near a few known ones."""
    chosen = known[chance.integers(len(known), size=(count, 2))].sum(axis=1)
    noise = chance.normal(size=chosen.shape).astype(np.float32) / np.sqrt(chosen.shape[1])
    rows = chosen + noise
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def drop_large_indexes() -> list[str]:
    """Drop the indexes of words and vectors, and return how they are made again, all at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'matching_searchentry'"
            " AND (indexdef LIKE '%hnsw%' OR indexdef LIKE '%gin%')"
        )
        found = cursor.fetchall()
        for name, _definition in found:
            cursor.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]
