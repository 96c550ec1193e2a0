"""Asking for meetings, answering, and what keeps people from it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import EventKind, MeetingRequest, Registration, RegistrationState
from events.services.meeting_requests import (
    accept_meeting_request,
    add_meeting_request,
    decline_meeting_request,
    expire_meeting_requests,
    reword_meeting_request,
    send_meeting_request,
    withdraw_meeting_request,
)
from events.services.request_members import (
    agree_to_join,
    bring_along,
    colleagues_for,
    leave_request,
)
from events.services.weights import weight_of
from konnect.accounts.models import Notification, OutgoingEmail
from konnect.states import TransitionError
from matching.models import Block, MatchRunState, Profile, SuggestionList
from matching.permissions.contacts import RefusedError
from matching.scoring.terms import UNIT
from matching.services.blocks import block_profile
from tests.events.meeting_people import event_in, meeting_at, pair_at, slot_of
from tests.factories.events import (
    AcceptedMeetingRequestFactory,
    KoreanRegistrationFactory,
    MeetingRequestFactory,
    RegistrationFactory,
)
from tests.factories.matching import MatchRunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return event_in(maximum_open_requests=2)


@pytest.fixture
def pair(event):
    return pair_at(event)


def ask(sender, recipient, **columns):
    return send_meeting_request(
        sender.event, sender=sender, recipient=recipient, actor=sender.profile.user,
        **{"message": "We both work on perovskites.", **columns},
    )  # fmt: skip


def codes(error):
    return [blocker.code for blocker in error.value.blockers]


def refused():
    return pytest.raises(RefusedError)


def titles_of(registration):
    news = Notification.objects.filter(user=registration.profile.user).order_by("pk")
    return list(news.values_list("title_en", flat=True))


def test_request_is_told_and_accepted_with_own_strength(pair):
    anna, minji = pair

    request = ask(anna, minji, strength=3)
    accept_meeting_request(request, actor=minji.profile.user, strength=1)

    request.refresh_from_db()
    assert (request.state, request.strength, request.answer_strength) == ("accepted", 3, 1)
    assert not request.is_mutual
    assert "would like to meet you at" in titles_of(minji)[0]
    assert "would like to meet you too" in titles_of(anna)[0]


def test_asking_back_accepts_and_is_mutual(pair):
    anna, minji = pair
    ask(anna, minji)

    request = ask(minji, anna, strength=3)

    assert (request.state, request.is_mutual, request.answer_strength) == ("accepted", True, 3)
    assert MeetingRequest.objects.count() == 1


def test_requests_run_out_at_the_end_of_the_window_at_the_latest(event, pair):
    event.requests_close_at = timezone.now() + timedelta(days=1)
    event.save()
    pair[0].event = event

    request = ask(*pair)

    assert request.expires_at == event.requests_close_at


def test_score_of_the_pair_is_kept_with_the_request(pair):
    anna, minji = pair
    run = MatchRunFactory(state=MatchRunState.PUBLISHED)
    SuggestionList.objects.create(
        match_run=run, profile=anna.profile, partner_ids=[minji.profile_id],
        scores=[UNIT * 3 // 4], parts=[], evidence=[], pool_ids=[], pool_scores=[], pool_floor=0,
        built_from=timezone.now(),
    )  # fmt: skip

    assert ask(minji, anna).score == 750


@pytest.mark.parametrize(
    ("change", "code"),
    (
        (lambda a, m: setattr(m, "is_listed", False), "not_there"),
        (lambda a, m: setattr(m, "wants_meetings", False), "wants_none"),
        (lambda a, m: setattr(m, "state", RegistrationState.WITHDRAWN), "not_there"),
        (lambda a, m: setattr(a, "state", RegistrationState.PENDING), "sender_not_in"),
    ),
    ids=("not listed", "no meetings", "gone", "not in"),
)
def test_people_who_cannot_be_asked(pair, change, code):
    change(*pair)
    for registration in pair:
        registration.save()

    with refused() as error:
        ask(*pair)

    assert codes(error) == [code]


def test_state_is_read_again_behind_the_lock(pair):
    """The page was opened before the other one left."""
    anna, minji = pair
    type(minji).objects.filter(pk=minji.pk).update(state=RegistrationState.WITHDRAWN)

    with refused() as error:
        ask(anna, minji)

    assert codes(error) == ["not_there"]


def test_outside_of_the_window_nobody_asks(event, pair):
    event.requests_close_at = timezone.now()
    event.save()
    pair[0].event = event

    with refused() as error:
        ask(*pair)

    assert codes(error) == ["not_now"]


def test_people_of_one_side_where_sides_mix_only():
    event = event_in(allows_same_side=False)
    one, other = RegistrationFactory.create_batch(2, event=event)

    with refused() as error:
        ask(one, other)

    assert codes(error) == ["same_side"]


def test_nobody_asks_more_people_than_the_event_allows(event, pair):
    anna, minji = pair
    others = KoreanRegistrationFactory.create_batch(2, event=event)
    ask(anna, others[0])
    ask(anna, others[1])

    with refused() as error:
        ask(anna, minji)
    withdraw_meeting_request(MeetingRequest.objects.first(), actor=None)
    ask(anna, minji)

    assert codes(error) == ["too_many_open"]


@pytest.mark.parametrize("is_sender", (True, False), ids=("sender blocks", "recipient blocks"))
def test_blocked_people_never_ask_each_other(pair, is_sender):
    anna, minji = pair
    blocker, blocked = pair if is_sender else (minji, anna)
    Block.objects.create(blocker=blocker.profile, blocked=blocked.profile)

    with refused() as error:
        ask(anna, minji)

    assert codes(error) == ["blocked"]
    assert not MeetingRequest.objects.exists()


def test_block_that_comes_later_takes_the_request_from_both(pair):
    anna, minji = pair
    request = ask(anna, minji)

    block_profile(minji.profile, anna.profile, actor=minji.profile.user)

    for own in pair:
        assert not MeetingRequest.objects.visible_to(own.profile.user).exists()
    request.refresh_from_db()
    assert request.state == "withdrawn"
    with pytest.raises(TransitionError):
        accept_meeting_request(request, actor=minji.profile.user)


def test_block_after_the_schedule_cancels_the_meeting_and_frees_both(event):
    meeting = meeting_at(event, slot_of(event))
    anna, minji = meeting.request.sender, meeting.request.recipient

    block_profile(minji.profile, anna.profile, actor=minji.profile.user)

    meeting.refresh_from_db()
    assert (meeting.state, meeting.is_live) == ("cancelled", False)
    assert not meeting.seats.filter(is_live=True).exists()
    assert titles_of(anna) == [f"A meeting of yours at {event.title_en} does not take place"]


def test_decline_gives_its_reason_and_nobody_asks_again(pair):
    anna, minji = pair
    request = ask(anna, minji)

    decline_meeting_request(request, actor=minji.profile.user, reason="no_time", words="Sorry!")
    with refused() as error:
        ask(anna, minji)

    assert codes(error) == ["declined"]
    assert ask(minji, anna).state == "sent"


def test_withdrawn_yes_is_told_and_a_scheduled_one_is_cancelled_instead(event, pair):
    anna, minji = pair
    request = AcceptedMeetingRequestFactory(event=event, sender=anna, recipient=minji)
    meeting = meeting_at(event, slot_of(event))

    withdraw_meeting_request(request, actor=minji.profile.user, by=minji)
    with pytest.raises(TransitionError):
        withdraw_meeting_request(meeting.request, actor=None)

    assert "no longer asks" in titles_of(anna)[0]


def test_words_change_while_nobody_has_answered_and_nothing_is_sent_anew(pair):
    anna, minji = pair
    request = ask(anna, minji)

    reword_meeting_request(request, actor=anna.profile.user, message="Better words.")

    assert MeetingRequest.objects.get().message == "Better words."
    assert len(titles_of(minji)) == 1
    accept_meeting_request(request, actor=None)
    with pytest.raises(TransitionError):
        reword_meeting_request(request, actor=anna.profile.user, message="Too late.")


def test_overdue_requests_expire_and_cannot_be_answered(pair):
    request = MeetingRequestFactory(
        event=pair[0].event, sender=pair[0], recipient=pair[1], expires_at=timezone.now()
    )

    with pytest.raises(TransitionError, match="overdue"):
        accept_meeting_request(request, actor=None)

    assert expire_meeting_requests() == 1
    assert expire_meeting_requests() == 0
    assert ask(*pair).state == "sent"


def test_organiser_adds_a_pinned_meeting_and_both_are_told(event, pair, staff):
    slot = slot_of(event)

    request = add_meeting_request(
        event, sender=pair[0], recipient=pair[1], actor=staff, is_pinned=True, slot=slot
    )

    assert (request.state, request.pinned_slot, request.added_by) == ("accepted", slot, staff)
    assert ["The organisers of" in titles_of(one)[0] for one in pair] == [True, True]


def test_organiser_settles_what_waits_but_cannot_pass_a_block(event, pair, staff):
    anna, minji = pair
    request = ask(anna, minji)

    added = add_meeting_request(event, sender=minji, recipient=anna, actor=staff)
    Block.objects.create(blocker=anna.profile, blocked=minji.profile)
    with refused() as error:
        add_meeting_request(event, sender=minji, recipient=anna, actor=staff)

    assert added == request
    assert codes(error) == ["blocked"]


def colleague_of(registration):
    return RegistrationFactory(
        event=registration.event, profile__organisation=registration.profile.organisation
    )


def test_colleague_comes_along_after_saying_yes(pair):
    anna, minji = pair
    request = ask(anna, minji)
    colleague = colleague_of(anna)

    member = bring_along(request, colleague=colleague, by=anna, actor=anna.profile.user)
    assert "take you along" in titles_of(colleague)[0]
    assert MeetingRequest.objects.visible_to(colleague.profile.user).exists()
    agree_to_join(member, actor=colleague.profile.user)

    assert request.members.get().agreed_at is not None


def test_colleague_is_seated_where_the_meeting_has_a_time_and_leaves_it_again(event):
    meeting = meeting_at(event, slot_of(event))
    colleague = colleague_of(meeting.request.sender)
    member = bring_along(
        meeting.request, colleague=colleague, by=meeting.request.sender, actor=None
    )

    agree_to_join(member, actor=colleague.profile.user)
    seated = meeting.seats.filter(registration=colleague).exists()
    leave_request(member, actor=colleague.profile.user)

    assert seated
    assert meeting.seats.count() == 2


def test_colleague_who_is_taken_then_cannot_join(event):
    slot = slot_of(event)
    meeting, other = meeting_at(event, slot), meeting_at(event, slot)
    busy = other.request.sender
    busy.profile.organisation = meeting.request.sender.profile.organisation
    busy.profile.save()
    member = bring_along(meeting.request, colleague=busy, by=meeting.request.sender, actor=None)

    with refused() as error:
        agree_to_join(member, actor=None)

    assert codes(error) == ["taken"]


def test_strangers_and_blocked_people_do_not_come_along(pair, event):
    anna, minji = pair
    request = ask(anna, minji)
    blocked = colleague_of(anna)
    Block.objects.create(blocker=minji.profile, blocked=blocked.profile)

    for one in (RegistrationFactory(event=event), blocked, minji):
        with refused() as error:
            bring_along(request, colleague=one, by=anna, actor=None)
        assert codes(error) == ["no_colleague"]


def test_organisations_meet_for_a_purpose_that_both_agree_on():
    event = event_in(kind=EventKind.TWINNING)
    anna, minji = pair_at(event)

    request = ask(anna, minji, is_organisational=True, purpose="Exchange of students")
    member = bring_along(request, colleague=colleague_of(anna), by=anna, actor=None)
    agree_to_join(member, actor=None)
    accept_meeting_request(request, actor=None, purpose="Exchange of doctoral students")

    request.refresh_from_db()
    assert request.purpose == "Exchange of doctoral students"
    sides = request.sides.values_list("organisation", "registration__profile__organisation")
    assert len(sides) == 3
    assert all(noted == own for noted, own in sides)


def test_weights_rise_with_strength_mutual_wish_and_fit():
    wanted = weight_of(2, 2)

    assert weight_of(1, None) < weight_of(1, 2) < wanted < weight_of(3, 2) < weight_of(3, 3)
    assert wanted < weight_of(2, 2, score=500) < weight_of(2, 2, is_mutual=True)
    assert weight_of(2, 2, score=99999) < weight_of(2, 3)
    assert weight_of(1, None, score=-50) == 200


def test_only_listed_people_who_want_to_meet_can_be_brought_along(pair, event):
    anna, minji = pair
    request = ask(anna, minji)
    known, unlisted, silent, hidden, foe = (colleague_of(anna) for _number in range(5))
    Registration.objects.filter(pk=unlisted.pk).update(is_listed=False)
    Registration.objects.filter(pk=silent.pk).update(wants_meetings=False)
    Profile.objects.filter(pk=hidden.profile_id).update(state="hidden")
    Block.objects.create(blocker=foe.profile, blocked=anna.profile)

    assert colleagues_for(request, anna) == [known]
    for one in (unlisted, silent, hidden, foe):
        with refused() as error:
            bring_along(request, colleague=one, by=anna, actor=None)
        assert codes(error) == ["no_colleague"]


def test_whoever_leaves_alone_is_taken_off_their_calendar_and_nobody_elses(event):
    meeting = meeting_at(event, slot_of(event))
    colleague = colleague_of(meeting.request.sender)
    member = bring_along(
        meeting.request, colleague=colleague, by=meeting.request.sender, actor=None
    )
    agree_to_join(member, actor=None)
    OutgoingEmail.objects.all().delete()

    leave_request(member, actor=None)

    told = meeting.invitations.filter(method="CANCEL")
    assert [row.profile for row in told] == [colleague.profile]
    [letter] = OutgoingEmail.objects.filter(calendar__contains="METHOD:CANCEL")
    assert letter.to == colleague.profile.user.email
    assert meeting.invitations.filter(method="REQUEST").count() == 3
    meeting.refresh_from_db()
    assert meeting.state == "scheduled"


def test_block_between_two_who_came_along_parts_them_and_leaves_the_meeting(event):
    meeting = meeting_at(event, slot_of(event))
    own, theirs = (
        bring_along(meeting.request, colleague=colleague_of(side), by=side, actor=None)
        for side in (meeting.request.sender, meeting.request.recipient)
    )
    for member in (own, theirs):
        agree_to_join(member, actor=None)

    block_profile(own.registration.profile, theirs.registration.profile, actor=None)

    assert [each.pk for each in meeting.request.members.all()] == [theirs.pk]
    assert not meeting.seats.filter(registration=own.registration).exists()
    assert meeting.seats.count() == 3
    meeting.refresh_from_db()
    assert meeting.state == "scheduled"


def test_yes_that_came_just_before_is_taken_back_and_told(pair):
    anna, minji = pair
    request = ask(anna, minji)
    stale = MeetingRequest.objects.with_people().get(pk=request.pk)
    accept_meeting_request(request, actor=None)

    withdraw_meeting_request(stale, actor=anna.profile.user)

    assert "no longer asks" in titles_of(minji)[-1]
