"""Authors and works as OpenAlex describes them.

Its authors are put together by a machine, the ORCID iD with them: what is found there may belong
to somebody else of the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from matching.sources.proposals import (
    FoundPlace,
    FoundSubject,
    FoundText,
    FoundWord,
    FoundWork,
    Proposal,
    Reading,
    WrongRecordError,
)
from matching.sources.subjects import Subject, areas_of, topics_of
from matching.sources.walking import (
    at,
    doi_in,
    entries,
    is_hangul_name,
    shortened,
    text,
    tidied,
    words,
    year,
)

BY = "OpenAlex"
MOST_WORKS = 300
LONGEST_ABSTRACT = 900
# An abstract with a larger index is none.
MOST_POSITIONS = 5000


def read_author(author: Any, works: Iterable[Any], *, orcid: str) -> Reading:
    """Return what OpenAlex proposes for the person with this iD.

    Raises:
        WrongRecordError: the author has another iD, or none.
    """
    if last_part(at(author, "orcid")).upper() != orcid:
        raise WrongRecordError
    found: list[Proposal] = [*names(author), *places(author), *subjects(author)]
    found += [work for each in works if (work := work_of(each))][:MOST_WORKS]
    return Reading(tuple(dict.fromkeys(found)))


def last_part(address: Any) -> str:
    """Return what follows the last slash: https://openalex.org/T10247 is T10247."""
    return tidied(address).rstrip("/").rsplit("/", 1)[-1]


def names(author: Any) -> Iterator[Proposal]:
    """Return the name and its other spellings."""
    shown = text(author, "display_name", longest=150)
    if shown:
        yield FoundText("display_name", shown, BY)
    for name in words(author, "display_name_alternatives"):
        if is_hangul_name(name):
            yield FoundText("hangul_name", name, BY)
        elif name != shown and len(name) <= 150:
            yield FoundWord("other_names", name, BY)


def places(author: Any) -> Iterator[FoundPlace]:
    """Return where the newest works were written."""
    for entry in entries(author, "last_known_institutions"):
        if name := text(entry, "display_name", longest=300):
            ror = last_part(at(entry, "ror"))
            code = text(entry, "country_code", longest=2).upper()
            yield FoundPlace(name, (("ror", ror),) if ror else (), code, by=BY)


def subjects(author: Any) -> Iterator[FoundSubject]:
    """Return the areas and topics of the portal that the author's topics belong to for sure."""
    found = [subject_of(entry) for entry in entries(author, "topics")]
    for code, because in areas_of(found).items():
        yield FoundSubject("areas", code, because, BY)
    for code, because in topics_of(found).items():
        yield FoundSubject("topics", code, because, BY)


def subject_of(entry: Any) -> Subject:
    """Return a topic with its place in the hierarchy."""
    count = at(entry, "count")
    return Subject(
        topic=last_part(at(entry, "id")),
        name=text(entry, "display_name", longest=200),
        subfield=last_part(at(entry, "subfield", "id")),
        field=last_part(at(entry, "field", "id")),
        domain=last_part(at(entry, "domain", "id")),
        count=count if isinstance(count, int) and count > 0 else 0,
    )


def work_of(entry: Any) -> FoundWork | None:
    """Return one work; without a title it is none."""
    title = text(entry, "title", longest=500) or text(entry, "display_name", longest=500)
    if not title:
        return None
    return FoundWork(
        title,
        doi_in(at(entry, "doi")),
        year(at(entry, "publication_year")),
        text(entry, "primary_location", "source", "display_name", longest=300),
        last_part(at(entry, "id"))[:100],
        abstract_of(at(entry, "abstract_inverted_index")),
        BY,
    )


def abstract_of(index: Any) -> str:
    """Return the text of an index {word: [positions]}, the words in their order."""
    placed: dict[int, str] = {}
    for word, positions in index.items() if isinstance(index, dict) else ():
        for position in positions if isinstance(positions, list) else ():
            if isinstance(position, int) and 0 <= position < MOST_POSITIONS:
                placed[position] = word
    return shortened(tidied(" ".join(placed[each] for each in sorted(placed))), LONGEST_ABSTRACT)
