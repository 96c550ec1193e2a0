"""Nouns of events for tests."""

import secrets
from datetime import UTC, datetime, timedelta

import factory
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from events.models import (
    Event,
    EventHelper,
    EventKind,
    EventMode,
    EventState,
    Meeting,
    MeetingRequest,
    Place,
    PlaceKind,
    Registration,
    RegistrationState,
    RequestState,
    Seat,
    Session,
    SessionKind,
    Slot,
)
from tests.factories.accounts import UserFactory
from tests.factories.matching import KoreanProfileFactory, ProfileFactory

# 09:00 in Brussels and 16:00 in Seoul, in summer of a year to come.
MORNING = datetime(2031, 6, 2, 7, 0, tzinfo=UTC)


class EventFactory(factory.django.DjangoModelFactory):
    """A published matchmaking event with registration and requests open."""

    class Meta:
        model = Event
        skip_postgeneration_save = True

    kind = EventKind.MATCHMAKING
    mode = EventMode.HYBRID
    state = EventState.PUBLISHED
    title_en = factory.Sequence(lambda number: f"Matchmaking days {number}")
    title_ko = factory.Sequence(lambda number: f"매칭 행사 {number}")
    summary_en = "Meet your partners."
    summary_ko = "협력 파트너를 만나 보세요."
    zone = "Europe/Brussels"
    starts_at = MORNING
    ends_at = MORNING + timedelta(hours=8)
    starts_wall = "2031-06-02T09:00"
    ends_wall = "2031-06-02T17:00"
    registration_opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    requests_open_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))


class HelperFactory(factory.django.DjangoModelFactory):
    """An organiser of an event."""

    class Meta:
        model = EventHelper

    event = factory.SubFactory(EventFactory)
    user = factory.SubFactory(UserFactory)
    role = "organiser"


class PlaceFactory(factory.django.DjangoModelFactory):
    """A table."""

    class Meta:
        model = Place

    event = factory.SubFactory(EventFactory)
    kind = PlaceKind.TABLE
    name_en = factory.Sequence(lambda number: f"Table {number}")
    name_ko = factory.Sequence(lambda number: f"테이블 {number}")
    position = factory.Sequence(lambda number: number)


class OnlineRoomFactory(PlaceFactory):
    kind = PlaceKind.ONLINE_ROOM
    name_en = factory.Sequence(lambda number: f"Room {number}")
    name_ko = factory.Sequence(lambda number: f"온라인 회의실 {number}")


class SlotFactory(factory.django.DjangoModelFactory):
    """Twenty minutes; each further one of an event begins twenty-five minutes later."""

    class Meta:
        model = Slot

    class Params:
        number = factory.LazyAttribute(lambda slot: slot.event.slots.count())
        starts_at = factory.LazyAttribute(
            lambda slot: slot.event.starts_at + timedelta(minutes=25 * slot.number)
        )

    event = factory.SubFactory(EventFactory)
    during = factory.LazyAttribute(
        lambda slot: DateTimeTZRange(slot.starts_at, slot.starts_at + timedelta(minutes=20))
    )


class SessionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Session

    event = factory.SubFactory(EventFactory)
    kind = SessionKind.TALK
    title_en = "Opening"
    title_ko = "개회"
    during = factory.LazyAttribute(
        lambda session: DateTimeTZRange(
            session.event.starts_at, session.event.starts_at + timedelta(minutes=30)
        )
    )


class RegistrationFactory(factory.django.DjangoModelFactory):
    """A European researcher who takes part and stands in the list."""

    class Meta:
        model = Registration

    event = factory.SubFactory(EventFactory)
    profile = factory.SubFactory(ProfileFactory)
    state = RegistrationState.CONFIRMED
    mode = EventMode.HYBRID
    is_listed = True
    zone = "Europe/Brussels"
    ticket = factory.LazyFunction(secrets.token_urlsafe)


class KoreanRegistrationFactory(RegistrationFactory):
    profile = factory.SubFactory(KoreanProfileFactory)
    zone = "Asia/Seoul"


class MeetingRequestFactory(factory.django.DjangoModelFactory):
    """A European asks a Korean, who has not answered."""

    class Meta:
        model = MeetingRequest

    event = factory.SubFactory(EventFactory)
    sender = factory.SubFactory(RegistrationFactory, event=factory.SelfAttribute("..event"))
    recipient = factory.SubFactory(
        KoreanRegistrationFactory, event=factory.SelfAttribute("..event")
    )
    message = "We both work on perovskites."
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


class AcceptedMeetingRequestFactory(MeetingRequestFactory):
    state = RequestState.ACCEPTED
    answered_at = factory.LazyFunction(timezone.now)


class MeetingFactory(factory.django.DjangoModelFactory):
    """A scheduled meeting of two at a table, with the seats of both."""

    class Meta:
        model = Meeting
        skip_postgeneration_save = True

    event = factory.SubFactory(EventFactory)
    request = factory.SubFactory(
        AcceptedMeetingRequestFactory, event=factory.SelfAttribute("..event")
    )
    slot = factory.SubFactory(SlotFactory, event=factory.SelfAttribute("..event"))
    during = factory.SelfAttribute("slot.during")
    place = factory.SubFactory(PlaceFactory, event=factory.SelfAttribute("..event"))
    room_key = factory.LazyFunction(secrets.token_urlsafe)

    @factory.post_generation
    def seats(meeting, create, extracted, **options):  # noqa: N805 - factory_boy passes the object
        for registration in (meeting.request.sender, meeting.request.recipient):
            Seat.objects.create(
                profile=registration.profile, meeting=meeting, registration=registration,
                during=meeting.during, is_live=meeting.is_live,
            )  # fmt: skip
