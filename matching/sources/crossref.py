"""One work as Crossref registers it."""

from __future__ import annotations

from typing import Any

from matching.sources.proposals import FoundWork, WrongRecordError
from matching.sources.walking import at, doi_in, shortened, words, year

BY = "Crossref"


def read_work(answer: Any, *, doi: str) -> FoundWork | None:
    """Return the work with this DOI, or None when it is registered without a title.

    Raises:
        WrongRecordError: the answer is about another DOI.
    """
    message = at(answer, "message")
    if doi_in(at(message, "DOI")) != doi:
        raise WrongRecordError
    titles, venues = words(message, "title"), words(message, "container-title")
    if not titles:
        return None
    return FoundWork(
        shortened(titles[0], 500), doi, year_of(message),
        shortened(venues[0], 300) if venues else "", doi[:100], by=BY,
    )  # fmt: skip


def year_of(message: Any) -> int | None:
    """Return the year of `{"date-parts": [[2024, 5]]}`."""
    for name in ("issued", "published", "created"):
        parts = at(message, name, "date-parts")
        first = parts[0] if isinstance(parts, list) and parts else None
        if isinstance(first, list) and first and (found := year(first[0])):
            return found
    return None
