"""How often search finds the one text that was meant: both kinds of search, each alone, and plain ones.

    python -m bench.search_quality

Questions and texts come from the outside data (`KONNECT_OUTSIDE_DATA`, or `../shared/data`): a title
finds its abstract, some words of a Korean announcement find it, an English title finds a Korean call
text and the reverse, a Korean name finds an organisation of which only the English name is stored
and the reverse. Recall among the first ten, with intervals of 95 per cent from resampled questions;
differences are paired. *Plain full text* is PostgreSQL's own, with its English stemmer and any word
enough, ranked by ts_rank_cd; *plain vectors* is the nearest of all.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from bench import search_servers
from bench.servers import RESULTS, ROOT
from bench.speed.machine import description
from konnect.accounts.models import User
from matching.models import Organisation, Profile, SearchEntry, SearchKind
from matching.questions import Question
from matching.services import finding
from matching.services.finding import answered, search_for
from matching.services.question_meaning import meaning_of
from matching.services.search_entries import refresh_search_entries

FIRST, SAMPLES, SEED = 10, 2_000, 17
PASSAGE = 900
WORD = re.compile(r"[^\W_]+")
PLAIN_WORDS = """
DROP TABLE IF EXISTS plain;
CREATE TEMP TABLE plain AS SELECT coalesce(profile_id, organisation_id) AS thing, to_tsvector('english',
    coalesce((SELECT name FROM matching_organisation body WHERE body.id = organisation_id), texts)
    ) AS words
FROM matching_searchentry WHERE (kind, audience) IN (('people', 'member'), ('organisations', 'public'));
CREATE INDEX ON plain USING gin (words);
ANALYZE plain;
"""
PLAIN_TEXT = """
SELECT thing FROM plain,
    to_tsquery('english', replace(plainto_tsquery('english', %(words)s)::text, '&', '|')) asked
WHERE words @@ asked ORDER BY ts_rank_cd(words, asked) DESC, thing LIMIT %(first)s
"""
PLAIN_VECTORS = """
SELECT {column} FROM matching_searchentry WHERE kind = %(kind)s AND audience = %(audience)s
    AND meaning IS NOT NULL
ORDER BY (meaning <#> %(meaning)s::halfvec) + 0, {column} LIMIT %(first)s
"""


@dataclass(frozen=True)
class Item:
    """A question and the things that would be right."""

    words: str
    right: frozenset[int]


@dataclass(frozen=True)
class Text:
    """A text to be found, and by what."""

    body: str
    language: str
    questions: tuple[tuple[str, str], ...] = ()


def main() -> None:
    """Measure, print, record; say so when the data are not here."""
    parser = argparse.ArgumentParser(prog="python -m bench.search_quality", description=__doc__)
    parser.add_argument("--most", type=int, default=300, help="questions a set")
    most = parser.parse_args().most
    folder = Path(os.environ.get("KONNECT_OUTSIDE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        print(f"not run: {folder} is not here")
        return
    with search_servers.running():
        found = measure(folder, most)
    found["machine"] = description()
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "search-quality.json").write_text(json.dumps(found, indent=2) + "\n")
    report(found)


# --- Texts and questions --------------------------------------------------------------------------


def read(folder: Path, name: str) -> Any:
    """Return one file's rows."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else list(csv.DictReader(text.splitlines()))


def texts_of(folder: Path) -> list[Text]:
    """Return all texts, each with the sets and questions that look for it."""
    return [
        *titled(read(folder, "projects/erc-projects.json"), "English title, its project"),
        *titled(read(folder, "publications/s2orc-sample.json"), "English title, its publication"),
        *(Text(row["abstract"], "en") for row in read(folder, "publications/arxiv-abstracts.json")),
        *announcements(read(folder, "calls/kr-announcements.csv")),
        *calls(folder),
        *(Text(row["text"][:PASSAGE], "en") for row in read(folder, "calls/eu-calls.json")
          if row.get("text")),
    ]  # fmt: skip


def titled(rows: list[dict[str, Any]], name: str) -> Iterable[Text]:
    """Yield abstracts that their titles look for; the title is not part of the text."""
    for row in rows:
        if row["abstract"] and row["title"]:
            yield Text(row["abstract"], "en", ((name, row["title"]),))


def announcements(rows: list[dict[str, str]]) -> Iterable[Text]:
    """Yield Korean titles that some of their words look for, one of them cut to its beginning."""
    chance = random.Random(SEED)
    for row in rows:
        words = [word for word in dict.fromkeys(WORD.findall(row["title"])) if not word.isdigit()]
        chosen = chance.sample(words, min(4, len(words)))
        if len(chosen) > 2 and len(chosen[0]) > 3:
            chosen[0] = chosen[0][:2]
        yield Text(row["title"], "ko", (("Korean words, their announcement", " ".join(chosen)),))


def calls(folder: Path) -> Iterable[Text]:
    """Yield texts of calls in both languages, which titles in the other language look for."""
    titles = {row["id"]: row for row in read(folder, "calls/kr-europe-calls.json")}
    for row in read(folder, "calls/kr-europe-call-texts.json"):
        other = titles.get(row["id"], {})
        if row["language"] == "ko":
            found = [row["title_en_gloss"], other.get("title_en")]
            name = "English title, Korean call"
        else:
            found, name = [other.get("title_ko")], "Korean title, English call"
        questions = tuple((name, title) for title in dict.fromkeys(found) if title)
        yield Text(row["text"][: 3 * PASSAGE], row["language"], questions)


def write_texts(texts: Sequence[Text], most: int) -> dict[str, list[Item]]:
    """Write a profile for every text; return the questions of each set."""
    users = User.objects.bulk_create(
        [User(email=f"text-{number}@example.org") for number in range(len(texts))]
    )
    people = Profile.objects.bulk_create(
        [
            Profile(
                user=user, state="published", published_at=timezone.now(), side="europe",
                country_code="BE", display_name=f"Nobody {user.pk}",
                **{f"summary_{text.language}": text.body},
            )
            for user, text in zip(users, texts, strict=True)
        ]
    )  # fmt: skip
    same: dict[str, set[int]] = {}
    for person, text in zip(people, texts, strict=True):
        same.setdefault(text.body, set()).add(person.pk)
    sets: dict[str, list[Item]] = {}
    for text in texts:
        for name, words in text.questions:
            sets.setdefault(name, []).append(Item(words, frozenset(same[text.body])))
    chance = random.Random(SEED)
    return {name: chance.sample(few, min(most, len(few))) for name, few in sets.items()}


def write_organisations(
    rows: list[dict[str, str]], language: str, most: int
) -> dict[str, list[Item]]:
    """Write organisations with names in one language; questions are the names in the other."""
    Organisation.objects.all().delete()
    other = "en" if language == "ko" else "ko"
    bodies = Organisation.objects.bulk_create(
        [
            Organisation(
                name=row[f"name_{language}"] or row["name"], side="korea", country_code="KR",
                **{f"name_{language}": row[f"name_{language}"] or row["name"]},
            )
            for row in rows
        ]
    )  # fmt: skip
    items = [
        Item(row[f"name_{other}"], frozenset({body.pk}))
        for row, body in zip(rows, bodies, strict=True)
        if row["name_ko"] and row["name_en"]
    ]
    chosen = random.Random(SEED).sample(items, min(most, len(items)))
    heads = {"en": "Korean name, English organisation", "ko": "English name, Korean organisation"}
    return {heads[language]: chosen}


# --- Ways of searching ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where is searched, and for whom."""

    kind: SearchKind
    reader: User

    @property
    def column(self) -> str:
        """The column that names the things."""
        return "profile_id" if self.kind == SearchKind.PEOPLE else "organisation_id"

    def search(self, words: str, **options: Any) -> list[int]:
        """Return the portal's first hits, perhaps by one half of its search."""
        search = search_for(Question(self.kind, words, page_size=FIRST), self.reader)
        changed = finding.replace(search, **options) if options else search
        return [row[1] for row in answered(changed).rows]

    def combined(self, words: str) -> list[int]:
        """Return what the portal finds."""
        return self.search(words)

    def by_words(self, words: str) -> list[int]:
        """Return what the portal's full text finds alone."""
        return self.search(words, meaning=None)

    def plain_text(self, words: str) -> list[int]:
        """Return what PostgreSQL's full text finds."""
        return self.run(PLAIN_TEXT, words=words)

    def plain_vectors(self, words: str) -> list[int]:
        """Return the nearest texts."""
        return self.run(PLAIN_VECTORS, meaning=vector_of(words))

    def run(self, sql: str, **values: Any) -> list[int]:
        """Return the things that a statement finds."""
        audience = "member" if self.kind == SearchKind.PEOPLE else "public"
        values |= {"kind": self.kind.value, "audience": audience, "first": FIRST}
        with connection.cursor() as cursor:
            cursor.execute(sql.format(column=self.column), values)
            return [row[0] for row in cursor.fetchall()]

    @property
    def ways(self) -> dict[str, Callable[[str], list[int]]]:
        """All ways of searching."""
        return {
            "combination": self.combined,
            "its full text alone": self.by_words,
            "plain full text": self.plain_text,
            "plain vectors": self.plain_vectors,
        }


def vector_of(words: str) -> str | None:
    """Return a question's vector."""
    meaning = meaning_of(words)
    return meaning.vector if meaning else None


# --- Measuring ------------------------------------------------------------------------------------


def measure(folder: Path, most: int) -> dict[str, Any]:
    """Return the hits of every set and way."""
    # Vectors of texts stay, so that a second run need not embed them again.
    User.objects.all().delete()
    Organisation.objects.all().delete()
    hits: dict[str, dict[str, list[int]]] = {}
    texts = texts_of(folder)
    sets = write_texts(texts, most)
    reader = User.objects.create(email="reader@example.org")
    print(f"Indexing {len(texts):,} texts ...", flush=True)
    hits |= asked_all(sets, Place(SearchKind.PEOPLE, reader))
    rows = read(folder, "organisations/ror-kr.csv")
    rows += read(folder, "organisations/ror-eu27.csv")[::2]
    for language in ("en", "ko"):
        sets = write_organisations(rows, language, most)
        hits |= asked_all(sets, Place(SearchKind.ORGANISATIONS, reader))
    return {"texts": len(texts), "organisations": len(rows), "sets": hits, "rows": table(hits)}


def asked_all(sets: dict[str, list[Item]], place: Place) -> dict[str, dict[str, list[int]]]:
    """Index what there is and return for each question and way whether it was found."""
    while refresh_search_entries(seconds=60):
        print(f"  {SearchEntry.objects.exclude(embedder='').count():,} embedded", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE matching_searchentry")
        cursor.execute(PLAIN_WORDS)
    return {
        name: {
            way: [int(bool(item.right & set(search(item.words)))) for item in items]
            for way, search in place.ways.items()
        }
        for name, items in sets.items()
    }


def table(hits: dict[str, dict[str, list[int]]]) -> dict[str, Any]:
    """Return recall with intervals, for each set and for the mean of the sets."""
    chance = np.random.default_rng(SEED)
    drawn = {name: resampled(ways, chance) for name, ways in hits.items()}
    overall = {
        way: np.mean([drawn[name][way] for name in hits], axis=0)
        for way in next(iter(hits.values()))
    }
    rows = {name: row_of(ways, len(hits[name]["combination"])) for name, ways in drawn.items()}
    return rows | {
        "mean of all sets": row_of(overall, sum(len(w["combination"]) for w in hits.values()))
    }


def resampled(ways: dict[str, list[int]], chance: np.random.Generator) -> dict[str, Any]:
    """Return the recall of each way, measured and over resampled questions, the same for all."""
    count = len(ways["combination"])
    draws = np.vstack([np.arange(count), chance.integers(count, size=(SAMPLES, count))])
    return {way: np.array(found)[draws].mean(axis=1) for way, found in ways.items()}


def row_of(ways: dict[str, Any], count: int) -> dict[str, Any]:
    """Return the recalls of one row, and what the combination adds to each other way."""
    found: dict[str, Any] = {"questions": count}
    for way, drawn in ways.items():
        found[way] = interval(drawn)
        if way != "combination":
            found[f"gain over {way}"] = interval(ways["combination"] - drawn)
    return found


def interval(drawn: Any) -> list[float]:
    """Return the measured value and the interval of 95 per cent."""
    low, high = np.percentile(drawn[1:], [2.5, 97.5])
    return [round(float(value), 3) for value in (drawn[0], low, high)]


def report(found: dict[str, Any]) -> None:
    """Print the tables."""
    print(f"\nRecall among the first {FIRST}; {found['texts']:,} texts,"
          f" {found['organisations']:,} organisations")  # fmt: skip
    for name, row in found["rows"].items():
        print(f"\n{name} ({row['questions']} questions)")
        for way, (value, low, high) in ((w, v) for w, v in row.items() if w != "questions"):
            print(f"  {way:36}{value:>7.3f}  [{low:.3f}; {high:.3f}]")
    print(f"\n{found['machine']}\n")


if __name__ == "__main__":
    main()
