"""The news about meeting requests and meetings, told with the change that causes it.

Titles name people, and never tell what somebody wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from konnect.accounts.services.notifications import mark_read_about, notify, put_on_site

if TYPE_CHECKING:
    from events.models import (
        Event,
        LateNotice,
        Meeting,
        MeetingProposal,
        MeetingRequest,
        Registration,
        RequestMember,
    )

REQUESTS, SCHEDULES = "meeting_requests", "schedules"
Words = str | Promise


def filled(words: Words, **values: object) -> Callable[[], str]:
    """Return words with values in them, in the language that is active when they are read."""
    return lambda: str(words) % {name: str(value) for name, value in values.items()}


def tell(
    registration: Registration,
    kind: str,
    *,
    key: str,
    words: Words,
    address: str,
    **values: object,
) -> None:
    """Tell one participant news."""
    title = filled(words, **values)
    notify(registration.profile.user, kind, key=key, title=title, address=address)


def put(
    registration: Registration, *, key: str, words: Words, address: str, **values: object
) -> None:
    """Tell one participant on the site only: their calendar gets a mail about it anyhow."""
    title = filled(words, **values)
    put_on_site(registration.profile.user, SCHEDULES, key=key, title=title, address=address)


def notify_of_request(request: MeetingRequest) -> None:
    """Tell the recipient that somebody asks for a meeting."""
    tell(
        request.recipient, REQUESTS, key=f"meeting_request:{request.pk}",
        words=_("%(name)s would like to meet you at %(event)s"),
        address=request.get_absolute_url(), name=request.sender.profile, event=request.event.title,
    )  # fmt: skip


def notify_of_answer(request: MeetingRequest) -> None:
    """Tell the sender what the other one said; the other one knows."""
    mark_read_about(request.recipient.profile.user, request.get_absolute_url())
    words = {
        "accepted": _("%(name)s would like to meet you too (%(event)s)"),
        "declined": _("%(name)s cannot meet you at %(event)s"),
    }[request.state]
    tell(
        request.sender, REQUESTS, key=f"meeting_request:{request.pk}:{request.state}",
        words=words, address=request.get_absolute_url(), name=request.recipient.profile,
        event=request.event.title,
    )  # fmt: skip


def notify_of_withdrawal(request: MeetingRequest, *, by: Registration) -> None:
    """Tell the other side that an agreed meeting will not be."""
    tell(
        request.other_side(by), REQUESTS, key=f"meeting_request:{request.pk}:withdrawn",
        words=_("%(name)s no longer asks for a meeting at %(event)s"),
        address=reverse("events:meeting_list", args=[request.event_id]),
        name=by.profile, event=request.event.title,
    )  # fmt: skip


def notify_of_added(request: MeetingRequest) -> None:
    """Tell both that organisers would like them to meet."""
    for own in (request.sender, request.recipient):
        tell(
            own, REQUESTS, key=f"meeting_request:{request.pk}:added",
            words=_("The organisers of %(event)s arrange a meeting with %(name)s for you"),
            address=request.get_absolute_url(), name=request.other_side(own).profile,
            event=request.event.title,
        )  # fmt: skip


def notify_of_colleague(member: RequestMember) -> None:
    """Ask somebody whether they come along."""
    tell(
        member.registration, REQUESTS, key=f"meeting_request:{member.request_id}:join:{member.pk}",
        words=_("%(name)s would like to take you along to a meeting at %(event)s"),
        address=member.request.get_absolute_url(), name=member.brought_by.profile,
        event=member.request.event.title,
    )  # fmt: skip


def notify_of_joining(member: RequestMember) -> None:
    """Tell whoever asked that the colleague comes along."""
    tell(
        member.brought_by, REQUESTS, key=f"meeting_request:{member.request_id}:joined:{member.pk}",
        words=_("%(name)s comes along to your meeting at %(event)s"),
        address=member.request.get_absolute_url(), name=member.registration.profile,
        event=member.request.event.title,
    )  # fmt: skip


def notify_of_cancellation(
    meeting: Meeting, people: Iterable[Registration], *, by: Registration | None
) -> None:
    """Tell people that their meeting does not take place; `by` nobody when no name may be told."""
    words = (
        _("%(name)s cancelled your meeting at %(event)s")
        if by is not None
        else _("A meeting of yours at %(event)s does not take place")
    )
    for registration in people:
        put(
            registration, key=f"meeting:{meeting.pk}:cancelled",
            words=words, address=address_after(meeting, by), event=meeting.event.title,
            name=by.profile if by is not None else "",
        )  # fmt: skip


def address_after(meeting: Meeting, by: Registration | None) -> str:
    """Return where to go on: the meeting, or the list of meetings when the row may go too."""
    if by is None:
        return reverse("events:meeting_list", args=[meeting.event_id])
    return meeting.get_absolute_url()


def notify_of_lateness(notice: LateNotice, people: Iterable[Registration]) -> None:
    """Tell the others that somebody comes late; again after it was taken back."""
    meeting, minutes = notice.meeting, notice.minutes
    for registration in people:
        tell(
            registration, SCHEDULES, key=f"meeting:{meeting.pk}:late:{notice.pk}:{minutes}",
            words=_("%(name)s comes %(minutes)s minutes late to your meeting"),
            address=meeting.get_absolute_url(), name=notice.registration.profile, minutes=minutes,
        )  # fmt: skip


def notify_of_punctuality(notice: LateNotice, people: Iterable[Registration]) -> None:
    """Tell the others that somebody who wanted to come late comes on time."""
    meeting = notice.meeting
    for registration in people:
        tell(
            registration, SCHEDULES, key=f"meeting:{meeting.pk}:on_time:{notice.pk}",
            words=_("%(name)s comes on time to your meeting after all"),
            address=meeting.get_absolute_url(), name=notice.registration.profile,
        )  # fmt: skip


def notify_of_absence(meeting: Meeting, people: Iterable[Registration]) -> None:
    """Tell those who did not come that it was noted, so that they can put it right."""
    for registration in people:
        tell(
            registration, SCHEDULES, key=f"meeting:{meeting.pk}:absent:{registration.pk}",
            words=_("You were missed at a meeting of yours (%(event)s)"),
            address=meeting.get_absolute_url(), event=meeting.event.title,
        )  # fmt: skip


def notify_of_new_time(meeting: Meeting, people: Iterable[Registration], *, is_new: bool) -> None:
    """Tell people that a meeting has got a time, or another one."""
    words = (
        _("A meeting of yours at %(event)s has got a time")
        if is_new
        else _("A meeting of yours at %(event)s has another time or place")
    )
    for registration in people:
        put(
            registration, key=f"meeting:{meeting.pk}:time:{meeting.sequence}",
            words=words, address=meeting.get_absolute_url(), event=meeting.event.title,
        )  # fmt: skip


def notify_of_proposal(proposal: MeetingProposal, people: Iterable[Registration]) -> None:
    """Ask the other side whether the time suits."""
    for registration in people:
        tell(
            registration, SCHEDULES, key=f"proposal:{proposal.pk}",
            words=_("%(name)s proposes a time for your meeting at %(event)s"),
            address=proposal.request.get_absolute_url(), name=proposal.proposed_by.profile,
            event=proposal.request.event.title,
        )  # fmt: skip


def notify_of_refused_time(proposal: MeetingProposal) -> None:
    """Tell whoever proposed a time that it does not suit."""
    tell(
        proposal.proposed_by, SCHEDULES, key=f"proposal:{proposal.pk}:declined",
        words=_("The time that you proposed for a meeting at %(event)s does not suit"),
        address=proposal.request.get_absolute_url(), event=proposal.request.event.title,
    )  # fmt: skip


def notify_to_give_feedback(registration: Registration, event: Event) -> None:
    """Ask somebody, once an event, how their meetings went."""
    tell(
        registration, SCHEDULES, key=f"feedback:{event.pk}",
        words=_("How were your meetings at %(event)s? It takes a minute."),
        address=reverse("events:meeting_list", args=[event.pk]) + "?tab=agreed", event=event.title,
    )  # fmt: skip
