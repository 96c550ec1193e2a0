"""Another time or place for a meeting: free slots, moves, exchanges, agreement."""

import pytest
from django.utils import timezone

from events.models import (
    Availability,
    PlaceClosure,
)
from events.services.meeting_proposals import (
    agree_to_proposal,
    decline_proposal,
    expire_proposals,
    offers_for,
    propose_time,
)
from events.services.meeting_times import (
    SlotTakenError,
    exchange_meetings,
    move_meeting,
    place_request,
)
from events.services.meetings import (
    mark_no_show,
)
from events.services.open_slots import free_slots
from matching.models import Block
from matching.permissions.contacts import RefusedError
from tests.events.meeting_people import (
    agreed,
    codes,
    event_in,
    meeting_at,
    pair_at,
    sides,
    slot_of,
    titles_of,
)
from tests.factories.events import (
    KoreanRegistrationFactory,
    OnlineRoomFactory,
    PlaceFactory,
    RegistrationFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return event_in()


@pytest.fixture
def meeting(event):
    return meeting_at(event, slot_of(event))


def test_free_slots_are_those_that_suit_all(event):
    anna, minji = pair_at(event)
    request = agreed(event, anna, minji)
    slots = [slot_of(event, number) for number in range(6)]
    table, room = PlaceFactory(event=event), OnlineRoomFactory(event=event)
    # Anna is away in the first; Minji is elsewhere in the second; the table is closed in the third.
    Availability.objects.create(registration=anna, slot=slots[0], modes=0)
    meeting_at(event, slots[1], recipient=minji)
    PlaceClosure.objects.create(place=table, slot=slots[2])
    # On site meets online in the fourth; the fifth is forbidden; in the sixth both are online.
    Availability.objects.create(registration=anna, slot=slots[3], modes=1)
    Availability.objects.create(registration=minji, slot=slots[3], modes=2)
    request.forbidden_slots.add(slots[4])
    Availability.objects.create(registration=anna, slot=slots[5], modes=2)

    found = {each.slot.pk: each.place for each in free_slots(request)}

    assert set(found) == {slots[2].pk, slots[5].pk}
    assert found[slots[2].pk] != table
    assert found[slots[5].pk] == room


def test_tables_of_hosts_are_for_hosts(event):
    anna, minji = pair_at(event)
    slot_of(event)
    hosted = PlaceFactory(event=event, host=KoreanRegistrationFactory(event=event))
    request = agreed(event, anna, minji)

    assert free_slots(request) == []
    hosted.host = minji
    hosted.save()
    assert [each.place for each in free_slots(request)] == [hosted]


@pytest.mark.parametrize("count", (1, 3, 12))
def test_free_slots_and_offers_cost_the_same_however_many(count, django_assert_num_queries):
    started = event_in(hours=-1)
    running = meeting_at(started, slot_of(started, begins_in=-5))
    _anna, minji = sides(running)
    event = running.event
    wishes = [agreed(event, RegistrationFactory(event=event), minji) for _ in range(count)]
    for number in range(count):
        slot_of(event, number + 4)
    mark_no_show(running, actor=None, absent=[running.request.sender])

    with django_assert_num_queries(10):
        found = offers_for(running.slot, minji)
    with django_assert_num_queries(9):
        free = free_slots(wishes[0])

    assert (len(found), len(free)) == (count, count)


def test_organiser_moves_a_meeting_and_calendars_follow(event, meeting):
    later, uid = slot_of(event, 1), meeting.uid

    move_meeting(meeting, slot=later, place=meeting.place, actor=None)

    meeting.refresh_from_db()
    assert (meeting.slot, meeting.during, meeting.sequence) == (later, later.during, 1)
    assert meeting.uid == uid
    assert {seat.during for seat in meeting.seats.all()} == {later.during}
    assert meeting.moves.get().old_slot != later
    assert ["has another time" in titles_of(one)[0] for one in sides(meeting)] == [True, True]


def test_move_into_a_taken_time_changes_nothing_and_says_what_is_free(event, meeting):
    taken, free = slot_of(event, 1), slot_of(event, 2)
    meeting_at(event, taken, recipient=meeting.request.recipient)

    with pytest.raises(SlotTakenError) as error:
        move_meeting(meeting, slot=taken, place=meeting.place, actor=None)

    assert [each.slot for each in error.value.free] == [meeting.slot, free]
    meeting.refresh_from_db()
    assert (meeting.sequence, meeting.moves.count()) == (0, 0)


def test_move_to_a_taken_table_is_refused(event, meeting):
    other = meeting_at(event, meeting.slot)

    with pytest.raises(SlotTakenError):
        move_meeting(meeting, slot=meeting.slot, place=other.place, actor=None)


def test_two_meetings_exchange_times_and_tables(event):
    anna, minji = pair_at(event)
    one = meeting_at(event, slot_of(event), sender=anna, recipient=minji)
    # Minji sits at both: neither can move alone.
    other = meeting_at(event, slot_of(event, 1), recipient=minji)
    before = (one.slot, one.place), (other.slot, other.place)

    exchange_meetings(one, other, actor=None)

    one.refresh_from_db()
    other.refresh_from_db()
    assert ((other.slot, other.place), (one.slot, one.place)) == before
    assert (one.sequence, other.sequence) == (1, 1)


def test_exchange_that_would_double_book_changes_nothing(event):
    one = meeting_at(event, slot_of(event))
    other = meeting_at(event, slot_of(event, 1))
    meeting_at(event, other.slot, sender=one.request.sender)

    with pytest.raises(SlotTakenError):
        exchange_meetings(one, other, actor=None)

    one.refresh_from_db()
    assert one.sequence == 0


def test_both_sides_agree_on_another_time(event, meeting):
    anna, minji = sides(meeting)
    later = slot_of(event, 1)

    proposal = propose_time(meeting.request, slot=later, by=anna, actor=anna.profile.user)
    assert "proposes a time" in titles_of(minji)[0]
    agree_to_proposal(proposal, actor=minji.profile.user)

    meeting.refresh_from_db()
    proposal.refresh_from_db()
    assert (meeting.slot, meeting.place.pk, proposal.state) == (later, meeting.place_id, "agreed")


def test_wish_without_a_place_gets_one_by_agreement(event):
    anna, minji = pair_at(event)
    request = agreed(event, anna, minji)
    slot, _place = slot_of(event), PlaceFactory(event=event)
    older = propose_time(request, slot=slot, by=minji, actor=None)
    proposal = propose_time(request, slot=slot, by=anna, actor=None)

    meeting = agree_to_proposal(proposal, actor=minji.profile.user)

    older.refresh_from_db()
    assert older.state == "withdrawn"
    assert meeting.seats.count() == 2
    with pytest.raises(RefusedError) as error:
        place_request(request, slot=slot, place=meeting.place, actor=None)
    assert codes(error) == ["meets_already"]


def test_nobody_books_ahead_of_the_schedule():
    event = event_in(schedule_version=0)
    anna, minji = pair_at(event)
    PlaceFactory(event=event)

    with pytest.raises(RefusedError) as error:
        propose_time(agreed(event, anna, minji), slot=slot_of(event), by=anna, actor=None)

    assert codes(error) == ["no_schedule"]


def test_proposal_that_is_overtaken_says_what_is_free(event, meeting):
    anna, minji = sides(meeting)
    first, second = slot_of(event, 1), slot_of(event, 2)
    proposal = propose_time(meeting.request, slot=first, by=anna, actor=None)
    meeting_at(event, first, sender=anna)

    with pytest.raises(SlotTakenError) as error:
        agree_to_proposal(proposal, actor=minji.profile.user)

    proposal.refresh_from_db()
    assert proposal.state == "open"
    assert second in [each.slot for each in error.value.free]


def test_refused_and_overdue_proposals_end(event, meeting):
    anna, _minji = sides(meeting)
    first = propose_time(meeting.request, slot=slot_of(event, 1), by=anna, actor=None)
    decline_proposal(first, actor=None)
    second = propose_time(meeting.request, slot=slot_of(event, 2), by=anna, actor=None)
    type(second).objects.filter(pk=second.pk).update(expires_at=timezone.now())

    assert (expire_proposals(), expire_proposals()) == (1, 0)
    assert "does not suit" in titles_of(anna)[-1]


@pytest.mark.parametrize("limit", (1, 2))
def test_nobody_gets_more_meetings_than_they_wanted(event, meeting, limit):
    _anna, minji = sides(meeting)
    minji.maximum_meetings = limit
    minji.save()
    wish = agreed(event, RegistrationFactory(event=event), minji)

    def place():
        return place_request(
            wish, slot=slot_of(event, 1), place=PlaceFactory(event=event), actor=None
        )

    if limit == 2:
        assert place().pk
    else:
        with pytest.raises(RefusedError) as error:
            place()
        assert codes(error) == ["limit_reached"]


def test_people_who_blocked_each_other_or_left_get_no_time(event):
    slot, place = slot_of(event), PlaceFactory(event=event)
    anna, minji = pair_at(event)
    blocked = agreed(event, anna, minji)
    Block.objects.bulk_create([Block(blocker=anna.profile, blocked=minji.profile)])
    gone = agreed(event, *pair_at(event))
    gone.sender.state = "withdrawn"
    gone.sender.save()

    for request, code in ((blocked, "blocked"), (gone, "not_agreed")):
        with pytest.raises(RefusedError) as error:
            place_request(request, slot=slot, place=place, actor=None)
        assert codes(error) == [code]
