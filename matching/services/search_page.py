"""What a page of results shows besides them: facets, chips, tabs, and what to try when all fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.countries import country_name, language_name
from matching.facets import SORTS, Vocabulary, query_of, shown_as
from matching.models import (
    CareerStage,
    ListingKind,
    OrganisationType,
    PartnerRole,
    SearchKind,
    Side,
)
from matching.questions import FACETS, Found, Question
from matching.services.finding import find

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User

Words = str | Promise
ADDRESSES = {
    SearchKind.PEOPLE: "matching:people_search",
    SearchKind.ORGANISATIONS: "matching:organisation_list",
    SearchKind.LISTINGS: "matching:listing_search",
}
FACET_LABELS: dict[str, Words] = {
    "side": _("Side"),
    "area": _("Area"),
    "topic": _("Topic"),
    "country": _("Country"),
    "city": _("City"),
    "type": _("Type of organisation"),
    "stage": _("Career stage"),
    "role": _("Role"),
    "mobility": _("Mobility"),
    "language": _("Language"),
    "offers_or_seeks": _("Offers or seeks"),
}
# Looked at most: what people narrow down by first.
FACET_ORDER = (
    "offers_or_seeks", "side", "area", "country", "topic", "stage", "type", "role", "mobility",
    "language", "city",
)  # fmt: skip
OPEN_FACETS = 4
MOBILITY: dict[str, Words] = {
    "host": _("Would host a visitor"), "visit": _("Would visit a partner"),
}  # fmt: skip
PLACES = frozenset({"country", "city"})
# On a map of people, a smaller number could tell who is meant.
LEAST_PEOPLE = 5
VALUES_SHOWN, MOST_VALUES = 8, 60
MOST_LOOSENED = 4


# --- Facets ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet with the number of hits that it would leave, and how that is shown."""

    value: str
    label: str
    count: int
    is_chosen: bool
    shown: str


@dataclass(frozen=True)
class CountedFacet:
    """A facet with its values, the most frequent first; `more` of them are folded away."""

    name: str
    label: Words
    values: list[FacetValue]
    more: list[FacetValue]
    is_open: bool

    @property
    def chosen(self) -> list[FacetValue]:
        """The values that narrow the list at present."""
        return [value for value in (*self.values, *self.more) if value.is_chosen]


def labels(vocabulary: Vocabulary) -> dict[str, Callable[[str], str]]:
    """Return for each facet what names its values; what has no name is named by its code."""
    choices: dict[str, Mapping[str, Words]] = {
        "side": dict(Side.choices),
        "type": dict(OrganisationType.choices),
        "stage": dict(CareerStage.choices),
        "role": dict(PartnerRole.choices),
        "offers_or_seeks": dict(ListingKind.choices),
        "mobility": MOBILITY,
        "area": vocabulary.areas,
        "topic": vocabulary.topics,
    }
    named = {name: named_by(each) for name, each in choices.items()}
    return {**named, "country": country_name, "language": language_name, "city": str}


def named_by(names: Mapping[str, Words]) -> Callable[[str], str]:
    """Return a function that names a value."""
    return lambda value: str(names.get(value, value))


def counted_facets(
    found: Found, question: Question, vocabulary: Vocabulary, *, hides_small: bool = False
) -> list[CountedFacet]:
    """Return the facets that tell something, in the order in which people use them.

    hides_small: whether small numbers of people in places are not told, as on the map.
    """
    named = labels(vocabulary)
    facets: list[CountedFacet] = []
    for name in FACET_ORDER:
        counts = found.facets.get(name, {})
        chosen = question.narrowed.get(name, ())
        values = [
            FacetValue(
                value,
                named[name](value),
                count,
                value in chosen,
                number_shown(count, hides_small=hides_small and name in PLACES),
            )
            for value, count in counts.items()
        ]
        if values:
            is_open = bool(chosen) or len(facets) < OPEN_FACETS
            facets.append(CountedFacet(name, FACET_LABELS[name], *cut(values), is_open))
    return facets


def number_shown(count: int, *, hides_small: bool) -> str:
    """Return a number of people, or that it is small."""
    return f"< {LEAST_PEOPLE}" if hides_small and 0 < count < LEAST_PEOPLE else str(count)


def cut(values: list[FacetValue]) -> tuple[list[FacetValue], list[FacetValue]]:
    """Return the values that are shown at once, and those that are folded away.

    Chosen ones are always shown; one alone is not folded away.
    """
    ordered = sorted(values, key=lambda each: (-each.count, each.label))[:MOST_VALUES]
    ordered += [each for each in values if each.is_chosen and each not in ordered]
    if len(ordered) <= VALUES_SHOWN + 1:
        return ordered, []
    shown = [each for place, each in enumerate(ordered) if place < VALUES_SHOWN or each.is_chosen]
    return shown, [each for each in ordered if each not in shown]


# --- Chips ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chip:
    """One active filter, and the address without it."""

    label: str
    query: str
    facet: Words = ""


def chips(question: Question, vocabulary: Vocabulary) -> list[Chip]:
    """Return what narrows the results, words first."""
    found = []
    said = shown_as(question)
    if question.words:
        found.append(Chip(f"“{question.words}”", query_of(replace(question, words=""), **said)))
    named = labels(vocabulary)
    return found + [
        Chip(named[name](value), query_of(without(question, name, value), **said),
             FACET_LABELS[name])
        for name in FACET_ORDER
        for value in question.narrowed.get(name, ())
    ]  # fmt: skip


def without(question: Question, name: str, value: str = "") -> Question:
    """Return a question without one value of a facet, or without the whole facet."""
    left = tuple(each for each in question.narrowed[name] if value and each != value)
    return replace(question, chosen={**question.narrowed, name: left})


def described(question: Question, vocabulary: Vocabulary) -> str:
    """Return a question in a few words: “perovskite”, Korea, Nano."""
    return ", ".join(chip.label for chip in chips(question, vocabulary))


def dropped_words(dropped: Iterable[tuple[str, str]]) -> list[str]:
    """Return what was left out of a question, in words: `Topic: green.gone`."""
    return [f"{FACET_LABELS.get(name, name)}: {value}" for name, value in dropped]


# --- Tabs -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tab:
    """One kind of things; label_count: how many of it the same question finds, '' if not asked."""

    label: Words
    address: str
    label_count: Words
    is_current: bool


def tabs(question: Question, found: Found, reader: User | AnonymousUser) -> list[Tab]:
    """Return the three kinds; with words, each with the number of its hits."""
    return [tab(kind, question, found, reader) for kind in SearchKind]


def tab(kind: SearchKind, question: Question, found: Found, reader: User | AnonymousUser) -> Tab:
    """Return one kind: the same words, and the facets that it has as well."""
    shared = {name: values for name, values in question.chosen.items() if kind in FACETS[name]}
    asked = Question(kind, question.words, shared)
    is_current = kind == question.kind
    count: Words = found.label if is_current else ""
    if question.words and not is_current:
        count = hits_of(asked, reader).label
    query = query_of(asked)
    address = reverse(ADDRESSES[kind]) + (f"?{query}" if query else "")
    return Tab(SearchKind(kind).label, address, count, is_current)


def hits_of(question: Question, reader: User | AnonymousUser) -> Found:
    """Return the number of hits and hardly more."""
    return find(replace(question, page=1, page_size=1), reader=reader, gives_ids=False)


# --- When nothing is found ------------------------------------------------------------------------


@dataclass(frozen=True)
class Loosening:
    """What may be taken away, and how many hits that leaves."""

    label: str
    query: str
    count: int


def loosenings(
    question: Question, vocabulary: Vocabulary, reader: User | AnonymousUser
) -> list[Loosening]:
    """Return what to take away so that something is found, the most fruitful first.

    One query for each of up to four facets, and one for the words.
    """
    named = labels(vocabulary)
    tries = [
        (", ".join(map(named[name], values)), without(question, name))
        for name, values in list(question.narrowed.items())[:MOST_LOOSENED]
    ]
    if question.words and question.narrowed:
        tries.append((f"“{question.words}”", replace(question, words="")))
    counted = [
        Loosening(label, query_of(asked), hits_of(asked, reader).count) for label, asked in tries
    ]
    return sorted((each for each in counted if each.count), key=lambda each: -each.count)


def sorts(question: Question) -> list[tuple[str, Words, bool]]:
    """Return the orders that make sense: value, label, whether it is the present one."""
    return [
        (sort.value, sort.label, sort == question.sort)
        for sort in SORTS[question.kind]
        if question.words or sort.value != "relevance"
    ]
