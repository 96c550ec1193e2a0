"""Why two organisations are suggested to each other, as one reader may see it.

Suggestions hold ids; names are read here, through the same doors as the pages of people and
listings: whoever hid, left, opted out or is blocked since is not named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext_lazy as _

from matching.models import (
    Area,
    Listing,
    Organisation,
    Profile,
    Topic,
    Twinning,
    TwinningState,
    TwinningSuggestion,
)
from matching.scoring.explain import tenths
from matching.scoring.twinning import TWINNING_TERMS, TWINNING_WEIGHTS
from matching.services.score_table import Part, ScoreTable
from matching.services.shown import ShownProfile, shown_profiles
from matching.services.twinning_suggestions import ids_in

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User

Thing = TypeVar("Thing")
# A smaller number says more about single people than about two organisations.
SMALLEST_SHOWN = 5
LABELS = {
    "topic": _("What people of both work on"),
    "areas": _("Areas of both"),
    "seeking": _("What your people seek and theirs offer"),
    "offering": _("What your people offer and theirs seek"),
}


@dataclass(frozen=True)
class SuggestedTwin:
    """One suggested partner organisation with what speaks for it.

    contacts: accepted contacts between the two, None when there are few.
    """

    partner: Organisation
    score: ScoreTable
    areas: tuple[Area, ...]
    topics: tuple[Topic, ...]
    people: tuple[tuple[ShownProfile, ShownProfile], ...]
    seeking: tuple[tuple[Listing, Listing], ...]
    offering: tuple[tuple[Listing, Listing], ...]
    contacts: int | None

    @property
    def wishes(self) -> list[tuple[object, tuple[tuple[Listing, Listing], ...]]]:
        """Pairs of listings under what they show."""
        return [(LABELS["seeking"], self.seeking), (LABELS["offering"], self.offering)]


@dataclass(frozen=True)
class Names:
    """Everything that the evidence of some suggestions names, by id, as far as it may be seen."""

    areas: dict[int, Area]
    topics: dict[int, Topic]
    people: dict[int, ShownProfile]
    listings: dict[int, Listing]


def suggested_twins(
    organisation: Organisation,
    reader: User | AnonymousUser,
    twinnings: Iterable[Twinning] | None = None,
) -> list[SuggestedTwin]:
    """Return the suggestions for one organisation, without those it has a live twinning with.

    twinnings: those of the organisation, when they are at hand.
    """
    known = Twinning.objects.of(organisation) if twinnings is None else twinnings
    live = [one for one in known if one.state in TwinningState.live_states]
    taken = {pk for one in live for pk in (one.proposer_id, one.partner_id)}
    rows = organisation.twinning_suggestions.select_related("partner")
    suggestions = [row for row in rows if row.partner_id not in taken]
    names = names_for(suggestions, reader)
    return [twin_of(suggestion, names) for suggestion in suggestions]


def names_for(suggestions: Sequence[TwinningSuggestion], reader: User | AnonymousUser) -> Names:
    """Read all that is named, in a fixed number of queries."""
    people = Profile.objects.visible_to(reader).suggestible().with_card()
    listings = Listing.objects.visible_to(reader).open()
    tags = {name: {tag for row in suggestions for tag in row.evidence.get(name, [])}
            for name in ("areas", "topics")}  # fmt: skip
    shown = shown_profiles(people.filter(pk__in=set(ids_in(suggestions, "people"))), reader)
    listed = listings.filter(pk__in=set(ids_in(suggestions, "seeking", "offering")))
    return Names(
        {area.pk: area for area in Area.objects.filter(pk__in=tags["areas"])},
        {topic.pk: topic for topic in Topic.objects.filter(pk__in=tags["topics"])},
        {person.pk: person for person in shown},
        {listing.pk: listing for listing in listed},
    )


def twin_of(suggestion: TwinningSuggestion, names: Names) -> SuggestedTwin:
    """Return one suggestion in words."""
    evidence = suggestion.evidence
    contacts = evidence.get("contacts", 0)
    return SuggestedTwin(
        suggestion.partner,
        table_of(suggestion.parts),
        tuple(names.areas[pk] for pk in evidence.get("areas", []) if pk in names.areas),
        tuple(names.topics[pk] for pk in evidence.get("topics", []) if pk in names.topics),
        seen_pairs(evidence.get("people", []), names.people),
        seen_pairs(evidence.get("seeking", []), names.listings),
        seen_pairs(evidence.get("offering", []), names.listings),
        contacts if contacts >= SMALLEST_SHOWN else None,
    )


def seen_pairs(pairs: list[list[int]], known: dict[int, Thing]) -> tuple[tuple[Thing, Thing], ...]:
    """Return the pairs of which both may be seen."""
    return tuple(
        (known[mine], known[theirs])
        for mine, theirs, _closeness in pairs
        if mine in known and theirs in known
    )


def table_of(parts: Sequence[int]) -> ScoreTable:
    """Return the parts of a score as a table: units of 2**-30 to tenths of a point."""
    numbers = tenths(list(parts))
    rows = [
        Part(term, LABELS[term], number, round(1000 * TWINNING_WEIGHTS[term]))
        for term, number in zip(TWINNING_TERMS, numbers, strict=True)
    ]
    return ScoreTable(rows, sum(numbers))
