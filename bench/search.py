"""Milliseconds of a search and of a suggestion of organisations, with everything that they take.

    python -m bench.search --people 10000

Every question is asked by a member who has blocked some people, for the first time in its process:
cutting it up, embedding it, one statement, facets, the page's reasons. *Elapsed* is what the reader
waits for, on a machine that others may use (its load stands under the table). *CPU* is that of this
process and of PostgreSQL's together: what elapses on a machine that is quiet. Questions are a mix:
names in Hangul and Latin letters, words common and rare, several words, Korean parts of words,
sentences, facets, and none at all.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import search_crowd
from bench.search_crowd import (
    KOREAN_GIVEN,
    KOREAN_SURNAMES,
    LATIN,
    LATIN_GIVEN,
    Texts,
    sentences,
)
from bench.servers import RESULTS
from bench.speed.machine import description
from bench.speed.postgres import backend_cpu
from matching.models import Block, Organisation, Profile, SearchKind
from matching.questions import Question
from matching.services.finding import find
from matching.services.organisation_suggestions import suggest_organisations
from matching.services.question_meaning import meaning_of

A_KIND, BLOCKED, SEED = 40, 3, 5
LIMITS = {10_000: (50.0, 150.0), 100_000: (100.0, 300.0)}
SUGGESTION_LIMIT = 20.0
# Milliseconds elapsed, and of CPU.
Spent = tuple[float, float]


def main() -> None:
    """Measure, print, record."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=list(LIMITS))
    for people in parser.parse_args().people:
        with search_crowd.gathered(people):
            result = measure()
        result |= {"people": people, "machine": description()}
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"search-{people}.json").write_text(json.dumps(result, indent=2) + "\n")
        report(result)


def measure() -> dict[str, Any]:
    """Return the times of every kind of question, in milliseconds."""
    reader = Profile.objects.select_related("user").order_by("pk")[1]
    for other in Profile.objects.order_by("-pk")[:BLOCKED]:
        Block.objects.get_or_create(blocker=reader, blocked=other)
    meaning_of("to load the model")
    asked = questions()
    for kind in asked:
        find(asked[kind][0], reader=reader.user)
    times: dict[str, list[Spent]] = defaultdict(list)
    hits: dict[str, list[int]] = defaultdict(list)
    # In turns, so that a busy moment of the machine meets all kinds.
    for turn in range(1, A_KIND):
        for kind, several in asked.items():
            found, spent = timed(lambda question=several[turn]: find(question, reader=reader.user))
            times[kind].append(spent)
            hits[kind].append(found.count)
    return {
        "search": {kind: row(times[kind], hits[kind]) for kind in times},
        "all": row([one for each in times.values() for one in each], []),
        "embedding": row([timed(lambda n=n: meaning_of(f"{n} unknown words"))[1] for n in range(40)], []),
        "queries": queries(asked["two words"][0], reader.user),
        "suggestions": suggestions(),
    }  # fmt: skip


def timed(call: Callable[[], Any]) -> tuple[Any, Spent]:
    """Return what a call returns, and what it took."""
    backend = connection.connection.info.backend_pid
    began, own, theirs = time.perf_counter(), time.process_time(), backend_cpu(backend)
    found = call()
    cpu = time.process_time() - own + backend_cpu(backend) - theirs
    return found, ((time.perf_counter() - began) * 1e3, cpu * 1e3)


def row(spent: list[Spent], hits: list[int]) -> dict[str, Any]:
    """Return what is said of some times."""
    (median, median_cpu), (late, late_cpu) = np.percentile(spent, [50, 95], axis=0)
    return {
        "median": round(float(median), 1),
        "p95": round(float(late), 1),
        "median_cpu": round(float(median_cpu), 1),
        "p95_cpu": round(float(late_cpu), 1),
        "asked": len(spent),
        "hits": int(statistics.median(hits)) if hits else None,
    }


def queries(question: Question, user: Any) -> int:
    """Return how many queries a search sends."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        find(question, reader=user)
    return len(captured)


def questions() -> dict[str, list[Question]]:
    """Return the questions of each kind; none is asked twice."""
    texts, chance = Texts(), np.random.default_rng(SEED)

    def pick(several: Any, first: int = 0, last: int | None = None) -> str:
        return str(several[int(chance.integers(first, last or len(several)))])

    words = texts.english
    makers: dict[str, Callable[[], str]] = {
        "name in Hangul": lambda: pick(KOREAN_SURNAMES) + pick(KOREAN_GIVEN) + pick(KOREAN_GIVEN),
        "name in Latin": lambda: f"{pick(LATIN_GIVEN)} {pick(LATIN_GIVEN)} {pick(LATIN)}",
        "common word": lambda: pick(words, 3, 100),
        "rare word": lambda: pick(words, 2_000, 20_000),
        "two words": lambda: f"{pick(words, 20, 2_000)} {pick(words, 20, 2_000)}",
        "four words": lambda: " ".join(pick(words, 20, 5_000) for _place in range(4)),
        "part of a Korean word": lambda: pick(texts.korean, 20, 5_000)[:2],
        "sentence": lambda: pick(sentences()) + " " + pick(words, 100, 5_000),
        "word with facets": lambda: pick(words, 3, 1_000),
        "no words": lambda: "",
    }
    return {
        kind: [question_of(kind, make(), turn) for turn in range(A_KIND)]
        for kind, make in makers.items()
    }


def question_of(kind: str, words: str, turn: int) -> Question:
    """Return one question, with facets and a later page where the kind has them."""
    chosen = {"country": ("KR",), "stage": ("R2", "R3")} if kind == "word with facets" else {}
    if kind == "no words":
        chosen = {"stage": ("R1",)} if turn % 2 else {}
    return Question(SearchKind.PEOPLE, words, chosen, page=1 + turn % 3)


def suggestions() -> dict[str, Any]:
    """Return the times of suggesting organisations while a name is typed."""
    names = list(Organisation.objects.exclude(name_ko="").order_by("pk")[:200])
    typed = [
        text
        for body in names[:: 200 // A_KIND]
        for text in (body.name[:14], body.name.split()[-1][:5], body.name_ko[:3], body.name_ko[1:4],
                     body.acronyms[0])
    ]  # fmt: skip
    suggest_organisations(typed[0])
    return row([timed(lambda text=text: suggest_organisations(text))[1] for text in typed[1:]], [])


def report(result: dict[str, Any]) -> None:
    """Print the tables and what became of the targets."""
    rows = {**result["search"], "ALL": result["all"], "of which embedding": result["embedding"],
            "suggestion": result["suggestions"]}  # fmt: skip
    heads = f"{'median':>10}{'p95':>8}{'CPU':>8}{'p95 CPU':>9}{'hits':>8}"
    print(f"\n{format(result['people'], ',') + ' people, ms':26}{heads}")
    for kind, found in rows.items():
        figures = (
            f"{found['median']:>10}{found['p95']:>8}{found['median_cpu']:>8}{found['p95_cpu']:>9}"
        )
        print(f"{kind:26}{figures}{found['hits'] or '':>8}")
    median, p95 = LIMITS.get(result["people"], (None, None))
    if median:
        print(f"targets: median < {median}, p95 < {p95}, suggestion p95 < {SUGGESTION_LIMIT}")
    print(f"queries a search: {result['queries']}; load {os.getloadavg()}\n{result['machine']}\n")


if __name__ == "__main__":
    main()
