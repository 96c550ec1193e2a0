"""Whatever people do with requests and meetings, in whatever order: what must never be is not."""

from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from events.models import Meeting, MeetingRequest, Registration, RequestState, Seat
from events.services.meeting_proposals import agree_to_proposal, propose_time
from events.services.meeting_requests import (
    accept_meeting_request,
    decline_meeting_request,
    expire_meeting_requests,
    send_meeting_request,
    withdraw_meeting_request,
)
from events.services.meeting_times import move_meeting
from events.services.meetings import cancel_meeting, mark_held, mark_no_show
from events.services.open_slots import free_slots
from events.services.registrations import withdraw_registration
from konnect.states import TransitionError
from matching.models import Block
from matching.permissions.contacts import RefusedError
from matching.services.blocks import block_profile
from tests.events.meeting_people import event_in, slot_of
from tests.factories.events import KoreanRegistrationFactory, PlaceFactory, RegistrationFactory

PEOPLE, SLOTS, QUOTA, LIMIT = 4, 3, 2, 2
numbers = st.integers(min_value=0, max_value=PEOPLE - 1)
picks = st.integers(min_value=0, max_value=99)
# What a person may be told; anything else that is raised is a fault.
REFUSALS = (RefusedError, TransitionError)


def is_waiting(request):
    return request.state == RequestState.SENT


class MeetingsMachine(RuleBasedStateMachine):
    """Four people, three slots of which one runs, one table and a half: everything is scarce."""

    def __init__(self):
        super().__init__()
        self.event = event_in(hours=-1, maximum_open_requests=QUOTA, maximum_meetings=LIMIT)
        half = PEOPLE // 2
        self.people = [
            *RegistrationFactory.create_batch(half, event=self.event),
            *KoreanRegistrationFactory.create_batch(half, event=self.event),
        ]
        self.slots = [slot_of(self.event, begins_in=minutes) for minutes in (-5, 30, 60)]
        PlaceFactory.create_batch(2, event=self.event)
        self.ended, self.sequences = {}, {}

    def requests(self):
        rows = MeetingRequest.objects.filter(event=self.event).with_people()
        return list(rows.order_by("pk"))

    def meetings(self):
        rows = Meeting.objects.filter(event=self.event).order_by("pk")
        return list(rows.select_related("event", "request", "slot", "place"))

    def attempt(self, service, *args, **kwargs):
        try:
            return service(*args, **kwargs)
        except REFUSALS:
            return None

    @rule(one=numbers, other=numbers, strength=st.integers(min_value=1, max_value=3))
    def ask(self, one, other, strength):
        self.attempt(
            send_meeting_request, self.event, sender=self.person(one), recipient=self.person(other),
            message="Hello", strength=strength, actor=None,
        )  # fmt: skip

    def person(self, number):
        return Registration.objects.with_people().select_related("event").get(
            pk=self.people[number].pk
        )  # fmt: skip

    @precondition(lambda self: self.requests())
    @rule(pick=picks, answer=st.sampled_from(("accept", "decline", "withdraw")))
    def answer(self, pick, answer):
        request = self.pick(self.requests(), pick)
        if answer == "accept":
            self.attempt(accept_meeting_request, request, actor=None)
        elif answer == "decline":
            self.attempt(decline_meeting_request, request, actor=None, reason="other")
        else:
            self.attempt(withdraw_meeting_request, request, actor=None)

    def pick(self, rows, number):
        return rows[number % len(rows)]

    @precondition(lambda self: self.requests())
    @rule(pick=picks, slot=st.integers(min_value=0, max_value=SLOTS - 1))
    def agree_on_a_time(self, pick, slot):
        request = self.pick(self.requests(), pick)
        proposal = self.attempt(
            propose_time, request, slot=self.slots[slot], by=request.sender, actor=None
        )
        if proposal is not None:
            self.attempt(agree_to_proposal, proposal, actor=None)

    @precondition(lambda self: self.meetings())
    @rule(pick=picks, slot=st.integers(min_value=0, max_value=SLOTS - 1))
    def move(self, pick, slot):
        meeting = self.pick(self.meetings(), pick)
        free = free_slots(meeting.request, slots=[self.slots[slot]], apart_from=meeting)
        for each in free:
            self.attempt(move_meeting, meeting, slot=each.slot, place=each.place, actor=None)

    @precondition(lambda self: self.meetings())
    @rule(pick=picks, what=st.sampled_from(("cancel", "retry", "miss", "held")))
    def end(self, pick, what):
        meeting = self.pick(self.meetings(), pick)
        if what == "miss":
            self.attempt(mark_no_show, meeting, actor=None, absent=[meeting.request.sender])
        elif what == "held":
            self.attempt(mark_held, meeting, actor=None)
        else:
            self.attempt(
                cancel_meeting, meeting, actor=None, reason="So", is_still_wanted=what == "retry"
            )

    @rule(one=numbers, other=numbers)
    def block(self, one, other):
        if one != other:
            block_profile(self.people[one].profile, self.people[other].profile, actor=None)

    @rule(one=numbers)
    def leave(self, one):
        self.attempt(withdraw_registration, self.person(one), actor=None)

    @rule()
    def let_time_pass(self):
        first = next(filter(is_waiting, self.requests()), None)
        if first is not None:
            MeetingRequest.objects.filter(pk=first.pk).update(
                expires_at=timezone.now() - timedelta(minutes=1)
            )
        expire_meeting_requests()

    @invariant()
    def nobody_asks_more_than_allowed(self):
        open_ones = Q(requests_sent__state="sent", requests_sent__expires_at__gt=timezone.now())
        counts = Registration.objects.annotate(number=Count("requests_sent", filter=open_ones))
        assert not counts.filter(number__gt=QUOTA).exists()

    @invariant()
    def nobody_meets_more_than_wanted(self):
        live = Count("seats", filter=Q(seats__is_live=True))
        assert not Registration.objects.annotate(number=live).filter(number__gt=LIMIT).exists()

    @invariant()
    def people_and_places_are_taken_once(self):
        taken = Seat.objects.filter(is_live=True).values_list("profile", "during")
        assert len(taken) == len(set(taken))
        tables = Meeting.objects.filter(is_live=True).values_list("place", "slot")
        assert len(tables) == len(set(tables))

    @invariant()
    def who_blocked_or_left_has_nothing_ahead(self):
        for request in self.requests():
            if request.state not in RequestState.live_states:
                continue
            pair = (request.sender.profile_id, request.recipient.profile_id)
            assert not Block.objects.filter(blocker__in=pair, blocked__in=pair).exists()
            assert {request.sender.state, request.recipient.state} == {"confirmed"}

    @invariant()
    def meetings_are_of_agreed_requests_with_the_seats_of_both(self):
        for meeting in self.meetings():
            seats = meeting.seats.values_list("registration", "is_live")
            sides = (meeting.request.sender_id, meeting.request.recipient_id)
            assert {one for one, _live in seats} == set(sides)
            assert {live for _one, live in seats} == {meeting.is_live}
            if meeting.state == "scheduled":
                assert meeting.request.state == "accepted"

    @invariant()
    def what_ended_stays_and_numbers_never_fall(self):
        for request in self.requests():
            before = self.ended.get(request.pk, request.state)
            assert before == request.state
            if request.state in ("declined", "withdrawn", "expired"):
                self.ended[request.pk] = request.state
        for meeting in self.meetings():
            assert meeting.sequence >= self.sequences.get(meeting.pk, 0)
            self.sequences[meeting.pk] = meeting.sequence


class TestMeetings(TestCase, MeetingsMachine.TestCase):
    """Each example runs in a transaction of its own."""


TestMeetings.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
