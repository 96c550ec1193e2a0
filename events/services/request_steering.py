"""What organisers decide about agreed meetings: pinned, forbidden at times, added."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from events.models import (
    Event,
    Meeting,
    MeetingRequest,
    Place,
    RequestState,
    Slot,
)
from konnect.states import TransitionError

if TYPE_CHECKING:
    from konnect.accounts.models import User

# Which lists organisers look at.
SHOWN = {
    "agreed": Q(state=RequestState.ACCEPTED),
    "unplaced": Q(state=RequestState.ACCEPTED) & ~Q(meetings__is_live=True),
    "pinned": Q(is_pinned=True, state=RequestState.ACCEPTED),
    "waiting": Q(state=RequestState.SENT),
    "ended": Q(state__in=(RequestState.DECLINED, RequestState.WITHDRAWN, RequestState.EXPIRED)),
}


def requests_shown(event: Event, *, kind: str, words: str) -> QuerySet[MeetingRequest]:
    """Return requests of an event for organisers, by kind and by a name of either side.

    Raises:
        KeyError: there is no such kind.
    """
    found = MeetingRequest.objects.filter(SHOWN[kind], event=event).with_people()
    for word in words.split():
        sides = Q()
        for side in ("sender", "recipient"):
            sides |= Q(**{f"{side}__profile__display_name__icontains": word})
            sides |= Q(**{f"{side}__profile__hangul_name__icontains": word})
        found = found.filter(sides)
    live = Meeting.objects.filter(is_live=True).select_related("slot", "place")
    return found.select_related("pinned_slot", "pinned_place").prefetch_related(
        Prefetch("meetings", live, to_attr="live_meetings"), "forbidden_slots"
    )


@transaction.atomic
def steer_request(
    request: MeetingRequest, *, is_pinned: bool, slot: Slot | None, place: Place | None,
    forbidden: Iterable[Slot], actor: User | None,
) -> None:  # fmt: skip
    """Pin an agreed meeting, to a time or place or neither, and forbid times.

    The published schedule stays as it is until the next run.

    Raises:
        TransitionError: the request is no longer agreed.
    """
    rows = MeetingRequest.objects.filter(pk=request.pk, state=RequestState.ACCEPTED)
    pin = {
        "is_pinned": is_pinned,
        "pinned_slot": slot if is_pinned else None,
        "pinned_place": place if is_pinned else None,
    }
    if rows.update(**pin) != 1:
        raise TransitionError("no longer accepted")
    request.forbidden_slots.set(forbidden)
