"""What happens to a meeting that has a time: cancelled, late, nobody came, held, feedback."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from events.asking import NOT_AGREED, TAKEN, TOO_EARLY
from events.models import (
    CalendarMethod,
    LateNotice,
    Meeting,
    MeetingFeedback,
    MeetingProposal,
    MeetingState,
    NextStep,
    ProposalState,
    Registration,
    RequestState,
    Seat,
)
from events.services.invitations import write_invitations
from events.services.locking import lock_event
from events.services.meeting_notices import (
    notify_of_absence,
    notify_of_cancellation,
    notify_of_lateness,
    notify_of_punctuality,
)
from events.services.open_slots import ends_of
from konnect.states import TransitionError
from matching.permissions.contacts import RefusedError

if TYPE_CHECKING:
    from konnect.accounts.models import User

# Who cancels later than this is counted: the time can hardly be given to anybody else.
LATE = timedelta(hours=24)
# From so long before a meeting on one knows whether one comes late.
NEAR = timedelta(hours=3)


@transaction.atomic
def cancel_meeting(
    meeting: Meeting, *, actor: User | None, reason: str, is_still_wanted: bool = False
) -> Meeting:
    """Cancel a meeting and tell the others, here and in their calendars.

    is_still_wanted: the two still want to meet, at another time; else their request ends too.

    Raises:
        TransitionError: it is over, or was cancelled before.
    """
    lock_event(meeting.event)
    # It may have been moved while we waited: time and number are those of now.
    meeting.refresh_from_db(fields=["state", "slot", "during", "place", "sequence"])
    end_meeting(meeting, actor=actor, reason=reason, by=own_side(meeting, actor))
    if not is_still_wanted:
        end_request(meeting, actor=actor)
    return meeting


def own_side(meeting: Meeting, actor: User | None) -> Registration | None:
    """Return as whom somebody sits at a meeting, if they do."""
    if actor is None:
        return None
    seats = meeting.seats.filter(profile__user=actor).select_related("registration__profile__user")
    found = seats.first()
    return found.registration if found is not None else None


def end_meeting(
    meeting: Meeting, *, actor: User | None, reason: str, by: Registration | None
) -> None:
    """Free people and place, and tell the others; no name is told when `by` is nobody."""
    now = timezone.now()
    starts_at, _ends_at = ends_of(meeting.during)
    columns = {
        "is_live": False, "cancelled_at": now, "cancelled_by": actor,
        "cancellation_reason": reason[:300], "sequence": meeting.sequence + 1,
        "is_late_cancellation": starts_at - now < LATE,
    }  # fmt: skip
    meeting.move_to(MeetingState.CANCELLED, actor=actor, reason=reason, columns=columns)
    end_proposals(meeting)
    others = [one for one in people_at(meeting) if by is None or one.pk != by.pk]
    others = [one for one in others if actor is None or one.profile.user_id != actor.pk]
    notify_of_cancellation(meeting, others, by=by)
    write_invitations([meeting], method=CalendarMethod.CANCEL)


def people_at(meeting: Meeting) -> list[Registration]:
    """Return who sits at a meeting."""
    seats = Seat.objects.filter(meeting=meeting, registration__isnull=False)
    chosen = Registration.objects.filter(pk__in=seats.values("registration_id"))
    return list(chosen.with_people().order_by("pk"))


def end_proposals(meeting: Meeting) -> None:
    """Nobody is asked any more about another time of a meeting that ends."""
    open_ones = MeetingProposal.objects.filter(request=meeting.request_id, state="open")
    for proposal in open_ones.order_by("pk"):
        proposal.move_to(ProposalState.EXPIRED, actor=None)


def end_request(meeting: Meeting, *, actor: User | None) -> None:
    """The wish ends with its meeting; a schedule made later does not bring it back."""
    request = meeting.request
    request.refresh_from_db(fields=["state"])
    if request.state == RequestState.ACCEPTED:
        request.move_to(RequestState.WITHDRAWN, actor=actor)


@transaction.atomic
def mark_no_show(
    meeting: Meeting, *, actor: User | None, absent: Iterable[Registration]
) -> Meeting:
    """Note who did not come; those who did are free for others in the rest of this slot.

    Raises:
        RefusedError: the meeting has not begun, or these people do not sit at it.
        TransitionError: it was cancelled, or noted before.
    """
    missed = meeting.seats.filter(registration__in=list(absent))
    if not missed.exists() or ends_of(meeting.during)[0] > timezone.now():
        raise RefusedError([NOT_AGREED])
    meeting.move_to(MeetingState.NO_SHOW, actor=actor, columns={"is_live": False})
    missed.update(is_absent=True)
    gone_pks = set(missed.values_list("registration", flat=True))
    gone = [one for one in people_at(meeting) if one.pk in gone_pks]
    notify_of_absence(
        meeting, [one for one in gone if actor is None or one.profile.user_id != actor.pk]
    )
    return meeting


@transaction.atomic
def mark_held(meeting: Meeting, *, actor: User | None) -> Meeting:
    """Note that a meeting took place, also when somebody was missed first and then came.

    Raises:
        RefusedError: somebody has another meeting in its time by now.
        TransitionError: it was cancelled.
    """
    try:
        with transaction.atomic():
            meeting.move_to(MeetingState.HELD, actor=actor, columns={"is_live": True})
    except IntegrityError as error:
        raise RefusedError([TAKEN]) from error
    meeting.seats.update(is_absent=False)
    return meeting


@transaction.atomic
def report_late(
    meeting: Meeting, *, registration: Registration, minutes: int, actor: User | None
) -> LateNotice:
    """Tell the others that somebody comes late; a second notice takes the place of the first.

    Raises:
        RefusedError: the meeting is hours away.
        TransitionError: the meeting is over.
    """
    refuse_if_over(meeting)
    if not is_near(meeting, timezone.now()):
        raise RefusedError([TOO_EARLY])
    notice, _is_new = LateNotice.objects.update_or_create(
        meeting=meeting, registration=registration,
        defaults={"minutes": minutes, "told_at": timezone.now()},
    )  # fmt: skip
    others = [one for one in people_at(meeting) if one.pk != registration.pk]
    notify_of_lateness(notice, others)
    return notice


def is_near(meeting: Meeting, now: datetime) -> bool:
    """Tell whether a meeting begins within hours, or has begun."""
    return ends_of(meeting.during)[0] - now <= NEAR


def refuse_if_over(meeting: Meeting) -> None:
    """Refuse what one says before or during a meeting once it is over.

    Raises:
        TransitionError: it is.
    """
    if meeting.state != MeetingState.SCHEDULED or ends_of(meeting.during)[1] <= timezone.now():
        raise TransitionError(f"{meeting.state}: over")


@transaction.atomic
def take_back_lateness(
    meeting: Meeting, *, registration: Registration, actor: User | None
) -> None:
    """Tell the others that somebody comes on time after all; nothing where they said nothing.

    Raises:
        TransitionError: the meeting is over.
    """
    refuse_if_over(meeting)
    notices = LateNotice.objects.select_for_update().filter(meeting=meeting)
    notice = notices.filter(registration=registration).first()
    if notice is None:
        return
    notify_of_punctuality(notice, [one for one in people_at(meeting) if one != registration])
    notice.delete()


@transaction.atomic
def give_feedback(
    meeting: Meeting, *, registration: Registration, actor: User | None, took_place: bool = True,
    usefulness: int | None = None, next_step: str = "", words: str = "",
) -> MeetingFeedback:  # fmt: skip
    """Keep what one person says of a meeting; saying it again takes the place of the first.

    That it took place settles a meeting that nobody has said anything of.

    Raises:
        RefusedError: the meeting has not begun, or was cancelled.
    """
    is_over = ends_of(meeting.during)[0] <= timezone.now()
    if meeting.state == MeetingState.CANCELLED or not is_over:
        raise RefusedError([NOT_AGREED])
    feedback, _is_new = MeetingFeedback.objects.update_or_create(
        meeting=meeting, registration=registration,
        defaults={
            "took_place": took_place, "words": words,
            "usefulness": usefulness if took_place else None,
            "next_step": next_step if took_place else NextStep.NONE,
        },
    )  # fmt: skip
    if took_place:
        settle_as_held(meeting, actor=actor)
    return feedback


def settle_as_held(meeting: Meeting, *, actor: User | None) -> None:
    """Take a meeting as held, unless the other one was faster or somebody was missed."""
    meeting.refresh_from_db(fields=["state"])
    if meeting.state != MeetingState.SCHEDULED:
        return
    try:
        meeting.move_to(MeetingState.HELD, actor=actor)
    except TransitionError:
        return
