"""Finding people and organisations by words and facets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Count, F, Func, Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.countries import country_name, is_country
from matching.models import (
    Area,
    CareerStage,
    Listing,
    Organisation,
    OrganisationType,
    Side,
)
from matching.models.profile import ProfileQuerySet
from matching.names import folded, pieces


def people_with_words(people: ProfileQuerySet, words: str, *, is_member: bool) -> ProfileQuerySet:
    """Keep those who have every word in a name, a text, an open listing or the organisation.

    Texts are searched as far as the audience may read them.
    """
    column = "search_members" if is_member else "search_public"
    found: Any = people.annotate(words=SearchVector(column, config="simple"))
    for word in words.split():
        if folded(word):
            found = found.filter(has_word(word))
    return found


def has_word(word: str) -> Q:
    """Return the condition that a person has one word somewhere."""
    name = folded(word)
    query = " & ".join(f"'{piece}':*" for piece in pieces(word))
    listings = Listing.objects.open().filter(
        Q(title_en__icontains=word) | Q(title_ko__icontains=word)
    )
    return (
        Q(search_names__contains=name)
        | Q(organisation__search_text__contains=name)
        | Q(words=SearchQuery(query, config="simple", search_type="raw"))
        | Q(pk__in=listings.values("profile"))
    )


MOST_OPEN_VALUES = 8


@dataclass(frozen=True)
class Facet:
    """One way to narrow a list down: its values are counted, several of them add up."""

    name: str
    label: str | Promise
    lookup: str
    counted: str
    words: Callable[[str], str]
    is_array: bool = False


def label_of(choices: Any) -> Callable[[str], str]:
    """Return a function that names a value of an enumeration."""
    labels = dict(choices)
    return lambda value: str(labels.get(value, value))


SIDE = Facet("side", _("Side"), "side__in", "side", label_of(Side.choices))
COUNTRY = Facet("country", _("Country"), "country_code__in", "country_code", country_name)
PEOPLE_FACETS = (
    SIDE,
    Facet("area", _("Area"), "areas__code__in", "areas__code", str),
    Facet("stage", _("Career stage"), "career_stage__in", "career_stage",
          label_of(CareerStage.choices)),
    Facet("type", _("Type of organisation"), "organisation__types__overlap",
          "organisation__types", label_of(OrganisationType.choices), is_array=True),
    COUNTRY,
)  # fmt: skip
ORGANISATION_FACETS = (
    SIDE,
    Facet("type", _("Type of organisation"), "types__overlap", "types",
          label_of(OrganisationType.choices), is_array=True),
    COUNTRY,
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a reader asks for: the words and the chosen values of each facet."""

    words: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def query(self, *, without: tuple[str, str] | None = None, words: bool = True) -> str:
        """Return the address for this, perhaps without one value."""
        data = QueryDict(mutable=True)
        if self.words and words:
            data["q"] = self.words
        for name, values in self.chosen.items():
            data.setlist(name, [value for value in values if (name, value) != without])
        return data.urlencode()

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.words or any(self.chosen.values()))


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet with the number of hits that it would leave."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class CountedFacet:
    """A facet with its values, the most frequent first."""

    name: str
    label: str | Promise
    values: list[FacetValue]

    @property
    def has_choice(self) -> bool:
        """Whether one of its values narrows the list at present."""
        return any(value.is_chosen for value in self.values)

    @property
    def is_short(self) -> bool:
        """Whether its values can stand open without pushing the results off a phone."""
        return len(self.values) <= MOST_OPEN_VALUES


@dataclass(frozen=True)
class Chip:
    """One active filter and the address without it."""

    label: str
    query: str


def asked_for(data: QueryDict, facets: tuple[Facet, ...], words: str) -> Asked:
    """Return what was asked for; values that cannot be are left out."""
    return Asked(words, {facet.name: possible(facet, data) for facet in facets})


def possible(facet: Facet, data: QueryDict) -> tuple[str, ...]:
    """Return the sent values of a facet that can be values at all."""
    sent = dict.fromkeys(data.getlist(facet.name))
    checks: dict[str, Callable[[str], bool]] = {"country": is_country, "area": looks_like_code}
    known = {"side": Side, "stage": CareerStage, "type": OrganisationType}
    if facet.name in known:
        return tuple(value for value in sent if value in known[facet.name].values)
    return tuple(value for value in sent if checks[facet.name](value))


def looks_like_code(value: str) -> bool:
    """Say whether this may be the code of an area."""
    return value.isascii() and value.isalnum() and len(value) <= 20


def narrowed(rows: Any, facets: tuple[Facet, ...], asked: Asked, *, but: str = "") -> Any:
    """Keep what has one of the chosen values of every facet, one facet apart."""
    for facet in facets:
        values = asked.chosen.get(facet.name)
        if values and facet.name != but:
            rows = rows.filter(**{facet.lookup: list(values)})
    return rows.distinct() if asked.chosen.get("area") and but != "area" else rows


def counted(rows: QuerySet[Any], facets: tuple[Facet, ...], asked: Asked) -> list[CountedFacet]:
    """Return the facets with counts; each counts what its other values would give."""
    return [
        CountedFacet(facet.name, facet.label, values_of(rows, facet, facets, asked))
        for facet in facets
    ]


def values_of(
    rows: QuerySet[Any], facet: Facet, facets: tuple[Facet, ...], asked: Asked
) -> list[FacetValue]:
    """Return the values of one facet by one query."""
    left = narrowed(rows, facets, asked, but=facet.name).order_by()
    value: Any = F(facet.counted)
    if facet.is_array:
        value = Func(value, function="unnest")
    pairs = left.annotate(value=value).values_list("value").annotate(Count("pk", distinct=True))
    counts = {key: number for key, number in pairs if key}
    chosen = asked.chosen.get(facet.name, ())
    for missing in chosen:
        counts.setdefault(missing, 0)
    named = facet_words(facet)
    values = [FacetValue(key, named(key), counts[key], key in chosen) for key in counts]
    return sorted(values, key=lambda each: (-each.count, each.label))


def facet_words(facet: Facet) -> Callable[[str], str]:
    """Return the function that names the values; areas are read from the database."""
    if facet.name != "area":
        return facet.words
    areas = {area.code: str(area) for area in Area.objects.filter(version=Area.CURRENT_VERSION)}
    return lambda code: areas.get(code, code)


def chips(facets: list[CountedFacet], asked: Asked) -> list[Chip]:
    """Return the active filters, words first."""
    words = [Chip(f"“{asked.words}”", asked.query(words=False))] if asked.words else []
    chosen = [
        Chip(value.label, asked.query(without=(facet.name, value.value)))
        for facet in facets
        for value in facet.values
        if value.is_chosen
    ]
    return [*words, *chosen]


def organisations_with_words(words: str) -> QuerySet[Organisation]:
    """Return the organisations that have every word in one of their names."""
    return Organisation.objects.active().matching_words(words)
