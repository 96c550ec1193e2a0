"""Who takes part in an event, as far as a reader may know: the list, its filters and its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from events.models import Availability, Event, Intent, Registration, Seat, Slot
from events.permissions import may_run
from matching.facets import Vocabulary
from matching.lexemes import asked
from matching.models import Profile, SearchAudience, SearchEntry, SearchKind
from matching.services.search_page import (
    FACET_LABELS,
    CountedFacet,
    FacetValue,
    Words,
    cut,
    labels,
    named_by,
)
from matching.services.shown import ShownProfile, shown_profiles

if TYPE_CHECKING:
    from events.models.registration import RegistrationQuerySet
    from konnect.accounts.models import User

FACETS = ("offers_or_seeks", "side", "area", "country", "type", "time")
LABELS: dict[str, Words] = {**FACET_LABELS, "time": _("Time")}
TIMES: dict[str, Words] = {"now": _("Free now")}
OPEN_FACETS = 4
Chosen = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Line:
    """One participant in the list; `intents` are what they offer and seek here."""

    registration: Registration
    person: ShownProfile
    intents: list[Intent] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """What the filters read of one participant: their facets as "country:KR", and how to sort."""

    pk: int
    facets: frozenset[str]
    sort_as: str


@dataclass(frozen=True)
class FoundParticipants:
    """Whom the words and filters leave, in order, with the counts of every filter."""

    ids: list[int]
    facets: list[CountedFacet]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ids)


def participants_for(event: Event, reader: User) -> RegistrationQuerySet:
    """Return who takes part: all to those who run the event; to participants those who agreed.

    Blocks count in both directions, and oneself is always there.
    """
    everybody = Registration.objects.confirmed().filter(event=event)
    if may_run(event, reader):
        return everybody
    seen = Profile.objects.published().not_blocked_for(reader)
    others = Q(is_listed=True, profile__in=seen.values("pk"))
    return everybody.filter(others | Q(profile__user=reader))


def find_participants(event: Event, reader: User, words: str, chosen: Chosen) -> FoundParticipants:
    """Return the participants with these words and facets; five queries, however many come."""
    rows = rows_of(event, participants_for(event, reader), words)
    left = [row for row in rows if fits(row, chosen)]
    left.sort(key=lambda row: (row.sort_as, row.pk))
    return FoundParticipants([row.pk for row in left], counted(rows, chosen))


def rows_of(event: Event, participants: RegistrationQuerySet, words: str) -> list[Row]:
    """Read what filters need of those who have the words."""
    found = participants.filter(having(words)) if words.strip() else participants
    columns = found.values_list("pk", "profile_id", "profile__display_name")
    entries = entries_of(found)
    kinds = kinds_of(found)
    free = free_now(event, found)
    return [
        Row(
            pk,
            entries.get(profile_id, ("", frozenset()))[1]
            | kinds.get(pk, frozenset())
            | frozenset(["time:now"] * (pk in free)),
            entries.get(profile_id, ("", frozenset()))[0] or name.casefold(),
        )
        for pk, profile_id, name in columns
    ]


def having(words: str) -> Q:
    """Return the condition that somebody's profile, name or intents have all the words."""
    question = asked(words)
    found = Q(profile__display_name__icontains=words) | Q(profile__hangul_name__icontains=words)
    if question.words:
        entries = member_entries().extra(where=["words @@ %s::tsquery"], params=[question.strict])
        found |= Q(profile__in=entries.values("profile"))
    return found | Q(pk__in=intents_with(words).values("registration"))


def intents_with(words: str) -> Any:
    """Return the intents that have every word in one of their languages."""
    found = Intent.objects.all()
    for word in words.split():
        found = found.filter(Q(text_en__icontains=word) | Q(text_ko__icontains=word))
    return found


def member_entries() -> Any:
    """Return the rows of search in which members find people."""
    return SearchEntry.objects.filter(kind=SearchKind.PEOPLE, audience=SearchAudience.MEMBER)


def entries_of(found: RegistrationQuerySet) -> dict[int, tuple[str, frozenset[str]]]:
    """Return by person how they are sorted in the reader's language, and their facets."""
    column = "sort_ko" if get_language() == "ko" else "sort_en"
    rows = member_entries().filter(profile__in=found.values("profile"))
    return {
        pk: (sort_as, frozenset(each for each in facets if each.partition(":")[0] in FACETS[1:]))
        for pk, sort_as, facets in rows.values_list("profile_id", column, "facets")
    }


def kinds_of(found: RegistrationQuerySet) -> dict[int, frozenset[str]]:
    """Return by participant whether they offer or seek something here."""
    rows = Intent.objects.filter(registration__in=found.values("pk")).values_list(
        "registration_id", "kind"
    )
    kinds: dict[int, frozenset[str]] = {}
    for pk, kind in rows.distinct():
        kinds[pk] = kinds.get(pk, frozenset()) | {f"offers_or_seeks:{kind}"}
    return kinds


def free_now(event: Event, found: RegistrationQuerySet) -> frozenset[int]:
    """Return who could meet in the slot that runs or comes next today; nobody between events."""
    now = timezone.now()
    if not event.starts_at <= now < event.ends_at:
        return frozenset()
    slots = Slot.objects.filter(event=event, during__endswith__gt=now).order_by("during")
    slot = slots.first()
    if slot is None:
        return frozenset()
    seats = Seat.objects.filter(
        profile=OuterRef("profile"), is_live=True, during__overlap=slot.during
    )
    away = Availability.objects.filter(registration=OuterRef("pk"), slot=slot, modes=0)
    free = found.filter(~Exists(seats), ~Exists(away), wants_meetings=True)
    return frozenset(free.values_list("pk", flat=True))


# --- Filters --------------------------------------------------------------------------------------


def fits(row: Row, chosen: Chosen, but: str = "") -> bool:
    """Tell whether somebody has one of the chosen values of every facet, one facet apart."""
    return all(
        any(f"{name}:{value}" in row.facets for value in values)
        for name, values in chosen.items()
        if values and name != but
    )


def counted(rows: Iterable[Row], chosen: Chosen) -> list[CountedFacet]:
    """Return the facets with how many each value leaves, or would leave if it were chosen too."""
    everybody = list(rows)
    named = {**labels(Vocabulary.read(SearchKind.PEOPLE)), "time": named_by(TIMES)}
    facets: list[CountedFacet] = []
    for name in FACETS:
        counts = Counter(
            each.partition(":")[2]
            for row in everybody
            if fits(row, chosen, but=name)
            for each in row.facets
            if each.startswith(f"{name}:")
        )
        own = chosen.get(name, ())
        values = [
            FacetValue(value, named[name](value), counts[value], value in own, str(counts[value]))
            for value in {*counts, *(value for value in own if is_value(name, value))}
        ]
        if values:
            is_open = bool(own) or len(facets) < OPEN_FACETS
            facets.append(CountedFacet(name, LABELS[name], *cut(values), is_open))
    return facets


def is_value(name: str, value: str) -> bool:
    """Tell whether a facet may have a value that nobody has; words of times are few."""
    return name != "time" or value in TIMES


def lines_of(ids: list[int], reader: User) -> list[Line]:
    """Return participants in this order as the reader sees them; six queries, however many."""
    rows = Registration.objects.filter(pk__in=ids).select_related(
        "profile__user", "profile__organisation"
    )
    rows = rows.prefetch_related("profile__areas", "profile__topics", "intents")
    found = {row.pk: row for row in rows}
    ordered = [found[pk] for pk in ids if pk in found]
    people = shown_profiles([row.profile for row in ordered], reader)
    return [
        Line(row, person, list(row.intents.all()))
        for row, person in zip(ordered, people, strict=True)
    ]
