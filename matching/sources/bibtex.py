"""Works in a BibTeX file, by bibtexparser 2."""

from __future__ import annotations

import logging
import re
from typing import Any

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import (
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ParsingFailedBlock,
)
from pylatexenc.latex2text import LatexNodes2Text

from matching.sources.files import BIBTEX_ENTRY
from matching.sources.proposals import FoundWork, Reading, Refused
from matching.sources.walking import doi_in, shortened, tidied, year

# It warns of every broken entry; the person is told instead.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
# Broken entries are slow to get over.
MOST_ENTRIES = 1000
LONGEST_FIELD = 4000
LONE_AMPERSAND = re.compile(r"(?<!\\)&")
TO_TEXT = LatexNodes2Text(math_mode="verbatim")


def read_bibtex(text: str) -> Reading:
    """Return the works of a file, and the entries that could not be read, with their lines."""
    if len(BIBTEX_ENTRY.findall(text)) > MOST_ENTRIES:
        return Reading(refused=(Refused(0, "too_many_entries"),))
    lines = text.splitlines()
    read = [read_block(block, lines) for block in parse_string(text).blocks]
    works = [each for each in read if isinstance(each, FoundWork)]
    refused = [each for each in read if isinstance(each, Refused)]
    return Reading(tuple(dict.fromkeys(works)), tuple(refused))


def read_block(block: Any, lines: list[str]) -> FoundWork | Refused | None:
    """Return the work of one block, why there is none, or nothing for what is no entry."""
    if isinstance(block, DuplicateBlockKeyBlock):
        block = block.ignore_error_block
    line = (block.start_line or 0) + 1
    excerpt = shortened(tidied(lines[line - 1] if line <= len(lines) else ""), 80)
    if isinstance(block, DuplicateFieldKeyBlock):
        return Refused(line, "field_twice", excerpt)
    if isinstance(block, ParsingFailedBlock):
        return Refused(line, "not_closed", excerpt)
    if not isinstance(block, Entry):
        return None
    return work_of(block) or Refused(line, "no_title", excerpt)


def work_of(entry: Entry) -> FoundWork | None:
    """Return the work that an entry describes; without a title it is none."""
    fields = {field.key.lower(): str(field.value) for field in entry.fields}
    title = plain(fields.get("title", ""), 500)
    if not title:
        return None
    venues = (fields.get(name) for name in ("journal", "journaltitle", "booktitle", "publisher"))
    return FoundWork(
        title,
        doi_in(fields.get("doi", "").replace("\\_", "_")) or doi_in(fields.get("url", "")),
        year(fields.get("year") or fields.get("date") or ""),
        plain(next(filter(None, venues), ""), 300),
        tidied(entry.key)[:100],
    )


def plain(value: str, longest: int) -> str:
    """Return a field without TeX: accents as letters, no braces."""
    escaped = LONE_AMPERSAND.sub(r"\\&", value[:LONGEST_FIELD])
    return shortened(tidied(TO_TEXT.latex_to_text(escaped)), longest)
