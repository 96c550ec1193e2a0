"""The results of a search by country: the numbers of a map and of the table beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matching.countries import country_name
from matching.facets import query_of
from matching.maps import Country, draw_map
from matching.models import SearchKind
from matching.questions import Found, Question
from matching.services.search_page import LEAST_PEOPLE


@dataclass(frozen=True)
class CountryHits:
    """How many hits are in a country.

    shown: the number in words, "fewer than 5" where it is small and of people; drawn: the number
    that the map may show, as if small ones were all alike; query: the address that narrows to it.
    """

    code: str
    name: str
    shown: str | Promise
    drawn: int
    query: str
    is_chosen: bool


def map_of(found: Found, question: Question) -> list[CountryHits]:
    """Return the countries with hits, those with most first; small ones by name."""
    chosen = question.narrowed.get("country", ())
    rows = [
        country_hits(code, count, question, is_chosen=code in chosen)
        for code, count in found.facets.get("country", {}).items()
        if count
    ]
    return sorted(rows, key=lambda row: (-row.drawn, row.name))


def country_hits(code: str, count: int, question: Question, *, is_chosen: bool) -> CountryHits:
    """Return the line of one country; its address narrows the list to it, or takes that back."""
    is_small = question.kind == SearchKind.PEOPLE and count < LEAST_PEOPLE
    narrowed = replace(
        question, chosen={**question.narrowed, "country": () if is_chosen else (code,)}
    )
    return CountryHits(
        code=code,
        name=country_name(code),
        shown=_("fewer than %(number)s") % {"number": LEAST_PEOPLE} if is_small else str(count),
        drawn=1 if is_small else count,
        query=query_of(narrowed, view="map"),
        is_chosen=is_chosen,
    )


def drawn(rows: list[CountryHits], path: str) -> SafeString:
    """Return the map of the countries in Europe and Korea; the table has all of them.

    path: of the page that a click on a country leads to.
    """
    countries = [
        Country(
            code=row.code,
            label=f"{row.name}: {row.shown}",
            value=row.drawn,
            address=f"{path}?{row.query}",
            is_chosen=row.is_chosen,
        )
        for row in rows
    ]
    picture = draw_map(
        countries,
        title=gettext("Results by country"),
        description=gettext(
            "Darker countries have more results. The table says the same in numbers."
        ),
        has_marks=True,
    )
    # Every text in it was escaped where it was drawn.
    return mark_safe(picture)  # noqa: S308 - draw_map escapes
