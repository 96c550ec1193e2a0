"""Events in every state with something of every kind, for tests that look at all pages."""

import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from events.models import (
    Announcement,
    CheckIn,
    EventKind,
    EventSeries,
    EventState,
    MeetingFeedback,
    MeetingState,
    RegistrationState,
    RequestState,
    ScheduleRun,
    ScheduleRunState,
    SessionKind,
    SessionSpeaker,
)
from konnect.accounts.models import Role, RoleGrant, Scope
from tests.factories.accounts import UserFactory
from tests.factories.events import (
    AcceptedMeetingRequestFactory,
    EventFactory,
    HelperFactory,
    KoreanRegistrationFactory,
    MeetingFactory,
    MeetingRequestFactory,
    OnlineRoomFactory,
    PlaceFactory,
    RegistrationFactory,
    SessionFactory,
    SlotFactory,
)
from tests.flows.schedule_stage import set_schedule_stage

# A word that breaks nowhere, in either language.
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_KOREAN = "국가과학기술연구회소속한국페로브스카이트태양전지고안정성모듈제작분석연구센터"
SLOTS = 6
ENDED_REQUESTS = (RequestState.DECLINED, RequestState.WITHDRAWN, RequestState.EXPIRED)


def set_event_stage(minji, anna):
    """Write one event for each state, in which Minji and Anna take part; return {name: id}.

    `event` is the running one with a published schedule; the others are `draft_event`,
    `coming_event`, `finished_event` and `cancelled_event`. `organiser` is a user who runs all.
    """
    organiser = organiser_user(minji.user.language)
    things = {"organiser": organiser.pk, "draft_event": draft(organiser).pk}
    things["cancelled_event"] = cancelled(organiser).pk
    things |= coming(organiser, minji, anna)
    things |= finished(organiser, minji, anna)
    return things | running(organiser, minji, anna)


def organiser_user(language):
    """Return somebody who may prepare events."""
    user = UserFactory(language=language)
    RoleGrant.objects.create(
        user=user, role=Role.EVENT_ORGANISER, scope=Scope.PORTAL, granted_by=user
    )
    return user


def event_at(starts_at, organiser, **columns):
    """Return an event of eight hours in Brussels, run by somebody, with long texts."""
    starts_at = starts_at.replace(minute=0, second=0, microsecond=0)
    ends_at = starts_at + timedelta(hours=8)
    brussels = ZoneInfo("Europe/Brussels")
    event = EventFactory(**{
        "starts_at": starts_at, "ends_at": ends_at,
        "starts_wall": starts_at.astimezone(brussels).strftime("%Y-%m-%dT%H:%M"),
        "ends_wall": ends_at.astimezone(brussels).strftime("%Y-%m-%dT%H:%M"),
        "registration_opens_at": starts_at - timedelta(days=40),
        "requests_open_at": starts_at - timedelta(days=30),
        "venue_en": f"Palace of {LONG_WORD}", "venue_ko": LONG_KOREAN, "city": "Brussels",
        "country_code": "BE", "address": "Mont des Arts 1, 1000 Brussels",
        "way_en": "Metro to Central Station.", "way_ko": "지하철 중앙역에서 내리세요.",
        "description_en": f"Three **days** of meetings. {LONG_WORD}", "description_ko": LONG_KOREAN,
        "contact_email": "events@konnect.example", "languages": ["en", "ko"], **columns,
    })  # fmt: skip
    HelperFactory(event=event, user=organiser)
    HelperFactory(event=event, role="desk")
    return event


def draft(organiser):
    """Return a draft that belongs to a series."""
    series = EventSeries.objects.create(title_en="Matchmaking weeks", title_ko="매칭 주간")
    return event_at(
        timezone.now() + timedelta(days=90), organiser, state=EventState.DRAFT, series=series
    )


def cancelled(organiser):
    """Return an event that does not take place."""
    return event_at(
        timezone.now() + timedelta(days=50), organiser, state=EventState.CANCELLED,
        cancelled_at=timezone.now(), cancellation_en="The venue is closed.",
        cancellation_ko="행사장이 문을 닫았습니다.", kind=EventKind.TRAINING,
    )  # fmt: skip


def coming(organiser, minji, anna):
    """Write an event that takes registrations, is full, and has a form of its own; return ids."""
    event = event_at(
        timezone.now() + timedelta(days=20), organiser, capacity=3, needs_approval=True
    )
    furnish(event)
    questions(event)
    own = take_part(event, minji, anna)
    waiting = [
        RegistrationFactory(
            event=event, state=RegistrationState.WAITING, entered_list_at=timezone.now()
        )
        for _ in range(2)
    ]
    pending = RegistrationFactory(event=event, state=RegistrationState.PENDING, note=LONG_WORD)
    offered = RegistrationFactory(
        event=event, state=RegistrationState.OFFERED,
        offer_expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    requests = {f"coming_{name}": pk for name, pk in requests_of(event, *own).items()}
    requests |= set_schedule_stage(event, LONG_WORD, LONG_KOREAN)
    return {
        "coming_event": event.pk, "waiting_registration": waiting[0].pk,
        "pending_registration": pending.pk, "offered_registration": offered.pk,
        "question": event.questions.first().pk,
        "coming_participant": own[1].pk, **requests,
    }  # fmt: skip


def running(organiser, minji, anna):
    """Write an event that has begun, with a published schedule; return ids."""
    event = event_at(timezone.now() - timedelta(hours=2), organiser, schedule_version=1)
    places = furnish(event)
    own, other = take_part(event, minji, anna)
    things = requests_of(event, own, other)
    run = published_run(event)
    meetings = schedule(event, run, own, other)
    meetings[-1].move_to(
        MeetingState.CANCELLED, actor=minji.user,
        columns={"is_live": False, "cancelled_at": timezone.now(), "cancelled_by": minji.user,
                 "cancellation_reason": LONG_WORD},
    )  # fmt: skip
    CheckIn.objects.create(registration=own)
    Announcement.objects.create(event=event, text_en=f"Lunch! {LONG_WORD}", text_ko=LONG_KOREAN)
    proposed = ScheduleRun.objects.create(
        event=event, state=ScheduleRunState.FINISHED, base_version=1, ended_at=timezone.now()
    )
    return {
        "event": event.pk, "participant": other.pk, "own_registration": own.pk,
        "event_session": event.sessions.first().pk, "place": places[0].pk,
        "slot": event.slots.first().pk, "helper": event.helpers.first().pk,
        "meeting": meetings[0].pk, "online_meeting": meetings[1].pk,
        "cancelled_meeting": meetings[-1].pk, "schedule_run": run.pk,
        "proposed_run": proposed.pk, "ticket": own.ticket, **things,
    }  # fmt: skip


def finished(organiser, minji, anna):
    """Write an event that is over, with check-ins and feedback; return ids."""
    event = event_at(timezone.now() - timedelta(days=10), organiser, schedule_version=1)
    furnish(event)
    own, other = take_part(event, minji, anna)
    meetings = schedule(event, published_run(event), own, other)
    for meeting in meetings[1:]:
        meeting.move_to(MeetingState.HELD, actor=None)
        for seat in meeting.seats.all():
            MeetingFeedback.objects.create(
                meeting=meeting, registration=seat.registration, usefulness=4,
                next_step="proposal", words=LONG_WORD,
            )  # fmt: skip
    CheckIn.objects.create(registration=own, at=event.starts_at)
    return {"finished_event": event.pk, "finished_meeting": meetings[0].pk}


def furnish(event):
    """Give an event slots, places and an agenda; return its tables and rooms."""
    begin = event.starts_at + timedelta(hours=1)
    for number in range(SLOTS):
        SlotFactory(event=event, starts_at=begin + number * timedelta(minutes=25))
    hall = PlaceFactory(event=event, kind="hall", name_en=LONG_WORD, name_ko=LONG_KOREAN)
    hours = [event.starts_at + timedelta(hours=hour) for hour in (0, 1, 5)]
    SessionFactory(event=event, place=hall, description_en=LONG_WORD)
    SessionFactory(
        event=event, kind=SessionKind.MEETINGS, title_en="Meetings", title_ko="미팅",
        during=DateTimeTZRange(hours[1], hours[2]),
    )  # fmt: skip
    SessionSpeaker.objects.create(
        session=event.sessions.first(), name="Dr Jürgen Müller", affiliation=LONG_WORD
    )
    return [
        *PlaceFactory.create_batch(2, event=event),
        OnlineRoomFactory(event=event),
    ]


def questions(event):
    """Give the form of registration one question of each kind."""
    options = [[LONG_WORD, LONG_KOREAN], ["Vegan", "비건"]]
    for position, kind in enumerate(("line", "text", "choice", "choices", "yes_no")):
        event.questions.create(
            kind=kind, position=position, text_en=f"What {LONG_WORD}?", text_ko=LONG_KOREAN,
            options=options if kind.startswith("choice") else [], is_required=position == 0,
        )  # fmt: skip


def take_part(event, minji, anna):
    """Register both with wishes and times; return their registrations."""
    own = KoreanRegistrationFactory(event=event, profile=minji)
    other = RegistrationFactory(event=event, profile=anna)
    for registration in (own, other):
        registration.intents.create(kind="offer", text_en=LONG_WORD, text_ko=LONG_KOREAN)
        registration.intents.create(kind="request", text_en="Modelling of ageing")
        registration.availabilities.create(slot=event.slots.last(), modes=2)
    return own, other


def requests_of(event, own, other):
    """Write meeting requests of Minji's in every state; return their ids."""
    ended = {
        f"meeting_request_{state}": MeetingRequestFactory(
            event=event, sender=own, state=state,
            recipient=RegistrationFactory(event=event),
            answered_at=timezone.now() if state == RequestState.DECLINED else None,
        ).pk
        for state in ENDED_REQUESTS
    }  # fmt: skip
    received = MeetingRequestFactory(
        event=event, sender=RegistrationFactory(event=event), recipient=own, message=LONG_WORD * 3
    )
    sent = MeetingRequestFactory(
        event=event, sender=own, recipient=RegistrationFactory(event=event)
    )
    invited = MeetingRequestFactory(
        event=event, sender=other, recipient=KoreanRegistrationFactory(event=event)
    )
    invited.members.create(registration=own, brought_by=other)
    return {
        "meeting_request_received": received.pk, "meeting_request_sent": sent.pk,
        "meeting_request_to_join": invited.pk, **ended,
    }  # fmt: skip


def published_run(event):
    """Return the run whose schedule is in force."""
    now = timezone.now()
    return ScheduleRun.objects.create(
        event=event, state=ScheduleRunState.PUBLISHED, version=1, published_at=now,
        began_at=now, ended_at=now, value=900, bound=1000,
    )  # fmt: skip


def schedule(event, run, own, other):
    """Give Minji a meeting in most slots: with Anna at a table, online, with others."""
    places = [*event.places.exclude(kind="hall")]
    partners = [other, *RegistrationFactory.create_batch(2, event=event)]
    return [
        MeetingFactory(
            event=event, run=run, slot=slot, place=place, room_key=secrets.token_urlsafe(),
            request=AcceptedMeetingRequestFactory(event=event, sender=partner, recipient=own),
        )
        for slot, place, partner in zip(
            event.slots.all(), (places[0], places[-1], places[1]), partners, strict=False
        )
    ]  # fmt: skip
