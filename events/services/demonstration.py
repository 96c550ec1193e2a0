"""The invented events, written into the database in bulk: over, running and coming."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet
from django.utils import timezone

from events.demo.programme import EVENTS, InventedEvent, InventedSession
from events.models import (
    Availability,
    Event,
    EventChange,
    EventHelper,
    EventState,
    HelperRole,
    Intent,
    Place,
    PlaceKind,
    Registration,
    RegistrationState,
    Session,
    SessionKind,
    SessionSpeaker,
    Slot,
)
from events.services.demonstration_meetings import write_meetings
from events.wall_times import instant_near, wall_of
from konnect.accounts.models import User
from konnect.limits import lift_limits
from matching.models import Area, Listing, Profile

SEED = 2026
MEETING = timedelta(minutes=20)
# Shares of participants: in the list for all to see, and without this or that hour.
LISTED, AWAY = 0.9, 0.15
INTENTS_EACH = 3
BATCH = 1000

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stage:
    """One event as it was written, with what its meetings need."""

    invented: InventedEvent
    event: Event
    slots: Sequence[Slot]
    tables: Sequence[Place]
    registrations: Sequence[Registration]
    random: Random


def load_events(*, organiser: User | None, say: Say = lambda line: None) -> bool:
    """Write the invented events for the invented people, run by somebody.

    Returns False, and changes nothing, when they are there or nobody was invented.
    """
    people = list(invented_people())
    if not people or Event.objects.filter(is_invented=True).exists():
        return False
    with transaction.atomic():
        lift_limits("LOCAL")
        for invented in EVENTS:
            say(write_event(invented, people, organiser))
    return True


def invented_people() -> QuerySet[Profile]:
    """Return the published invented people with their topics, the leading two first."""
    published = Profile.objects.filter(is_invented=True, state="published", user__is_active=True)
    return published.select_related("user").prefetch_related("topics").order_by("pk")


def write_event(invented: InventedEvent, people: Sequence[Profile], organiser: User | None) -> str:
    """Write one event with everything that belongs to it; return in words how much it is."""
    random = Random(f"{SEED}-{invented.key}")  # noqa: S311 - the same data every time
    event = Event.objects.create(**columns_of(invented, organiser))
    event.areas.set(Area.objects.filter(code__in=invented.areas, version=Area.CURRENT_VERSION))
    if organiser:
        EventHelper.objects.create(event=event, user=organiser, role=HelperRole.ORGANISER)
    if event.state == EventState.PUBLISHED:
        EventChange.objects.create(
            event=event, old_state="draft", new_state="published", actor=organiser
        )
    tables = write_places(event, invented)
    slots = write_slots(event, invented)
    registrations = write_registrations(event, invented, people, random)
    write_agenda(event, invented, registrations)
    write_availability(slots, registrations, random)
    stage = Stage(invented, event, slots, tables, registrations, random)
    return f"{invented.titles[0]}: {len(registrations)} people, {write_meetings(stage)}"


def instant_of(invented: InventedEvent, day: int, wall: str) -> datetime:
    """Return when a wall time of one of its days is."""
    now = timezone.now()
    first = wall_of(now + timedelta(days=invented.in_days + day), invented.zone)[:10]
    return instant_near(f"{first}T{wall}", invented.zone, now)


def columns_of(invented: InventedEvent, organiser: User | None) -> dict[str, Any]:
    """Return the columns of an event."""
    starts_at = instant_of(invented, 0, invented.begins)
    ends_at = instant_of(invented, invented.days - 1, invented.ends)
    return {
        **texts_of(invented),
        "kind": invented.kind, "mode": invented.mode, "zone": invented.zone,
        "state": EventState.DRAFT if invented.is_draft else EventState.PUBLISHED,
        "starts_at": starts_at, "ends_at": ends_at,
        "starts_wall": wall_of(starts_at, invented.zone),
        "ends_wall": wall_of(ends_at, invented.zone),
        "registration_opens_at": starts_at - timedelta(days=45),
        "registration_closes_at": ends_at - timedelta(hours=1),
        "requests_open_at": starts_at - timedelta(days=40),
        "requests_close_at": ends_at - timedelta(hours=1),
        "feedback_closes_at": ends_at + timedelta(days=60),
        "capacity": invented.capacity, "languages": ["en", "ko"],
        "contact_email": "events@demo.example", "created_by": organiser, "is_invented": True,
    }  # fmt: skip


def texts_of(invented: InventedEvent) -> dict[str, str]:
    """Return the columns of words, in both languages."""
    pairs = {"title": invented.titles, "summary": invented.summaries,
             "description": invented.descriptions, "venue": invented.venues}  # fmt: skip
    columns = {
        f"{name}_{language}": text
        for name, texts in pairs.items()
        for language, text in zip(("en", "ko"), texts, strict=True)
    }
    place = {"address": invented.address, "city": invented.city}
    return columns | place | {"country_code": invented.country_code}


def write_places(event: Event, invented: InventedEvent) -> list[Place]:
    """Write the hall, the tables and the online rooms; return those for meetings."""
    names = {
        PlaceKind.TABLE: ("Table", "테이블"),
        PlaceKind.ONLINE_ROOM: ("Room", "온라인 회의실"),
    }
    counts = {PlaceKind.TABLE: invented.tables, PlaceKind.ONLINE_ROOM: invented.rooms}
    places = [
        Place(event=event, kind=kind, position=number, name_en=f"{names[kind][0]} {number}",
              name_ko=f"{names[kind][1]} {number}")
        for kind, count in counts.items()
        for number in range(1, count + 1)
    ]  # fmt: skip
    hall = Place(
        event=event, kind=PlaceKind.HALL, name_en="Main hall", name_ko="대강당", seats=120
    )
    return Place.objects.bulk_create([*places, hall])[:-1]


def write_slots(event: Event, invented: InventedEvent) -> list[Slot]:
    """Write the times of meetings; mornings and afternoons are sittings of their own."""
    slots = []
    for day, walls in enumerate(invented.slots):
        for wall in walls:
            begin = instant_of(invented, day, wall)
            sitting = 2 * day + (wall >= "13:00")
            during = DateTimeTZRange(begin, begin + MEETING)
            slots.append(Slot(event=event, during=during, sitting=sitting))
    return Slot.objects.bulk_create(slots)


def write_registrations(
    event: Event, invented: InventedEvent, people: Sequence[Profile], random: Random
) -> list[Registration]:
    """Write who comes, the leading two first, and who waits; return those who come."""
    chosen = participants(people, invented.people, random)
    coming = len(chosen)
    chosen += [each for each in people if each not in chosen][: invented.waiting]
    rows = [
        registration_of(event, profile, is_waiting=number >= coming, random=random)
        for number, profile in enumerate(chosen)
    ]
    written = Registration.objects.bulk_create(rows)[:coming]
    write_intents(written)
    return written


def participants(people: Sequence[Profile], each: int, random: Random) -> list[Profile]:
    """Return so many people of each side, the leading two always among them."""
    leading, others = list(people[:2]), list(people[2:])
    found = leading if each else []
    for side in ("europe", "korea"):
        here = [person for person in others if person.side == side]
        found = found + random.sample(here, min(len(here), max(each - 1, 0)))
    return found


def registration_of(
    event: Event, profile: Profile, *, is_waiting: bool, random: Random
) -> Registration:
    """Return one unsaved registration; who is far away comes online where that is possible."""
    is_far = event.country_code == "BE" and profile.side == "korea"
    mode = "online" if event.mode == "hybrid" and is_far else event.mode
    now = timezone.now()
    until = min(now, event.starts_at) - timedelta(days=1)
    opened = min(event.starts_at - timedelta(days=45), until - timedelta(days=20))
    at = opened + (until - opened) * random.random()
    return Registration(
        event=event, profile=profile, mode=mode, wants_meetings=True, created_at=at,
        state=RegistrationState.WAITING if is_waiting else RegistrationState.CONFIRMED,
        entered_list_at=at if is_waiting else None, zone=profile.user.time_zone,
        is_listed=profile.pk is not None and random.random() < LISTED,
        ticket=secrets.token_urlsafe(32),
    )  # fmt: skip


def write_intents(registrations: Sequence[Registration]) -> None:
    """Take over what everybody offers and seeks in the profile."""
    by_profile = {registration.profile_id: registration for registration in registrations}
    listings = Listing.objects.filter(
        profile__in=by_profile, state="open", partner_search__isnull=True
    ).order_by("profile_id", "pk")
    counts: dict[int, int] = dict.fromkeys(by_profile, 0)
    rows = []
    for listing in listings:
        position = counts[listing.profile_id]
        counts[listing.profile_id] += 1
        if position < INTENTS_EACH:
            rows.append(intent_of(by_profile[listing.profile_id], listing, position))
    Intent.objects.bulk_create(rows, batch_size=BATCH)


def intent_of(registration: Registration, listing: Listing, position: int) -> Intent:
    """Return one unsaved intent."""
    return Intent(
        registration=registration, kind=listing.kind, listing=listing, position=position,
        text_en=listing.title_en[:300], text_ko=listing.title_ko[:300],
    )  # fmt: skip


def write_agenda(
    event: Event, invented: InventedEvent, registrations: Sequence[Registration]
) -> None:
    """Write the agenda; participants from the end of the list speak, so that nobody has to twice."""
    hall = event.places.get(kind=PlaceKind.HALL)
    rows = Session.objects.bulk_create(
        session_of(event, invented, session, hall) for session in invented.sessions
    )
    speakers = [registration.profile for registration in registrations[2:]]
    for row, session in zip(rows, invented.sessions, strict=True):
        for position in range(session.speakers if speakers else 0):
            profile = speakers.pop()
            SessionSpeaker.objects.create(session=row, profile=profile, position=position)
            row.seats.create(profile=profile, during=row.during)


def session_of(
    event: Event, invented: InventedEvent, session: InventedSession, hall: Place
) -> Session:
    """Return one unsaved line of the agenda."""
    begin, end = (
        instant_of(invented, session.day, wall) for wall in (session.begins, session.ends)
    )
    return Session(
        event=event, kind=SessionKind(session.kind), title_en=session.titles[0],
        title_ko=session.titles[1], during=DateTimeTZRange(begin, end),
        place=hall if session.is_in_hall else None,
    )  # fmt: skip


def write_availability(
    slots: Sequence[Slot], registrations: Sequence[Registration], random: Random
) -> None:
    """Let people be away in some slots, the leading two in none."""
    rows = [
        Availability(registration=registration, slot=slot, modes=0)
        for registration in registrations[2:]
        for slot in slots
        if random.random() < AWAY
    ]
    Availability.objects.bulk_create(rows, batch_size=BATCH)
