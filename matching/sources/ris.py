"""Works in a RIS file, by rispy; each entry apart, so that a broken one spoils no other."""

from __future__ import annotations

import re
from typing import Any

import rispy

from matching.sources.proposals import FoundWork, Reading, Refused
from matching.sources.walking import doi_in, shortened, text, tidied, words, year

MOST_ENTRIES = 1000
BEGIN = re.compile(r"^\s*TY\s{1,4}-")
END = re.compile(r"^\s*ER\s{1,4}-")
LOOSE_TAG = re.compile(r"^\s*([A-Z][A-Z0-9])\s{1,4}-\s?")
TITLES = ("title", "primary_title", "translated_title")
VENUES = (
    "journal_name", "secondary_title", "alternate_title3", "alternate_title2", "alternate_title1",
    "publisher",
)  # fmt: skip
YEARS = ("year", "publication_year", "date")


def read_ris(content: str) -> Reading:
    """Return the works of a file, and the entries that could not be read, with their lines."""
    chunks, strays = split(content)
    if len(chunks) > MOST_ENTRIES:
        return Reading(refused=(Refused(0, "too_many_entries"),))
    read = [read_entry(line, lines) for line, lines in chunks]
    works = [each for each in read if isinstance(each, FoundWork)]
    refused = [each for each in read if isinstance(each, Refused)] + strays
    return Reading(tuple(dict.fromkeys(works)), tuple(sorted(refused, key=lambda each: each.line)))


def split(content: str) -> tuple[list[tuple[int, list[str]]], list[Refused]]:
    """Return entries with their first lines, and runs of text outside of any entry."""
    chunks: list[tuple[int, list[str]]] = []
    strays: list[Refused] = []
    is_inside = False
    for line, written in enumerate(content.lstrip("\ufeff").splitlines(), start=1):
        if BEGIN.match(written):
            chunks.append((line, []))
            is_inside = True
        if is_inside:
            chunks[-1][1].append(LOOSE_TAG.sub(r"\1  - ", written))
            is_inside = not END.match(written)
        elif written.strip() and not (strays and strays[-1].line == line - 1):
            strays.append(Refused(line, "outside_entry", shortened(tidied(written), 80)))
    return chunks, strays


def read_entry(line: int, lines: list[str]) -> FoundWork | Refused:
    """Return the work of one entry, or why there is none."""
    excerpt = shortened(tidied(lines[0]), 80)
    if not END.match(lines[-1]):
        return Refused(line, "not_closed", excerpt)
    try:
        entries = rispy.loads("\n".join(lines) + "\n")
    except (ValueError, KeyError, IndexError, OSError, AttributeError):
        return Refused(line, "not_understood", excerpt)
    return (work_of(entries[0]) if entries else None) or Refused(line, "no_title", excerpt)


def work_of(entry: Any) -> FoundWork | None:
    """Return the work that an entry describes; without a title it is none."""
    title = first(entry, TITLES, 500)
    if not title:
        return None
    doi = doi_in(entry.get("doi")) or next(filter(None, map(doi_in, words(entry, "urls"))), "")
    return FoundWork(
        title, doi, year(first(entry, YEARS, 20)), first(entry, VENUES, 300),
        text(entry, "id", longest=100),
    )  # fmt: skip


def first(entry: Any, names: tuple[str, ...], longest: int) -> str:
    """Return the first of several fields that is filled in."""
    return next(filter(None, (text(entry, name, longest=longest) for name in names)), "")
