"""What somebody asks search, and what search answers: values that pages, feeds and the API share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.models import SearchKind

PAGE_SIZE = 20
# Counted exactly; of larger results only so many are counted, and `Found.is_exact` says so.
MOST_COUNTED = 10_000
# {facet: what has it}. A value stands in an entry as "country:KR".
FACETS: dict[str, frozenset[str]] = {
    "side": frozenset({"people", "organisations", "listings"}),
    "area": frozenset({"people", "listings"}),
    "topic": frozenset({"people", "listings"}),
    "country": frozenset({"people", "organisations", "listings"}),
    "city": frozenset({"people", "organisations", "listings"}),
    "type": frozenset({"people", "organisations", "listings"}),
    "stage": frozenset({"people"}),
    "role": frozenset({"people", "listings"}),
    "mobility": frozenset({"people"}),
    "language": frozenset({"people", "listings"}),
    "offers_or_seeks": frozenset({"people", "listings"}),
}


class Sort(models.TextChoices):
    """In which order hits come."""

    RELEVANCE = "relevance", _("Best match first")
    NEWEST = "newest", _("Newest first")
    NAME = "name", _("By name")
    CONFIRMED = "confirmed", _("Most recently confirmed")


class Cause(models.TextChoices):
    """Why something was found."""

    NAME = "name", _("The name matches.")
    KEYWORD = "keyword", _("A keyword or topic matches.")
    TEXT = "text", _("The text matches.")
    SPELLING = "spelling", _("A similar spelling matches.")
    MEANING = "meaning", _("The meaning is close.")


@dataclass(frozen=True)
class Why:
    """Why something was found, and the piece of text that shows it, '' when none does.

    The text is one that the reader may read, in the language in which it was written; `marked` are
    the words of it to be marked, as they stand there.
    """

    cause: Cause
    snippet: str = ""
    marked: tuple[str, ...] = ()

    def __str__(self) -> str:
        return str(self.cause.label)


@dataclass(frozen=True)
class Question:
    """What is looked for.

    chosen: {facet: values}; a hit has one value of every facet. Unknown facets are not looked at.
    page: from 1; one behind the last is the last.
    """

    kind: SearchKind
    words: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = Sort.RELEVANCE
    page: int = 1
    page_size: int = PAGE_SIZE

    @property
    def narrowed(self) -> dict[str, tuple[str, ...]]:
        """The chosen values of the facets that this kind has."""
        return {
            name: tuple(dict.fromkeys(values))
            for name, values in self.chosen.items()
            if values and self.kind in FACETS.get(name, ())
        }


@dataclass(frozen=True)
class Found:
    """One page of hits.

    ids: of people, organisations or listings, in order.
    count: how many there are; not exact: more than that.
    facets: {facet: {value: hits that it has, or would have if it were chosen besides}}.
    is_by_meaning: whether texts were compared by meaning too, or by their words only.
    """

    ids: list[int]
    count: int
    is_exact: bool
    page: int
    facets: Mapping[str, Mapping[str, int]]
    why: Mapping[int, Why]
    is_by_meaning: bool = False

    @property
    def label(self) -> str | Promise:
        """How many there are, in words of numbers: 12, or more than 10,000."""
        return (
            str(self.count) if self.is_exact else _("more than %(count)s") % {"count": self.count}
        )
