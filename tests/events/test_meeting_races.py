"""Several at the same moment over requests, places and people; each race has an unguarded twin.

The main thread holds a table lock against writers, so that every thread has looked before the
first one writes; only then does it let go.
"""

from functools import partial
from threading import Thread

import pytest
from django.db import connection, transaction

from events.models import Meeting, MeetingRequest, ProposalState, Seat
from events.services.meeting_proposals import propose_time
from events.services.meeting_requests import (
    Terms,
    accept_meeting_request,
    decline_meeting_request,
    send_meeting_request,
    withdraw_meeting_request,
    write_meeting_request,
)
from events.services.meeting_times import (
    insert_meeting,
    move_meeting,
    place_request,
    rewrite_place,
)
from events.services.meetings import cancel_meeting
from events.services.open_slots import people_of
from konnect.accounts.models import Notification
from matching.services.blocks import block_profile
from tests.events.meeting_people import agreed, event_in, meeting_at, pair_at, slot_of
from tests.factories.events import (
    KoreanRegistrationFactory,
    MeetingRequestFactory,
    PlaceFactory,
    RegistrationFactory,
)
from tests.matching.test_contact_races import at_once, outcome_of, wait_until_blocked
from tests.processes import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


def ask(sender, recipient):
    send_meeting_request(
        sender.event, sender=sender, recipient=recipient, message="Hello", actor=None
    )


def ask_without_lock(sender, recipient):
    with transaction.atomic():
        write_meeting_request(sender.event, sender, recipient, Terms("Hello"), actor=None)


def nearly_full():
    """Return somebody who can ask one more person, and two people to ask."""
    event = event_in(maximum_open_requests=2)
    sender = RegistrationFactory(event=event)
    MeetingRequestFactory(event=event, sender=sender)
    return sender, KoreanRegistrationFactory.create_batch(2, event=event)


def test_quota_holds_when_two_requests_go_out_at_once():
    sender, (one, other) = nearly_full()

    outcomes = at_once(MeetingRequest, partial(ask, sender, one), partial(ask, sender, other))

    assert outcomes == ["done", "too_many_open"]
    assert sender.requests_sent.count() == 2


def test_without_the_lock_the_quota_breaks():
    sender, (one, other) = nearly_full()

    outcomes = at_once(
        MeetingRequest,
        partial(ask_without_lock, sender, one), partial(ask_without_lock, sender, other),
    )  # fmt: skip

    assert outcomes == ["done", "done"]
    assert sender.requests_sent.count() == 3


def test_two_who_ask_each_other_at_once_agree():
    anna, minji = pair_at(event_in())

    outcomes = at_once(MeetingRequest, partial(ask, anna, minji), partial(ask, minji, anna))

    assert outcomes == ["done", "done"]
    request = MeetingRequest.objects.get()
    assert (request.state, request.is_mutual) == ("accepted", True)


@pytest.fixture
def without(request):
    """Take the constraint away that the test names, and put it back afterwards."""
    model, name = request.param
    constraint = next(each for each in model._meta.constraints if each.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    yield
    Seat.objects.all().delete()
    Meeting.objects.all().delete()
    MeetingRequest.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(model, constraint)


@pytest.mark.parametrize(
    "without", ((MeetingRequest, "one_live_meeting_request"),), indirect=True, ids=("pair",)
)
@pytest.mark.usefixtures("without")
def test_without_lock_and_constraint_two_who_ask_each_other_have_two_requests():
    anna, minji = pair_at(event_in())

    at_once(
        MeetingRequest,
        partial(ask_without_lock, anna, minji), partial(ask_without_lock, minji, anna),
    )  # fmt: skip

    assert [request.state for request in MeetingRequest.objects.all()] == ["sent", "sent"]


def test_block_at_the_moment_of_asking_leaves_nothing_open():
    anna, minji = pair_at(event_in())

    outcomes = at_once(
        MeetingRequest,
        partial(ask, anna, minji),
        partial(block_profile, minji.profile, anna.profile, actor=None),
    )

    assert outcomes == ["done", "done"]
    assert not MeetingRequest.objects.live().exists()


def test_yes_and_no_at_once_give_one_answer():
    request = MeetingRequestFactory(event=event_in())
    twin = MeetingRequest.objects.with_people().get(pk=request.pk)

    outcomes = at_once(
        MeetingRequest,
        partial(accept_meeting_request, request, actor=None),
        partial(decline_meeting_request, twin, actor=None, reason="other"),
    )

    assert sum(outcome == "done" for outcome in outcomes) == 1
    assert MeetingRequest.objects.get().changes.count() == 1


def test_a_yes_and_its_taking_back_at_once_end_in_one_story():
    request = MeetingRequestFactory(event=event_in())
    twin = MeetingRequest.objects.with_people().get(pk=request.pk)

    outcomes = at_once(
        MeetingRequest,
        partial(accept_meeting_request, request, actor=None),
        partial(withdraw_meeting_request, twin, actor=None),
    )

    found = MeetingRequest.objects.get()
    assert found.state == "withdrawn"
    said_yes = found.changes.filter(new_state="accepted").exists()
    assert (outcomes == ["done", "done"]) == said_yes
    told = Notification.objects.filter(
        user=found.recipient.profile.user, title_en__contains="no longer asks"
    )
    assert told.exists() == said_yes


def two_wishes_of_one(event):
    """Return two agreed wishes of one person."""
    minji = KoreanRegistrationFactory(event=event)
    return [agreed(event, RegistrationFactory(event=event), minji) for _ in range(2)]


def place_without_lock(request, slot, place):
    with transaction.atomic():
        insert_meeting(request, people_of(request), slot, place)


def test_a_freed_slot_is_given_to_one_wish_of_a_person():
    event = event_in()
    slot, tables = slot_of(event), PlaceFactory.create_batch(2, event=event)
    wishes = two_wishes_of_one(event)

    outcomes = at_once(
        Meeting,
        *(
            partial(place_request, wish, slot=slot, place=place, actor=None)
            for wish, place in zip(wishes, tables, strict=True)
        ),
    )

    assert outcomes == ["done", "taken"]
    assert Meeting.objects.filter(is_live=True).count() == 1


@pytest.mark.parametrize("without", ((Seat, "one_seat_a_person"),), indirect=True, ids=("person",))
@pytest.mark.usefixtures("without")
def test_without_lock_and_constraint_a_person_is_in_two_meetings_at_once():
    event = event_in()
    slot, tables = slot_of(event), PlaceFactory.create_batch(2, event=event)
    one, other = two_wishes_of_one(event)

    outcomes = at_once(
        Meeting,
        partial(place_without_lock, one, slot, tables[0]),
        partial(place_without_lock, other, slot, tables[1]),
    )

    assert outcomes == ["done", "done"]
    assert Seat.objects.filter(registration=one.recipient, is_live=True).count() == 2


def test_limit_holds_when_two_wishes_get_a_time_at_once():
    event = event_in()
    slots, tables = [slot_of(event), slot_of(event, 1)], PlaceFactory.create_batch(2, event=event)
    wishes = two_wishes_of_one(event)
    type(wishes[0].recipient).objects.filter(pk=wishes[0].recipient_id).update(maximum_meetings=1)

    outcomes = at_once(
        Meeting,
        *(
            partial(place_request, wish, slot=slot, place=place, actor=None)
            for wish, slot, place in zip(wishes, slots, tables, strict=True)
        ),
    )

    assert outcomes == ["done", "limit_reached"]


def move_without_lock(meeting, slot, place):
    with transaction.atomic():
        rewrite_place(meeting, slot, place, None)


def two_that_move():
    """Return two meetings of different people, and the slot and table that both are to have."""
    event = event_in()
    meetings = [meeting_at(event, slot_of(event, number)) for number in range(2)]
    return meetings, slot_of(event, 2), PlaceFactory(event=event)


def test_two_meetings_that_move_to_one_table_do_not_share_it():
    meetings, slot, table = two_that_move()

    outcomes = at_once(
        Meeting,
        *(
            partial(move_meeting, meeting, slot=slot, place=table, actor=None)
            for meeting in meetings
        ),
    )

    assert outcomes == ["done", "taken"]
    assert Meeting.objects.filter(slot=slot, place=table, is_live=True).count() == 1


@pytest.mark.parametrize(
    "without", ((Meeting, "one_meeting_a_place"),), indirect=True, ids=("place",)
)
@pytest.mark.usefixtures("without")
def test_without_the_constraint_two_meetings_share_a_table():
    meetings, slot, table = two_that_move()

    at_once(
        Meeting,
        *(partial(move_without_lock, meeting, slot, table) for meeting in meetings),
    )

    assert Meeting.objects.filter(slot=slot, place=table, is_live=True).count() == 2


def test_another_time_proposed_while_the_first_is_agreed_to_is_refused():
    """The old proposal stands while the page is read, and is agreed to before it is withdrawn."""
    event = event_in()
    anna, minji = pair_at(event)
    request = agreed(event, anna, minji)
    first, second = slot_of(event), slot_of(event, 1)
    PlaceFactory.create_batch(2, event=event)
    proposal = propose_time(request, slot=first, by=anna, actor=None)
    outcomes = []
    again = partial(propose_time, request, slot=second, by=anna, actor=None)
    thread = Thread(target=outcome_of, args=(again, outcomes))

    with transaction.atomic(), connection.cursor() as cursor:
        proposal.move_to(ProposalState.AGREED, actor=None)
        thread.start()
        wait_until_blocked(cursor, 1)
    thread.join(PATIENCE)

    assert outcomes == ["taken"]
    assert [each.state for each in request.proposals.all()] == ["agreed"]


def test_a_meeting_that_is_cancelled_and_moved_at_once_ends_cancelled_or_tells_so():
    event = event_in()
    meeting = meeting_at(event, slot_of(event))
    twin = Meeting.objects.select_related("event", "request").get(pk=meeting.pk)

    at_once(
        Meeting,
        partial(cancel_meeting, meeting, actor=None, reason="Ill"),
        partial(
            move_meeting, twin, slot=slot_of(event, 1), place=PlaceFactory(event=event), actor=None
        ),
    )

    found = Meeting.objects.get(pk=meeting.pk)
    assert (found.state, found.is_live) == ("cancelled", False)
    assert not found.seats.filter(is_live=True).exists()
    # Whoever was told of another time was told of the end with a higher number.
    last = found.invitations.order_by("-sequence").first()
    assert last is None or (last.method, last.sequence) == ("CANCEL", found.sequence)
