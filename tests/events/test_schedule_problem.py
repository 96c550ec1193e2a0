"""What the database says of an event becomes the problem that the solver knows."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from events.models import Meeting, MeetingRequest, Seat
from events.scheduling.problem import NONE, ON_SITE, ONLINE
from events.services.schedule_facts import facts_of, fingerprint
from events.services.schedule_problem import problem_from, problem_of
from matching.models import Block
from tests.events.schedules import BEGIN, small_event, three_who_meet
from tests.factories.events import (
    AcceptedMeetingRequestFactory,
    MeetingFactory,
    MeetingRequestFactory,
    OnlineRoomFactory,
    RegistrationFactory,
    SessionFactory,
    SlotFactory,
)

pytestmark = pytest.mark.django_db


def only(found):
    """Return the one wish of a problem."""
    (wish,) = found.problem.wishes
    return wish


def test_accepted_requests_of_confirmed_people_are_wishes():
    event = small_event(pairs=1)
    MeetingRequestFactory(event=event)
    AcceptedMeetingRequestFactory(event=event, sender__state="withdrawn")

    found = problem_of(event)

    assert len(found.problem.wishes) == 1
    assert found.problem.modes.shape == (len(found.people), 3)
    assert [found.people[person] for person in only(found).people] == sorted(
        MeetingRequest.objects.filter(event=event).order_by("pk").values_list(
            "sender_id", "recipient_id")[0]
    )  # fmt: skip


def test_duties_and_meetings_elsewhere_are_times_away():
    event = small_event(pairs=1)
    speaker = event.meeting_requests.get().sender
    session = SessionFactory(
        event=event, during=DateTimeTZRange(BEGIN, BEGIN + timedelta(minutes=30))
    )
    Seat.objects.create(profile=speaker.profile, session=session, during=session.during)
    elsewhere = MeetingFactory(slot__starts_at=BEGIN + timedelta(minutes=50))
    Seat.objects.filter(meeting=elsewhere).first().delete()
    Seat.objects.create(
        profile=speaker.profile, meeting=elsewhere, during=elsewhere.during, is_live=True
    )

    found = problem_of(event)

    # The session takes the first slot and five minutes of the second.
    assert found.problem.modes[found.people.index(speaker.pk)].tolist() == [0, 0, 0]


def test_availability_narrows_the_mode_of_the_registration_and_of_the_event():
    event = small_event(pairs=1)
    person = event.meeting_requests.get().sender
    slots = list(event.slots.all())
    person.availabilities.create(slot=slots[0], modes=ONLINE)
    person.availabilities.create(slot=slots[1], modes=0)

    assert modes_of(event, person) == [ONLINE, 0, ON_SITE | ONLINE]
    event.mode = "on_site"
    assert modes_of(event, person) == [0, 0, ON_SITE]


def modes_of(event, person):
    found = problem_of(event)
    return found.problem.modes[found.people.index(person.pk)].tolist()


def test_places_are_open_unless_closed_used_or_of_no_use():
    event = small_event(tables=1)
    room, slots = OnlineRoomFactory(event=event), list(event.slots.all())
    table = event.places.exclude(pk=room.pk).get()
    table.closures.create(slot=slots[0])
    SessionFactory(event=event, place=room, during=slots[2].during)

    found = problem_of(event)

    assert found.places == (table.pk, room.pk)
    assert found.problem.place_open.tolist() == [[False, True, True], [True, True, False]]


def test_pins_prohibitions_and_order_are_kept():
    event = small_event(pairs=2)
    first, second = event.meeting_requests.order_by("pk")
    slots, table = list(event.slots.all()), event.places.first()
    second.forbidden_slots.add(slots[1])
    MeetingRequest.objects.filter(pk=second.pk).update(
        is_pinned=True, pinned_slot=slots[2], pinned_place=table, after=first
    )

    _wish, pinned = problem_of(event).problem.wishes

    assert (pinned.is_pinned, pinned.pinned_slot, pinned.after) == (True, 2, (0,))
    assert (pinned.forbidden, pinned.pinned_place) == (frozenset({1}), 0)


def test_request_that_is_forbidden_everywhere_is_left_out():
    event = small_event(pairs=1)
    request = event.meeting_requests.get()
    request.forbidden_slots.set(event.slots.all())

    facts = facts_of(event)

    assert facts["wishes"] == []
    assert [row["id"] for row in facts["left_out"]] == [request.pk]


@pytest.mark.parametrize("is_reverse", (False, True))
def test_people_who_blocked_each_other_do_not_meet(is_reverse):
    event = small_event(pairs=1)
    request = event.meeting_requests.get()
    pair = [request.sender.profile, request.recipient.profile]
    blocker, blocked = reversed(pair) if is_reverse else pair
    Block.objects.create(blocker=blocker, blocked=blocked)

    assert facts_of(event)["wishes"] == []


def test_only_those_who_agreed_come_along():
    event = small_event(pairs=1)
    request = event.meeting_requests.get()
    agreed, silent = RegistrationFactory.create_batch(2, event=event)
    request.members.create(
        registration=agreed, brought_by=request.sender, agreed_at=timezone.now()
    )
    request.members.create(registration=silent, brought_by=request.sender)

    found = problem_of(event)

    names = {found.people[number] for number in only(found).people}
    assert names == {request.sender_id, request.recipient_id, agreed.pk}


def test_meeting_of_a_published_schedule_is_live_and_may_move():
    event, _people = three_who_meet()
    request = event.meeting_requests.first()
    slot, place = event.slots.all()[1], event.places.first()
    MeetingFactory(event=event, request=request, slot=slot, place=place)

    found = problem_of(event)

    wish = found.problem.wishes[found.requests.index(request.pk)]
    assert (wish.live_slot, wish.live_place) == (1, 0)
    assert found.problem.modes.all()


def test_meeting_that_has_begun_stays_out_and_takes_its_people_and_its_place():
    event, people = three_who_meet()
    request = event.meeting_requests.get(sender=people[0], recipient=people[1])
    slot, place = event.slots.first(), event.places.first()
    MeetingFactory(event=event, request=request, slot=slot, place=place)

    facts = facts_of(event, now=slot.during.lower + timedelta(minutes=1))

    assert request.pk not in {wish["id"] for wish in facts["wishes"]}
    by_id = {person["id"]: person for person in facts["people"]}
    # What has begun takes no meeting of anybody.
    assert {person["modes"][0] for person in facts["people"]} == {0}
    assert by_id[people[0].pk]["limit"] == event.maximum_meetings - 1
    assert by_id[people[2].pk]["limit"] == event.maximum_meetings
    assert facts["places"][0]["closed"] == [slot.pk]


def test_hours_cost_by_the_zone_of_each_person():
    event = small_event(pairs=1, slots=0)
    SlotFactory(event=event, starts_at=BEGIN - timedelta(hours=1))
    SlotFactory(event=event, starts_at=BEGIN + timedelta(hours=6))
    request = event.meeting_requests.get()

    found = problem_of(event).problem.discomfort

    # 07:00 and 14:00 in Brussels are 14:00 and 21:00 in Seoul.
    europe, korea = sorted((request.sender_id, request.recipient_id))
    costs = dict(zip(problem_of(event).people, found.tolist(), strict=True))
    assert {europe: costs[request.sender_id], korea: costs[request.recipient_id]} == {
        request.sender_id: [1, 0],
        request.recipient_id: [0, 2],
    }


def test_sessions_end_where_the_day_does():
    event = small_event(slots=2, pairs=1)
    SlotFactory(event=event, starts_at=BEGIN + timedelta(days=1))

    assert problem_of(event).problem.sessions.tolist() == [0, 0, 1]


def test_same_facts_have_the_same_fingerprint_and_any_change_another():
    event = small_event()
    before = fingerprint(facts_of(event))

    assert fingerprint(facts_of(event)) == before
    event.meeting_requests.first().forbidden_slots.add(event.slots.first())
    assert fingerprint(facts_of(event)) != before


def test_rows_become_a_schedule_and_rows_again():
    event = small_event()
    found = problem_from(facts_of(event))
    rows = [[found.requests[1], found.slots[2], found.places[0]]]

    schedule = found.schedule_of([*rows, [0, found.slots[0], 0]])

    assert schedule.slots.tolist() == [NONE, 2]
    assert found.proposals(schedule) == rows


def test_queries_do_not_grow(django_assert_num_queries):
    event = small_event(pairs=1)
    for more in (0, 2, 20):
        AcceptedMeetingRequestFactory.create_batch(more, event=event)
        for request in event.meeting_requests.all():
            request.forbidden_slots.add(event.slots.last())
            request.sender.availabilities.get_or_create(slot=event.slots.last(), modes=1)
        with django_assert_num_queries(13):
            problem_of(event)


def test_meeting_without_live_seats_is_not_planned_again():
    event = small_event(pairs=1)
    meeting = MeetingFactory(
        event=event, request=event.meeting_requests.get(), slot=event.slots.first()
    )
    Meeting.objects.filter(pk=meeting.pk).update(state="no_show", is_live=False)

    assert facts_of(event)["wishes"] == []
