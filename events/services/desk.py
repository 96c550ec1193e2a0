"""The desk: who is there, found by ticket or by name; in and out as often as people like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from events.models import (
    CheckIn,
    Direction,
    Event,
    LateNotice,
    Registration,
    RegistrationState,
)

if TYPE_CHECKING:
    from konnect.accounts.models import User

MOST_FOUND = 20
MOST_RECENT = 8
NAMES = (
    "profile__display_name", "profile__hangul_name", "profile__family_name",
    "profile__given_name", "profile__organisation__name", "profile__organisation__name_en",
    "profile__organisation__name_ko", "profile__organisation_unlisted", "profile__user__email",
)  # fmt: skip


class NotExpectedError(Exception):
    """Somebody does not take part: their registration was never confirmed, or has ended."""


@dataclass(frozen=True)
class Seen:
    """What the desk wrote, or what it had written before: then nothing is written again."""

    check_in: CheckIn
    is_repeated: bool


@dataclass(frozen=True)
class Counts:
    """How many take part, have been here, and are here now."""

    expected: int
    came: int
    inside: int


@transaction.atomic
def check_in(registration: Registration, *, direction: str, actor: User) -> Seen:
    """Write that somebody came or left; twice the same writes nothing and says since when.

    Raises:
        NotExpectedError: the registration is not confirmed.
    """
    # Two desks read one ticket at the same moment: one writes, the other sees it.
    locked = Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    if locked.state != RegistrationState.CONFIRMED:
        raise NotExpectedError
    last = last_seen(locked)
    if last is not None and last.direction == direction:
        return Seen(last, is_repeated=True)
    written = CheckIn.objects.create(registration=locked, direction=direction, by=actor)
    written.refresh_from_db(fields=["at"])
    return Seen(written, is_repeated=False)


def last_seen(registration: Registration) -> CheckIn | None:
    """Return when somebody was last seen at the desk."""
    return registration.check_ins.select_related("by__profile").order_by("-at", "-pk").first()


def with_last_seen(registrations: QuerySet[Registration]) -> QuerySet[Any]:
    """Add `last_direction` and `last_at` to registrations."""
    seen = CheckIn.objects.filter(registration=OuterRef("pk")).order_by("-at", "-pk")
    return registrations.annotate(
        last_direction=Subquery(seen.values("direction")[:1]),
        last_at=Subquery(seen.values("at")[:1]),
    )


def found_at_desk(event: Event, words: str) -> QuerySet[Registration]:
    """Return the live registrations whose name, organisation or e-mail address has all the words."""
    hits = [
        Q(*[(f"{name}__icontains", word) for name in NAMES], _connector=Q.OR)
        for word in words.split()[:6]
    ]
    if not hits:
        return Registration.objects.none()
    live = Registration.objects.live().filter(reduce(and_, hits), event=event).with_people()
    return with_last_seen(live).order_by("profile__display_name", "pk")[:MOST_FOUND]


def counts(event: Event) -> Counts:
    """Return how full the house is; two queries."""
    confirmed = with_last_seen(Registration.objects.confirmed().filter(event=event))
    directions = list(confirmed.values_list("last_direction", flat=True))
    came = sum(direction is not None for direction in directions)
    return Counts(len(directions), came, directions.count(Direction.IN))


def recent(event: Event) -> QuerySet[CheckIn]:
    """Return what the desk wrote last."""
    rows = CheckIn.objects.filter(registration__event=event)
    people = ("registration__profile__user", "registration__profile__organisation")
    return rows.select_related(*people).order_by("-at", "-pk")[:MOST_RECENT]


def late_now(event: Event, now: datetime) -> QuerySet[LateNotice]:
    """Return who said that they will be late for a meeting that is not over."""
    notices = LateNotice.objects.filter(
        meeting__event=event, meeting__is_live=True, meeting__during__endswith__gt=now
    )
    people = ("registration__profile__organisation", "meeting__place")
    return notices.select_related(*people).order_by("meeting__during", "pk")
