"""Why something was found: the line of its texts that shows it, and the words to mark in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from matching.lexemes import Asked, plain, text_lexemes
from matching.models import SearchEntry
from matching.names import WORD
from matching.questions import Cause, Why

LONGEST_SNIPPET = 180
LEXEMES = re.compile(r"'((?:[^']|'')+)'")
# A row of a page: entry, thing, 0 strict or 1 loose or None, likeness or None.
Row = Sequence[object]


def why_found(rows: Sequence[Row], asked: Asked) -> dict[int, Why]:
    """Return {thing: why it was found}; one query for all."""
    things = {int(str(row[0])): int(str(row[1])) for row in rows}
    by_words = {int(str(row[0])): row[2] for row in rows}
    entries = SearchEntry.objects.filter(pk__in=things).extra(
        select={"is_named": "words @@ %s::tsquery", "is_keyword": "words @@ %s::tsquery"},
        select_params=(asked.in_names, asked.in_keywords),
    )
    return {
        things[pk]: why(texts, asked, by_words[pk], is_named=is_named, is_keyword=is_keyword)
        for pk, texts, is_named, is_keyword in entries.values_list(
            "pk", "texts", "is_named", "is_keyword"
        )
    }


def why(texts: str, asked: Asked, tier: object, *, is_named: bool, is_keyword: bool) -> Why:
    """Return why one thing was found."""
    wanted = lexemes_of(asked.words)
    line, marked = best_line(texts, wanted)
    if is_named:
        return Why(Cause.NAME, snippet(line, marked), marked)
    if marked:
        return Why(Cause.KEYWORD if is_keyword else Cause.TEXT, snippet(line, marked), marked)
    if tier == 0:
        return Why(Cause.TEXT)
    return Why(Cause.MEANING if tier is None else Cause.SPELLING, snippet(line, ()))


@lru_cache(maxsize=200)
def lexemes_of(words: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Return for each word of a question the lexemes that it may stand for."""
    return tuple(
        frozenset(found.replace("''", "'") for found in LEXEMES.findall(word)) for word in words
    )


def best_line(texts: str, wanted: tuple[frozenset[str], ...]) -> tuple[str, tuple[str, ...]]:
    """Return the line with most of what was asked, and the words for it as they stand there.

    Without any, the first line and no words.
    """
    best: tuple[int, str, tuple[str, ...]] = (0, texts.partition("\n")[0], ())
    for line in texts.split("\n"):
        hits = {word: met(word, wanted) for word in dict.fromkeys(WORD.findall(line))}
        most = [max(counts) for counts in zip(*hits.values(), strict=True)]
        if sum(most) > best[0]:
            best = (
                sum(most),
                line,
                tuple(w for w, counts in hits.items() if is_best(counts, most)),
            )
    return best[1], best[2]


def is_best(counts: tuple[int, ...], most: Sequence[int]) -> bool:
    """Tell whether a word meets one of the words asked for as well as any other does."""
    return any(count == top > 0 for count, top in zip(counts, most, strict=True))


@lru_cache(maxsize=20_000)
def met(word: str, wanted: tuple[frozenset[str], ...]) -> tuple[int, ...]:
    """Return how many lexemes a written word shares with each word of a question."""
    written = {plain(word), *text_lexemes(plain(word))}
    return tuple(len(written & forms) for forms in wanted)


def snippet(line: str, marked: Sequence[str]) -> str:
    """Return the part of a line around the first marked word, cut at words."""
    if len(line) <= LONGEST_SNIPPET:
        return line
    first = min((line.find(word) for word in marked), default=0)
    start = max(first - LONGEST_SNIPPET // 3, 0)
    start = line.find(" ", start) + 1 if start else 0
    end = line.rfind(" ", start, start + LONGEST_SNIPPET)
    end = end if end > start else start + LONGEST_SNIPPET
    return "…" * (start > 0) + line[start:end] + "…" * (end < len(line))
