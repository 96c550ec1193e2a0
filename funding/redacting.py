"""Hiding passages of a text from readers who may not know who applies. Pure.

A passage is hidden wherever it stands, in any case, however its words are parted by spaces and
line ends. What stands instead says nothing of its length.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from unicodedata import normalize

LEAST, LONGEST = 2, 200
# What leads to a person without naming them: addresses of mail and pages, ORCID iDs.
LEADS_TO_PEOPLE = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[^\s<>\"')]*[^\s<>\"').,;:]|\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b"
)


def pattern_of(passages: Collection[str]) -> re.Pattern[str] | None:
    """Return what finds any of some passages, the longest first; None where there are none."""
    ordered = sorted(passages, key=len, reverse=True)
    parts = [r"\s+".join(map(re.escape, normal(each).split())) for each in ordered]
    found = "|".join(filter(None, parts))
    return re.compile(found, re.IGNORECASE) if found else None


def redacted(text: str, passages: Collection[str], mark: str) -> str:
    """Return a text with a mark in the place of every passage."""
    pattern = pattern_of(passages)
    # A function: the mark is no template of groups.
    return pattern.sub(lambda _found: mark, normal(text)) if pattern else text


def stands_in(passage: str, texts: Iterable[str]) -> bool:
    """Tell whether a passage would be hidden somewhere."""
    pattern = pattern_of([passage])
    return pattern is not None and any(pattern.search(normal(text)) for text in texts)


def proposals(content: Mapping[str, Any], texts: Collection[str]) -> list[str]:
    """Return what should be hidden in texts: names of people and houses, and what leads to them.

    content: of a version; its people tell whom to look for.
    """
    named = list(dict.fromkeys(names_in(content.get("people", ()))))
    found = [each for each in named if stands_in(each, texts)]
    for text in texts:
        found += LEADS_TO_PEOPLE.findall(normal(text))
    return list(dict.fromkeys(each[:LONGEST] for each in found))


def names_in(people: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the names of people in the orders in which they are written, and of their houses."""
    for person in people:
        words = str(person.get("name") or "").split()
        house = person.get("organisation") or {}
        yield from (" ".join(words), " ".join((*words[1:], *words[:1])))
        yield from (str(house.get("name") or ""), str(person.get("organisation_unlisted") or ""))
        yield str(person.get("department") or "")


def normal(text: str) -> str:
    """Return a text in the one form in which passages are compared."""
    return normalize("NFC", text)
