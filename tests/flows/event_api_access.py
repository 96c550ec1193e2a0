"""Who gets which answer from the API of events; see tests.flows.api_access.

Minji takes part in an event with Anna, asked and was asked, has a meeting, and runs the meetings
of another event. An administrator runs all of them and takes part in none.
"""

from datetime import timedelta

from django.utils import timezone

from events.models import ScheduleRun
from tests.factories.events import (
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    MeetingRequestFactory,
    RegistrationFactory,
    SessionFactory,
    SlotFactory,
)

EVENT_API_TABLE: dict[str, dict[str, tuple[int, ...]]] = {
    "api:agenda-entry-list": {"get": (401, 200, 200, 200)},
    "api:event-detail": {"get": (200, 200, 200, 200)},
    "api:event-list": {"get": (200, 200, 200, 200)},
    "api:meeting-cancel": {"post": (401, 404, 200, 404)},
    "api:meeting-detail": {"get": (401, 404, 200, 404)},
    "api:meeting-feedback": {"put": (401, 404, 200, 404)},
    "api:meeting-late": {"post": (401, 404, 409, 404)},
    "api:meeting-list": {"get": (401, 200, 200, 200)},
    "api:meeting-request-accept": {"post": (401, 404, 200, 404)},
    "api:meeting-request-decline": {"post": (401, 404, 200, 404)},
    "api:meeting-request-detail": {"get": (401, 404, 200, 404)},
    "api:meeting-request-list": {"get": (401, 200, 200, 200), "post": (401, 400, 400, 400)},
    "api:meeting-request-withdraw": {"post": (401, 404, 404, 404)},
    "api:participant-detail": {"get": (401, 404, 200, 200)},
    "api:participant-list": {"get": (401, 404, 200, 200)},
    "api:registration-detail": {"get": (401, 404, 200, 404), "patch": (401, 404, 200, 404)},
    "api:registration-list": {"get": (401, 200, 200, 200), "post": (401, 400, 400, 400)},
    "api:registration-take": {"post": (401, 404, 409, 404)},
    "api:registration-withdraw": {"post": (401, 404, 200, 404)},
    "api:schedule-run-detail": {"get": (401, 404, 200, 200)},
    "api:schedule-run-discard": {"post": (401, 404, 200, 200)},
    "api:schedule-run-list": {"get": (401, 200, 200, 200), "post": (401, 400, 400, 400)},
    "api:schedule-run-publish": {"post": (401, 404, 409, 409)},
    "api:schedule-run-stop": {"post": (401, 404, 409, 409)},
    "api:session-list": {"get": (200, 200, 200, 200)},
}
EVENT_BODIES = {
    ("api:meeting-late", "post"): {"minutes": 5},
    ("api:registration-detail", "patch"): {"is_listed": True},
    ("api:schedule-run-publish", "post"): {"even_if_changed": False},
}


def event_api_things(minji, anna):
    """Return what the addresses are about: Minji's own things."""
    event = EventFactory()
    own = KoreanRegistrationFactory(event=event, profile=minji)
    other = RegistrationFactory(event=event, profile=anna)
    request = MeetingRequestFactory(event=event, sender=other, recipient=own)
    meeting = held_meeting(minji)
    SessionFactory(event=event)
    run = ScheduleRun.objects.create(
        event=HelperFactory(user=minji.user, role="meetings").event, state="finished",
        ended_at=timezone.now(), base_version=1,
    )  # fmt: skip
    return {
        "api:event-detail": [event.pk],
        "api:session-list": [event.pk],
        "api:participant-list": [event.pk],
        "api:participant-detail": [event.pk, other.pk],
        **{f"api:registration-{verb}": [own.pk] for verb in ("detail", "take", "withdraw")},
        **{f"api:meeting-request-{verb}": [request.pk]
           for verb in ("detail", "accept", "decline", "withdraw")},
        **{f"api:meeting-{verb}": [meeting.pk]
           for verb in ("detail", "cancel", "late", "feedback")},
        **{f"api:schedule-run-{verb}": [run.pk]
           for verb in ("detail", "stop", "publish", "discard")},
    }  # fmt: skip


def held_meeting(minji):
    """Return a meeting of Minji's that has just ended."""
    ended_at = timezone.now() - timedelta(minutes=30)
    event = EventFactory(
        starts_at=ended_at - timedelta(hours=1),
        ends_at=ended_at + timedelta(hours=8),
    )
    own = KoreanRegistrationFactory(event=event, profile=minji)
    slot = SlotFactory(event=event, starts_at=ended_at - timedelta(minutes=20))
    return MeetingFactory(
        event=event, slot=slot, request__recipient=own,
        request__sender=RegistrationFactory(event=event),
    )  # fmt: skip
