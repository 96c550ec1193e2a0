"""Publishing events, taking them back, cancelling them with notice, putting them away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext_noop

from events.models import (
    Event,
    EventState,
    Meeting,
    MeetingChange,
    MeetingRequest,
    MeetingRequestChange,
    MeetingState,
    Registration,
    RequestState,
    Seat,
)
from events.services.calendar_rounds import TASK as CALENDARS_TASK
from events.services.event_notices import CANCELLED_KEY, tell_of_cancellation
from events.services.event_saving import locked
from events.services.readiness import Problem, blockers_of
from konnect.accounts.doorbell import ring
from konnect.accounts.models import Notification
from konnect.states import TransitionError

if TYPE_CHECKING:
    from konnect.accounts.models import User

TELLING_TASK = "events.tasks.tell_of_cancelled_events"
BATCH = 200
# Stored with meetings that ended with their event; pages and mails translate it.
EVENT_CANCELLED = gettext_noop("The event was cancelled.")


class EventNotReadyError(Exception):
    """Something keeps the event from being published."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__(", ".join(problem.code for problem in found))
        self.problems = list(found)


@transaction.atomic
def publish_event(event: Event, *, actor: User, version: str | None = None) -> Event:
    """Let everybody read an event.

    Raises:
        EventNotReadyError: something keeps it from that.
        EditConflict: `version` is given, and the event was changed meanwhile.
        TransitionError: it is no draft any more.
    """
    stored = locked(event, version)
    assert stored is not None
    if found := blockers_of(stored):
        raise EventNotReadyError(found)
    # Readers of feeds ask what changed.
    event.move_to(EventState.PUBLISHED, actor=actor, columns={"updated_at": timezone.now()})
    return event


@transaction.atomic
def unpublish_event(event: Event, *, actor: User) -> Event:
    """Make an event a draft again, as long as nobody registered.

    Raises:
        TransitionError: it is not published, or somebody registered.
    """
    locked(event, None)
    if Registration.objects.live().filter(event=event).exists():
        raise TransitionError("somebody registered")
    event.move_to(EventState.DRAFT, actor=actor)
    return event


@transaction.atomic
def archive_event(event: Event, *, actor: User) -> Event:
    """Put an event away that is over.

    Raises:
        TransitionError: it is not published, or not over.
    """
    locked(event, None)
    if event.ends_at > timezone.now():
        raise TransitionError("not over")
    event.move_to(EventState.ARCHIVED, actor=actor)
    return event


@transaction.atomic
def cancel_event(
    event: Event, *, actor: User, cancellation_en: str = "", cancellation_ko: str = ""
) -> Event:
    """Cancel an event: its meetings and requests end, and everybody who registered is told.

    People are told by the worker, so that a thousand of them keep nobody waiting.

    Raises:
        TransitionError: it is not published, or was over before.
    """
    stored = locked(event, None)
    assert stored is not None
    if stored.ends_at <= timezone.now():
        raise TransitionError("over")
    columns = {
        "cancelled_at": timezone.now(), "cancellation_en": cancellation_en,
        "cancellation_ko": cancellation_ko, "updated_at": timezone.now(),
    }  # fmt: skip
    event.move_to(EventState.CANCELLED, actor=actor, columns=columns)
    end_requests(event, actor)
    end_meetings(event, actor)
    Seat.objects.filter(session__event=event).update(is_live=False)
    ring(TELLING_TASK)
    return event


def end_requests(event: Event, actor: User) -> None:
    """End what is asked and agreed at an event."""
    for state, ended in (
        (RequestState.SENT, RequestState.EXPIRED),
        (RequestState.ACCEPTED, RequestState.WITHDRAWN),
    ):
        rows = MeetingRequest.objects.filter(event=event, state=state).order_by("pk")
        pks = list(rows.select_for_update().values_list("pk", flat=True))
        MeetingRequest.objects.filter(pk__in=pks).update(state=ended)
        MeetingRequestChange.objects.bulk_create(
            MeetingRequestChange(
                request_id=pk, old_state=state, new_state=ended, reason=EVENT_CANCELLED,
                actor=actor,
            )
            for pk in pks
        )  # fmt: skip


def end_meetings(event: Event, actor: User) -> None:
    """Cancel all meetings to come of an event at once; people and places are free again.

    Calendars are told by the worker.
    """
    scheduled = Meeting.objects.filter(event=event, state=MeetingState.SCHEDULED)
    pks = list(scheduled.order_by("pk").select_for_update().values_list("pk", flat=True))
    meetings = Meeting.objects.filter(pk__in=pks)
    meetings.update(
        state=MeetingState.CANCELLED, is_live=False, cancelled_by=actor,
        cancelled_at=timezone.now(), cancellation_reason=EVENT_CANCELLED,
        sequence=F("sequence") + 1, untold_since=timezone.now(),
    )  # fmt: skip
    MeetingChange.objects.bulk_create(
        MeetingChange(
            meeting_id=pk, old_state=MeetingState.SCHEDULED, new_state=MeetingState.CANCELLED,
            reason=EVENT_CANCELLED, actor=actor,
        )
        for pk in pks
    )  # fmt: skip
    ring(CALENDARS_TASK)


def tell_of_cancelled_events() -> int:
    """Tell people whose event was cancelled and who were not told yet; return how many."""
    told = Notification.objects.filter(
        user=OuterRef("profile__user"),
        key=Concat(Value(CANCELLED_KEY), Cast(OuterRef("event_id"), CharField())),
    )
    rows = Registration.objects.live().filter(
        event__state=EventState.CANCELLED, event__ends_at__gt=timezone.now(),
        profile__user__is_active=True,
    )  # fmt: skip
    untold = rows.exclude(Exists(told)).with_people().select_related("event", "profile__user")
    found = list(untold.order_by("event_id", "pk")[:BATCH])
    for registration in found:
        tell_of_cancellation(registration)
    if len(found) == BATCH:
        ring(TELLING_TASK)
    return len(found)
