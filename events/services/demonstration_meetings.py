"""Requests, meetings and feedback of the invented events."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from events.demo.wishes import MESSAGES_EN, MESSAGES_KO, InventedWish, invent_wishes
from events.models import (
    Announcement,
    CheckIn,
    DeclineReason,
    Direction,
    Event,
    Meeting,
    MeetingChange,
    MeetingFeedback,
    MeetingRequest,
    MeetingRequestChange,
    MeetingState,
    NextStep,
    Registration,
    RequestState,
    ScheduleRun,
    ScheduleRunState,
    Seat,
)
from events.scheduling.solving import solve
from events.services.schedule_facts import facts_of
from events.services.schedule_problem import problem_from
from events.services.schedule_work import columns_of
from matching.models import Block

if TYPE_CHECKING:
    from datetime import datetime

    from events.services.demonstration import Stage

# Shares: of people, who is there; of people at a meeting that was held, who say how it was.
CAME, ANSWERED = 0.95, 0.8
STEPS = (NextStep.CONTACT, NextStep.PROPOSAL, NextStep.PROPOSAL, NextStep.VISIT, NextStep.NONE)
USEFULNESS = (3, 4, 4, 5, 5)
BATCH = 1000
# For the solver; the best schedule is proved within one.
SECONDS = 5


def write_meetings(stage: Stage) -> str:
    """Write requests and, where a schedule stands, meetings and what came after; say how many."""
    if not stage.slots or not stage.registrations:
        return "no meetings"
    requests = write_requests(stage)
    if not stage.invented.has_schedule:
        return f"{len(requests)} requests"
    meetings = write_schedule(stage, requests)
    came = write_check_ins(stage)
    end_meetings(stage, meetings, came)
    if stage.event.starts_at < timezone.now() < stage.event.ends_at:
        write_announcement(stage.event)
    return f"{len(requests)} requests, {len(meetings)} meetings"


def write_requests(stage: Stage) -> list[MeetingRequest]:
    """Write who asked whom, with answers and their history."""
    people = [registration.profile for registration in stage.registrations]
    sides = tuple(
        [number for number, profile in enumerate(people) if profile.side == side]
        for side in ("europe", "korea")
    )
    wishes = invent_wishes(
        (sides[0], sides[1]), likeness_of(stage.registrations),
        seed=stage.random.randrange(1_000_000), is_settled=stage.invented.has_schedule,
    )  # fmt: skip
    requests = MeetingRequest.objects.bulk_create(
        [request_of(stage, wish) for wish in wishes], batch_size=BATCH
    )
    MeetingRequestChange.objects.bulk_create(
        [change_of(request) for request in requests if request.state != RequestState.SENT],
        batch_size=BATCH,
    )
    return requests


def likeness_of(registrations: Sequence[Registration]) -> Mapping[tuple[int, int], int]:
    """Return how many topics each pair shares; who blocked the other, or is unlisted, is no pair."""
    topics = [{topic.pk for topic in each.profile.topics.all()} for each in registrations]
    profiles = [each.profile_id for each in registrations]
    blocks = Block.objects.filter(blocker__in=profiles, blocked__in=profiles)
    blocked = {frozenset(pair) for pair in blocks.values_list("blocker_id", "blocked_id")}
    return {
        (one, other): len(topics[one] & topics[other])
        for one in range(len(profiles))
        for other in range(len(profiles))
        if one != other
        and registrations[other].is_listed
        and frozenset((profiles[one], profiles[other])) not in blocked
    }


def request_of(stage: Stage, wish: InventedWish) -> MeetingRequest:
    """Return one unsaved request, some days before the event or before today."""
    asked_at = asked_before(stage.event) - timedelta(days=wish.days_ago)
    is_answered = wish.state in (RequestState.ACCEPTED, RequestState.DECLINED)
    sender = stage.registrations[wish.sender]
    return MeetingRequest(
        event=stage.event, sender=sender, recipient=stage.registrations[wish.recipient],
        state=wish.state, message=message_of(sender, wish.message), strength=wish.strength,
        answer_strength=wish.answer_strength, is_mutual=wish.is_mutual,
        decline_reason=DeclineReason(wish.decline_reason) if wish.decline_reason else "",
        created_at=asked_at, expires_at=asked_at + timedelta(days=stage.event.days_to_answer),
        answered_at=asked_at + timedelta(hours=14) if is_answered else None,
    )  # fmt: skip


def asked_before(event: Event) -> datetime:
    """Return until when people asked: now, or well before the event began."""
    return min(timezone.now(), event.starts_at - timedelta(days=2))


def message_of(sender: Registration, number: int) -> str:
    """Return what somebody writes, about their first topic and in their language."""
    is_korean = sender.profile.user.language == "ko"
    topic = next(iter(sender.profile.topics.all()), None)
    text = (MESSAGES_KO if is_korean else MESSAGES_EN)[number]
    name = (topic.name_ko if is_korean else topic.name_en) if topic else ""
    return text.format(topic=name or ("신소재" if is_korean else "new materials"))


def change_of(request: MeetingRequest) -> MeetingRequestChange:
    """Return the unsaved line of history: who answered or withdrew; nobody lets it expire."""
    people = {"withdrawn": request.sender.profile.user, "expired": None}
    actor = people.get(request.state, request.recipient.profile.user)
    return MeetingRequestChange(
        request=request, old_state=RequestState.SENT, new_state=request.state, actor=actor
    )


def write_schedule(stage: Stage, requests: Sequence[MeetingRequest]) -> list[Meeting]:
    """Write a published schedule of the accepted requests, as the portal's own solver made it."""
    run = write_run(stage)
    asked = {request.pk: request for request in requests}
    slots = {slot.pk: slot for slot in stage.slots}
    meetings = Meeting.objects.bulk_create(
        [
            Meeting(event=stage.event, request=asked[request], run=run, slot=slots[slot],
                    during=slots[slot].during, place_id=place or None,
                    room_key=secrets.token_urlsafe(32))
            for request, slot, place in run.proposals
        ],
        batch_size=BATCH,
    )  # fmt: skip
    Seat.objects.bulk_create(
        [
            Seat(
                profile=person.profile, meeting=meeting, registration=person, during=meeting.during
            )
            for meeting in meetings
            for person in (meeting.request.sender, meeting.request.recipient)
        ],
        batch_size=BATCH,
    )
    return meetings


def write_run(stage: Stage) -> ScheduleRun:
    """Compute a schedule from what was so before the event, and write the run that is in force."""
    at = asked_before(stage.event) + timedelta(hours=20)
    found = problem_from(facts_of(stage.event, now=at))
    result = solve(found.problem, seconds=SECONDS)
    columns = columns_of(found, result) | {"ended_at": at + timedelta(seconds=result.seconds)}
    run = ScheduleRun.objects.create(
        event=stage.event, state=ScheduleRunState.PUBLISHED, version=1, created_at=at, began_at=at,
        published_at=at + timedelta(minutes=5), created_by=stage.event.created_by, **columns,
    )  # fmt: skip
    Event.objects.filter(pk=stage.event.pk).update(schedule_version=1)
    return run


def write_check_ins(stage: Stage) -> set[int]:
    """Write who was seen at the desk; return the numbers of those who came."""
    now = timezone.now()
    coming = [
        registration
        for number, registration in enumerate(stage.registrations)
        if number < 2 or stage.random.random() < CAME
    ]
    CheckIn.objects.bulk_create(
        CheckIn(
            registration=registration, direction=Direction.IN, at=at, by=stage.event.created_by
        )
        for registration in coming
        if (at := stage.event.starts_at + timedelta(minutes=stage.random.randrange(60))) < now
    )
    return {registration.pk for registration in coming}


def end_meetings(stage: Stage, meetings: Sequence[Meeting], came: set[int]) -> None:
    """Let what is over be held, or missed by those who did not come; write what people say of it."""
    now = timezone.now()
    over = [meeting for meeting in meetings if meeting.during.upper and meeting.during.upper < now]
    for meeting in over:
        people = {meeting.request.sender_id, meeting.request.recipient_id}
        meeting.state = MeetingState.HELD if people <= came else MeetingState.NO_SHOW
    Meeting.objects.bulk_update(over, ["state"], batch_size=BATCH)
    MeetingChange.objects.bulk_create(
        [
            MeetingChange(meeting=each, old_state="scheduled", new_state=each.state)
            for each in over
        ],
        batch_size=BATCH,
    )
    missed = [meeting for meeting in over if meeting.state == MeetingState.NO_SHOW]
    Seat.objects.filter(meeting__in=missed).exclude(registration__in=came).update(is_absent=True)
    feedback = [
        feedback_of(stage, meeting, person)
        for meeting in over
        if meeting.state == MeetingState.HELD
        for person in (meeting.request.sender, meeting.request.recipient)
        if stage.random.random() < ANSWERED
    ]
    MeetingFeedback.objects.bulk_create(feedback, batch_size=BATCH)


def feedback_of(stage: Stage, meeting: Meeting, person: Registration) -> MeetingFeedback:
    """Return what one person says of one meeting, unsaved."""
    return MeetingFeedback(
        meeting=meeting, registration=person, usefulness=stage.random.choice(USEFULNESS),
        next_step=stage.random.choice(STEPS), updated_at=timezone.now(),
    )  # fmt: skip


def write_announcement(event: Event) -> None:
    """Write what the organisers told everybody this morning."""
    Announcement.objects.create(
        event=event, made_by=event.created_by,
        text_en="Coffee is served beside the tables. Online rooms open five minutes early.",
        text_ko="커피는 테이블 옆에 준비되어 있습니다. 온라인 회의실은 5분 전에 열립니다.",
    )  # fmt: skip
