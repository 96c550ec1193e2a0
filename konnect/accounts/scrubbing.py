"""Taking a person's name and addresses out of texts that stay with others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast

# What stands where a word was: the same in every language.
GAP = "[…]"
# Shorter ones are also everyday words: nobody's letters are riddled because somebody is called Li.
SHORTEST = 4
SHORTEST_HANGUL = 2


@dataclass(frozen=True)
class Words:
    """The names, addresses and numbers by which texts may mean one person."""

    words: frozenset[str]

    @classmethod
    def of(cls, words: Iterable[str]) -> Words:
        """Keep what is long enough to mean nobody else, also as HTML writes it."""
        telling = {word.strip() for word in words if is_telling(word.strip())}
        return cls(frozenset(telling | {escape(word) for word in telling}))

    @property
    def pattern(self) -> str:
        """A regular expression of PostgreSQL that finds any of them; "" when there is none.

        Longer ones first, so that an address goes as a whole. Korean has particles right after
        a name, so nothing is asked of what follows Hangul.
        """
        longest_first = sorted(self.words, key=lambda word: (-len(word), word))
        return "|".join(bounded(word) for word in longest_first)


def is_telling(word: str) -> bool:
    """Tell whether a word is long enough to mean one person."""
    has_hangul = any("\uac00" <= letter <= "\ud7a3" for letter in word)
    return len(word) >= (SHORTEST_HANGUL if has_hangul else SHORTEST)


def bounded(word: str) -> str:
    """Return the pattern of one word that is not a part of another."""
    begins = r"\m" if word[0].isalnum() else ""
    ends = r"\M" if word[-1].isalnum() and word[-1].isascii() else ""
    return f"{begins}{re.escape(word)}{ends}"


def naming(rows: QuerySet[Any], columns: Iterable[str], words: Words) -> QuerySet[Any]:
    """Return the rows in one of whose columns the person is named."""
    found = rows.none()
    if words.pattern:
        for column in columns:
            found |= rows.filter(**{f"{column}__iregex": words.pattern})
    return found


def scrub(rows: QuerySet[Any], columns: Iterable[str], words: Words, *, gap: str = GAP) -> int:
    """Put a gap where these columns name the person; return how many rows did."""
    names = list(columns)
    changed: int = naming(rows, names, words).update(
        **{name: replaced(F(name), words.pattern, gap) for name in names}
    )
    return changed


# Lines of calendars are broken anywhere, also within a name (RFC 5545, 3.1).
BROKEN_LINE = r"\r?\n[ \t]"


def scrub_letters(rows: QuerySet[Any], columns: Iterable[str], words: Words) -> None:
    """Put gaps into letters that name the person; what they carry goes, calendars get gaps.

    rows: of the outbox. columns: those with the letter's own words.
    """
    if not words.pattern:
        return
    unbroken = replaced(F("calendar"), BROKEN_LINE, "")
    found = rows.alias(unbroken=unbroken)
    carrying = found.filter(unbroken__iregex=words.pattern)
    naming(rows, columns, words).update(attachments=[])
    carrying.update(attachments=[], calendar=replaced(unbroken, words.pattern, GAP))
    scrub(rows, columns, words)


def replaced(text: Any, pattern: str, words: str) -> Func:
    """Return the expression of a text with something else wherever a pattern fits."""
    return Func(
        Cast(text, TextField()), Value(pattern), Value(words), Value("gi"),
        function="regexp_replace", output_field=TextField(),
    )  # fmt: skip
