"""Meetings that have a time: cancelled, late, missed, moved, swapped, and what is said of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import (
    EventKind,
    LateNotice,
    Meeting,
    MeetingFeedback,
)
from events.services.meeting_proposals import (
    offers_for,
)
from events.services.meeting_times import (
    move_meeting,
    swap_meeting,
)
from events.services.meetings import (
    cancel_meeting,
    give_feedback,
    mark_held,
    mark_no_show,
    report_late,
    take_back_lateness,
)
from events.services.open_slots import free_slots
from events.services.outcomes import (
    ask_for_contact,
    follow_listing,
    propose_twinning_of,
    remind_of_feedback,
)
from events.services.registrations import withdraw_registration
from konnect.accounts.models import OutgoingEmail
from konnect.accounts.rights import export_parts
from konnect.accounts.services.erasure import erase_account
from konnect.states import TransitionError
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
from tests.factories.events import PlaceFactory, RegistrationFactory, SessionFactory
from tests.factories.matching import AcceptedContactRequestFactory, ListingFactory
from tests.factories.twinnings import make_representative

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return event_in()


@pytest.fixture
def meeting(event):
    return meeting_at(event, slot_of(event))


@pytest.fixture
def running():
    """A meeting that began five minutes ago."""
    event = event_in(hours=-1)
    return meeting_at(event, slot_of(event, begins_in=-5))


def test_cancelling_frees_both_tells_the_other_and_ends_the_wish(meeting):
    anna, minji = sides(meeting)

    cancel_meeting(meeting, actor=minji.profile.user, reason="I am ill.")

    meeting.refresh_from_db()
    assert (meeting.state, meeting.sequence, meeting.is_late_cancellation) == (
        "cancelled",
        1,
        False,
    )
    assert not meeting.seats.filter(is_live=True).exists()
    assert meeting.request.state == "withdrawn"
    assert "cancelled your meeting" in titles_of(anna)[0]
    assert titles_of(minji) == []


def test_cancellation_is_late_within_a_day():
    event = event_in(hours=23)
    meeting = meeting_at(event, slot_of(event))

    cancel_meeting(meeting, actor=None, reason="Late", is_still_wanted=True)

    assert meeting.is_late_cancellation
    meeting.request.refresh_from_db()
    assert meeting.request.state == "accepted"


def test_cancelled_meeting_stays_cancelled(meeting):
    stale = Meeting.objects.get(pk=meeting.pk)
    cancel_meeting(meeting, actor=None, reason="First")

    with pytest.raises(TransitionError):
        cancel_meeting(stale, actor=None, reason="Second")

    stale.refresh_from_db()
    assert stale.cancellation_reason == "First"


def test_cancellation_goes_to_the_calendars_that_know_the_meeting(event, meeting):
    move_meeting(meeting, slot=slot_of(event, 1), place=meeting.place, actor=None)

    cancel_meeting(meeting, actor=None, reason="Ill")

    sent = meeting.invitations.order_by("sequence", "profile").values_list("method", "sequence")
    assert list(sent) == [("REQUEST", 1)] * 2 + [("CANCEL", 2)] * 2


def test_whoever_withdraws_from_the_event_leaves_their_meetings(meeting):
    anna, minji = sides(meeting)

    withdraw_registration(minji, actor=minji.profile.user)

    meeting.refresh_from_db()
    assert meeting.state == "cancelled"
    assert len(titles_of(anna)) == 1


def meeting_soon(hours=2):
    event = event_in(hours=hours)
    return meeting_at(event, slot_of(event))


def test_lateness_is_told_and_the_last_word_counts():
    meeting = meeting_soon()
    anna, minji = sides(meeting)

    for minutes in (5, 10, 10):
        report_late(meeting, registration=minji, minutes=minutes, actor=minji.profile.user)

    assert LateNotice.objects.get().minutes == 10
    assert len(titles_of(anna)) == 2


def test_lateness_is_taken_back_and_can_be_told_again():
    meeting = meeting_soon()
    anna, minji = sides(meeting)
    facts = {"registration": minji, "actor": minji.profile.user}

    report_late(meeting, minutes=5, **facts)
    take_back_lateness(meeting, **facts)
    take_back_lateness(meeting, **facts)
    assert not LateNotice.objects.exists()
    report_late(meeting, minutes=5, **facts)

    late, on_time, again = titles_of(anna)
    assert late == again
    assert "on time" in on_time
    assert titles_of(minji) == []


def test_nobody_knows_hours_before_that_they_come_late():
    meeting = meeting_soon(hours=4)

    with pytest.raises(RefusedError) as error:
        report_late(meeting, registration=sides(meeting)[0], minutes=5, actor=None)

    assert codes(error) == ["too_early"]
    assert not LateNotice.objects.exists()


def test_nobody_is_late_for_what_is_over():
    event = event_in(hours=-3)
    meeting = meeting_at(event, slot_of(event))

    with pytest.raises(TransitionError):
        report_late(meeting, registration=sides(meeting)[0], minutes=5, actor=None)


def test_missed_meeting_frees_the_one_who_came_in_this_very_slot(running):
    anna, minji = sides(running)
    other = RegistrationFactory(event=running.event)
    wish = agreed(running.event, other, minji)

    assert offers_for(running.slot, minji) == []
    mark_no_show(running, actor=minji.profile.user, absent=[anna])
    [offer] = offers_for(running.slot, minji)
    swapped = swap_meeting(running, wish=wish, actor=minji.profile.user)

    assert (offer.request, offer.partner, offer.place) == (wish, other, running.place)
    assert (swapped.slot, swapped.place) == (running.slot, running.place)
    assert running.seats.get(is_absent=True).registration == anna
    assert "You were missed" in titles_of(anna)[0]


def test_both_left_alone_in_one_slot_are_offered_each_other(running):
    anna, minji = sides(running)
    other = meeting_at(running.event, running.slot)
    lonely = other.request.sender
    wish = agreed(running.event, lonely, minji)

    mark_no_show(running, actor=None, absent=[anna])
    before = offers_for(running.slot, minji)
    mark_no_show(other, actor=None, absent=[other.request.recipient])

    assert before == []
    assert [offer.request for offer in offers_for(running.slot, minji)] == [wish]
    assert [offer.request for offer in offers_for(running.slot, lonely)] == [wish]


def test_nobody_is_missed_before_the_time(meeting):
    with pytest.raises(RefusedError):
        mark_no_show(meeting, actor=None, absent=[sides(meeting)[0]])


def test_met_after_all_unless_the_time_was_given_away(running):
    anna, minji = sides(running)
    mark_no_show(running, actor=None, absent=[anna])
    mark_held(running, actor=None)
    running.refresh_from_db()
    assert (running.state, running.is_live) == ("held", True)
    assert not running.seats.filter(is_absent=True).exists()

    mark_no_show(running, actor=None, absent=[anna])
    wish = agreed(running.event, RegistrationFactory(event=running.event), minji)
    swap_meeting(running, wish=wish, actor=None)
    with pytest.raises(RefusedError) as error:
        mark_held(running, actor=None)
    assert codes(error) == ["taken"]


def test_time_of_a_standing_meeting_is_not_given_away(running):
    wish = agreed(running.event, *pair_at(running.event))

    with pytest.raises(RefusedError) as error:
        swap_meeting(running, wish=wish, actor=None)

    assert codes(error) == ["taken"]


def test_feedback_settles_the_meeting_and_is_one_each(running):
    anna, minji = sides(running)

    for usefulness in (3, 5):
        give_feedback(
            running, registration=minji, actor=minji.profile.user, usefulness=usefulness,
            next_step="contact", words="Good.",
        )  # fmt: skip
    give_feedback(running, registration=anna, actor=None, took_place=False, usefulness=4)

    running.refresh_from_db()
    assert running.state == "held"
    said = MeetingFeedback.objects.order_by("registration_id").values_list(
        "took_place", "usefulness", "next_step"
    )
    assert sorted(said) == [(False, None, "none"), (True, 5, "contact")]


def test_feedback_waits_for_the_meeting(meeting):
    with pytest.raises(RefusedError):
        give_feedback(meeting, registration=sides(meeting)[0], actor=None, usefulness=5)


def test_next_steps_lead_to_contact_and_listing(running):
    anna, minji = sides(running)
    feedback = give_feedback(running, registration=minji, actor=None, usefulness=5)
    listing = ListingFactory(profile=anna.profile)

    ask_for_contact(feedback, partner=anna.profile, actor=minji.profile.user, message="Hello")
    follow_listing(feedback, listing=listing, actor=minji.profile.user)
    theirs = give_feedback(running, registration=anna, actor=None, usefulness=4)
    ask_for_contact(theirs, partner=minji.profile, actor=anna.profile.user, message="Yes")

    feedback.refresh_from_db()
    assert feedback.contact_request == theirs.contact_request
    assert (feedback.contact_request.state, feedback.listing) == ("accepted", listing)


def test_people_in_contact_are_not_asked_again(running):
    anna, minji = sides(running)
    AcceptedContactRequestFactory(sender=anna.profile, recipient=minji.profile)
    feedback = give_feedback(running, registration=minji, actor=None, usefulness=5)

    with pytest.raises(RefusedError) as error:
        ask_for_contact(feedback, partner=anna.profile, actor=minji.profile.user, message="Hi")

    assert codes(error) == ["already_contacts"]


def test_twinning_comes_of_a_meeting_of_organisations_once():
    event = event_in(hours=-1, kind=EventKind.TWINNING)
    meeting = meeting_at(event, slot_of(event, begins_in=-5))
    anna, minji = sides(meeting)
    with pytest.raises(RefusedError):
        propose_twinning_of(meeting, own=anna, actor=anna.profile.user)
    for one in sides(meeting):
        make_representative(one.profile, one.profile.organisation)

    first = propose_twinning_of(meeting, own=anna, actor=anna.profile.user)
    second = propose_twinning_of(meeting, own=minji, actor=minji.profile.user)

    meeting.refresh_from_db()
    assert first == second == meeting.twinning
    assert first.proposer == anna.profile.organisation


def test_reminders_of_feedback_go_out_once_and_only_to_those_who_are_silent():
    event = event_in(hours=-9)
    meeting = meeting_at(event, slot_of(event))
    anna, minji = sides(meeting)
    RegistrationFactory(event=event)
    give_feedback(meeting, registration=anna, actor=None, usefulness=5)

    assert (remind_of_feedback(), remind_of_feedback()) == (1, 0)
    assert "How were your meetings" in titles_of(minji)[0]


def test_own_data_holds_requests_meetings_and_feedback_but_not_what_others_said(running):
    anna, minji = sides(running)
    give_feedback(running, registration=minji, actor=None, usefulness=5, words="Mine")
    give_feedback(running, registration=anna, actor=None, usefulness=1, words="Hers")

    parts = {part.name: list(part.rows(minji.profile.user)) for part in export_parts()}

    assert [row["words"] for row in parts["meeting_feedback"]] == ["Mine"]
    [request] = parts["meeting_requests"]
    assert (request["direction"], request["partner"]) == ("received", str(anna.profile))
    assert "strength" not in request
    assert [row["id"] for row in parts["meetings"]] == [running.pk]


def test_erasure_cancels_meetings_and_tells_partners_without_a_name(event, meeting):
    anna, minji = sides(meeting)
    minji.profile.display_name = "Kanarienvogel Minji"
    minji.profile.save()
    move_meeting(meeting, slot=slot_of(event, 1), place=meeting.place, actor=None)

    erase_account(minji.profile.user)

    assert not Meeting.objects.filter(pk=meeting.pk).exists()
    assert any("does not take place" in title for title in titles_of(anna))
    for title in titles_of(anna):
        assert "Kanarienvogel" not in title
    for letter in OutgoingEmail.objects.all():
        assert "Kanarienvogel" not in letter.subject + letter.text + letter.html


def test_times_that_have_begun_are_not_offered():
    event = event_in(hours=-1)
    request = agreed(event, *pair_at(event))
    PlaceFactory(event=event)
    slot_of(event, begins_in=-5)
    coming = slot_of(event, begins_in=30)

    assert [each.slot for each in free_slots(request)] == [coming]
    assert coming.during.lower - timezone.now() > timedelta(minutes=20)


def begin_of(letter):
    """Return the line of an invitation that says when the meeting begins."""
    return next(line for line in letter.calendar.splitlines() if line.startswith("DTSTART"))


def test_meeting_that_moved_meanwhile_is_cancelled_as_it_stands_now(event, meeting):
    stale = Meeting.objects.select_related("event", "request").get(pk=meeting.pk)
    later = slot_of(event, 1)
    move_meeting(meeting, slot=later, place=meeting.place, actor=None)

    cancel_meeting(stale, actor=None, reason="Ill")

    meeting.refresh_from_db()
    assert (meeting.state, meeting.sequence, meeting.during) == ("cancelled", 2, later.during)
    moved, cancelled = (
        OutgoingEmail.objects.filter(calendar__contains=f"METHOD:{method}")
        for method in ("REQUEST", "CANCEL")
    )
    assert [begin_of(letter) for letter in cancelled] == [begin_of(letter) for letter in moved]
    assert cancelled.count() == 2


def test_table_with_a_session_is_not_offered(event):
    request = agreed(event, *pair_at(event))
    table = PlaceFactory(event=event)
    busy, free = slot_of(event), slot_of(event, 1)
    SessionFactory(event=event, place=table, during=busy.during)

    assert [each.slot for each in free_slots(request)] == [free]
