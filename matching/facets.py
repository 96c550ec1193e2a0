"""What the address of a search says: words, facets by django-filter, sort, size and page.

One way in and out for pages, saved searches, feeds and alerts: `read` makes a question of an
address, `query_of` an address of a question. What cannot be, or is no longer there, is left out
and named, and the rest still works.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict

from konnect.accounts.text import tidy
from matching.countries import LANGUAGE_CODES, is_country
from matching.models import (
    Area,
    CareerStage,
    ListingKind,
    OrganisationType,
    PartnerRole,
    SearchEntry,
    SearchKind,
    Side,
    Topic,
)
from matching.questions import FACETS, Question, Sort

LONGEST_WORDS = 200
LONGEST_VALUE = 60
MOST_VALUES = 30
SIZES = (10, 20, 50, 100)
# What an address may say besides facets.
RESERVED = frozenset({"q", "sort", "size", "page", "view", "saved"})
MOBILITY = ("host", "visit")
SORTS = {
    SearchKind.PEOPLE: (Sort.RELEVANCE, Sort.CONFIRMED, Sort.NEWEST, Sort.NAME),
    SearchKind.ORGANISATIONS: (Sort.RELEVANCE, Sort.NAME),
    SearchKind.LISTINGS: (Sort.RELEVANCE, Sort.NEWEST, Sort.NAME),
}
# Without words nothing matches better than anything else.
SORTS_WITHOUT_WORDS = {
    SearchKind.PEOPLE: Sort.CONFIRMED,
    SearchKind.ORGANISATIONS: Sort.NAME,
    SearchKind.LISTINGS: Sort.NEWEST,
}
Names = Mapping[str, str]
Check = Callable[[str], bool]


@dataclass(frozen=True)
class Vocabulary:
    """Names of areas and topics in the active language, by code."""

    areas: Names
    topics: Names

    @classmethod
    def read(cls, kind: SearchKind) -> Vocabulary:
        """Read it: two queries, none for organisations, which have neither."""
        if kind == SearchKind.ORGANISATIONS:
            return cls({}, {})
        areas = Area.objects.filter(version=Area.CURRENT_VERSION)
        return cls(
            {area.code: str(area) for area in areas},
            {topic.code: str(topic) for topic in Topic.objects.all()},
        )


@dataclass(frozen=True)
class Asked:
    """What an address asks; `dropped` are the (facet, value) that there are not."""

    question: Question
    dropped: tuple[tuple[str, str], ...] = ()


class FacetField(forms.Field):
    """Values of a facet; those that cannot be are not refused but left out."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, check: Check, **options: Any) -> None:
        self.check = check
        super().__init__(**options)

    def to_python(self, value: Any) -> tuple[str, ...]:
        """Return the known values, each once."""
        sent = dict.fromkeys(tidy(each) for each in value or ())
        return tuple(each for each in sent if self.check(each))[:MOST_VALUES]


class FacetFilter(django_filters.Filter):
    """Keeps the entries that have one of the values of a facet."""

    field_class = FacetField

    def filter(self, qs: Any, value: tuple[str, ...]) -> Any:
        """Narrow down by the index of facets."""
        if not value:
            return qs
        return qs.filter(facets__overlap=[f"{self.field_name}:{each}" for each in value])


def checks(vocabulary: Vocabulary) -> dict[str, Check]:
    """Return for each facet what tells whether there is such a value."""
    return {
        "side": Side.values.__contains__,
        "area": vocabulary.areas.__contains__,
        "topic": vocabulary.topics.__contains__,
        "country": is_country,
        "city": is_city,
        "type": OrganisationType.values.__contains__,
        "stage": CareerStage.values.__contains__,
        "role": PartnerRole.values.__contains__,
        "mobility": MOBILITY.__contains__,
        "language": LANGUAGE_CODES.__contains__,
        "offers_or_seeks": ListingKind.values.__contains__,
    }


def is_city(value: str) -> bool:
    """Tell whether this may be the name of a city."""
    return 0 < len(value) <= LONGEST_VALUE and not any(
        unicodedata.category(letter).startswith("C") for letter in value
    )


def facets_of(kind: SearchKind) -> tuple[str, ...]:
    """Return the names of the facets that a kind has, in their order."""
    return tuple(name for name, kinds in FACETS.items() if kind in kinds)


def facet_set(kind: SearchKind, data: QueryDict, vocabulary: Vocabulary) -> Any:
    """Return the django-filter set of a kind over search entries."""
    known = checks(vocabulary)

    class EntryFacets(django_filters.FilterSet):
        """The facets of one kind."""

        class Meta:
            model = SearchEntry
            fields = ()

    for name in facets_of(kind):
        EntryFacets.base_filters[name] = FacetFilter(field_name=name, check=known[name])
    return EntryFacets(data, queryset=SearchEntry.objects.filter(kind=kind))


def read(kind: SearchKind, data: QueryDict, vocabulary: Vocabulary) -> Asked:
    """Return what an address asks of a kind; what it says wrong is left out and named."""
    form = facet_set(kind, data, vocabulary).form
    form.is_valid()
    chosen = {name: form.cleaned_data.get(name) or () for name in facets_of(kind)}
    words = words_of(data)
    question = Question(
        kind=kind,
        words=words,
        chosen=chosen,
        sort=sort_of(kind, data.get("sort", ""), words),
        page=number(data.get("page", ""), 1),
        page_size=size_of(data),
    )
    return Asked(question, dropped(kind, data, chosen))


def read_stored(kind: SearchKind, query: str, vocabulary: Vocabulary) -> Asked:
    """Return what a kept address asks today; facets that there are no more are named too."""
    data = QueryDict(query)
    asked = read(kind, data, vocabulary)
    known = {*facets_of(kind), *RESERVED}
    gone = [(name, value) for name in data if name not in known for value in data.getlist(name)]
    return Asked(asked.question, (*asked.dropped, *gone))


def words_of(data: QueryDict) -> str:
    """Return the words, tidy; none where they are too long to mean anything."""
    words = " ".join(tidy(data.get("q", "")).replace("\x00", " ").split())
    return words if len(words) <= LONGEST_WORDS else ""


def sort_of(kind: SearchKind, asked: str, words: str) -> Sort:
    """Return the order asked for, else the one that suits."""
    if asked in SORTS[kind] and (words or asked != Sort.RELEVANCE):
        return Sort(asked)
    return Sort.RELEVANCE if words else SORTS_WITHOUT_WORDS[kind]


def size_of(data: QueryDict) -> int:
    """Return how many hits a page has."""
    size = number(data.get("size", ""), 0)
    return size if size in SIZES else Question.page_size


def number(text: str, default: int) -> int:
    """Return a positive number of an address, or the default."""
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        return default
    return int(text) or default


def dropped(
    kind: SearchKind, data: QueryDict, chosen: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, str], ...]:
    """Return the (facet, value) that were asked for and are not looked at."""
    names = [name for name in data if name in facets_of(kind)]
    return tuple(
        (name, value)
        for name in names
        for value in dict.fromkeys(map(tidy, data.getlist(name)))
        if value and value not in chosen[name]
    )


def query_of(question: Question, **others: str | int) -> str:
    """Return the canonical address of a question: words and facets in order, values sorted.

    Equal questions have equal addresses. others: `page=2`, `view="map"`.
    """
    data = QueryDict(mutable=True)
    if question.words:
        data["q"] = question.words
    for name in facets_of(question.kind):
        if values := question.narrowed.get(name):
            data.setlist(name, sorted(values))
    for name, value in others.items():
        if value:
            data[name] = str(value)
    return data.urlencode()


def shown_as(question: Question) -> dict[str, str | int]:
    """Return what an address says of order and size where it is not what goes without saying."""
    said: dict[str, str | int] = {}
    if question.sort != sort_of(question.kind, "", question.words):
        said["sort"] = question.sort
    if question.page_size != Question.page_size:
        said["size"] = question.page_size
    return said
