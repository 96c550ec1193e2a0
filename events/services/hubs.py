"""What waits for those who run an event, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from events.models import (
    Event,
    Meeting,
    MeetingRequest,
    PlaceKind,
    Registration,
    RegistrationState,
    RequestState,
    ScheduleRun,
)


@dataclass(frozen=True)
class Hub:
    """The numbers of one event."""

    confirmed: int
    pending: int
    waiting: int
    offered: int
    requests_open: int
    requests_accepted: int
    meetings: int
    slots: int
    tables: int
    rooms: int
    sessions: int
    helpers: int
    runs_open: int
    questions: int

    @property
    def registered(self) -> int:
        """Whoever has a live registration: as long as there is nobody, the event can be a draft."""
        return self.confirmed + self.pending + self.waiting + self.offered


def hub_of(event: Event) -> Hub:
    """Return the numbers of an event; nine queries, whatever it holds."""
    registrations = Registration.objects.filter(event=event).aggregate(
        **{
            state: Count("pk", filter=Q(state=state))
            for state in (
                RegistrationState.CONFIRMED, RegistrationState.PENDING,
                RegistrationState.WAITING, RegistrationState.OFFERED,
            )
        }
    )  # fmt: skip
    requests = MeetingRequest.objects.filter(event=event).aggregate(
        sent=Count("pk", filter=Q(state=RequestState.SENT)),
        accepted=Count("pk", filter=Q(state=RequestState.ACCEPTED)),
    )
    places = event.places.aggregate(
        tables=Count("pk", filter=Q(kind=PlaceKind.TABLE)),
        rooms=Count("pk", filter=Q(kind=PlaceKind.ONLINE_ROOM)),
    )
    return Hub(
        **registrations,
        requests_open=requests["sent"],
        requests_accepted=requests["accepted"],
        meetings=Meeting.objects.filter(event=event, is_live=True).count(),
        slots=event.slots.count(),
        sessions=event.sessions.count(),
        helpers=event.helpers.count(),
        questions=event.questions.count(),
        runs_open=ScheduleRun.objects.filter(event=event, state="finished").count(),
        **places,
    )
