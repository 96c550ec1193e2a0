"""One meeting that has a time: where and when, late, cancelled, missed, another time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from events.forms.meetings import CancelForm, LateForm
from events.models import MeetingRequest, Registration, Slot
from events.services.meeting_pages import MeetingPage, meeting_for
from events.services.meeting_proposals import propose_time
from events.services.meeting_times import SlotTakenError, move_meeting, swap_meeting
from events.services.meetings import (
    cancel_meeting,
    mark_held,
    mark_no_show,
    report_late,
    take_back_lateness,
)
from konnect.states import TransitionError
from matching.permissions.contacts import RefusedError
from matching.views.asked import MemberRequest, asked_number

OVER = gettext_lazy("This meeting is over, or somebody changed it a moment ago.")


def page_of(request: MemberRequest, pk: int) -> MeetingPage:
    """Return a meeting that the reader sits at, or whose event they run.

    Raises:
        Http404: there is none.
    """
    page = meeting_for(request.user, pk)
    if page is None:
        raise Http404
    return page


@login_required
@require_GET
def meeting_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show who meets, when on everybody's clock, and where."""
    return detail_page(request, page_of(request, pk))


def detail_page(request: MemberRequest, page: MeetingPage, **more: Any) -> HttpResponse:
    """Show a meeting with its forms; one that was refused keeps what was typed."""
    context = {
        "page": page,
        "meeting": page.meeting,
        "event": page.meeting.event,
        "cancel_form": CancelForm(),
        "late_form": LateForm(),
        "free": page.free,
    } | more
    status = 409 if "free" in more else 200
    return render(request, "events/meeting_detail.html", context, status=status)


def act(
    request: MemberRequest, page: MeetingPage, done: str, service: Callable[..., Any], **facts: Any
) -> HttpResponse:
    """Do something with a meeting; what a faster click has done already changes nothing."""
    try:
        service(page.meeting, actor=request.user, **facts)
    except TransitionError:
        messages.info(request, OVER)
    except SlotTakenError as error:
        messages.warning(request, gettext("This time is no longer free. These are, at present:"))
        return detail_page(request, page, free=error.free)
    except RefusedError as error:
        for blocker in error.blockers:
            messages.warning(request, str(blocker.words))
    else:
        messages.success(request, done)
    return redirect(page.meeting)


@login_required
@require_POST
def meeting_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Cancel a meeting, with a reason."""
    page = page_of(request, pk)
    if not page.can_cancel:
        messages.info(request, OVER)
        return redirect(page.meeting)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return detail_page(request, page, cancel_form=form)
    done = gettext("The meeting is cancelled, and the other person has been told.")
    return act(request, page, done, cancel_meeting, **form.cleaned_data)


@login_required
@require_POST
def meeting_late(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that one comes late."""
    page = page_of(request, pk)
    form = LateForm(request.POST)
    if page.own is None or not form.is_valid():
        return redirect(page.meeting)
    done = gettext("The others know that you come late.")
    minutes = form.cleaned_data["minutes"]
    return act(request, page, done, report_late, registration=page.own, minutes=minutes)


@login_required
@require_POST
def meeting_on_time(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that one comes on time after all."""
    page = page_of(request, pk)
    if page.own is None:
        return redirect(page.meeting)
    done = gettext("The others know that you come on time.")
    return act(request, page, done, take_back_lateness, registration=page.own)


@login_required
@require_POST
def meeting_absent(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that somebody did not come."""
    page = page_of(request, pk)
    number = asked_number(request, "registration")
    absent = [seat.registration for seat in page.people if seat.registration_id == number]
    if not page.can_miss or not absent:
        messages.info(request, OVER)
        return redirect(page.meeting)
    done = gettext("Noted. This time is free for others now.")
    return act(request, page, done, mark_no_show, absent=absent)


@login_required
@require_POST
def meeting_held(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a meeting took place after all."""
    page = page_of(request, pk)
    if not page.can_say_held:
        messages.info(request, OVER)
        return redirect(page.meeting)
    done = gettext("Noted: the meeting took place.")
    return act(request, page, done, mark_held)


@login_required
@require_POST
def meeting_move(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a meeting another time: organisers at once, others by asking the other side."""
    page = page_of(request, pk)
    slots = Slot.objects.filter(event=page.meeting.event_id)
    slot = get_object_or_404(slots, pk=asked_number(request, "slot"))
    if not page.can_change_time:
        messages.info(request, OVER)
        return redirect(page.meeting)
    chosen = next((each for each in page.free if each.slot == slot), None)
    if page.is_side and page.own is not None:
        return propose(request, page, page.own, slot)
    if chosen is None:
        messages.warning(request, gettext("This time is no longer free. These are, at present:"))
        return detail_page(request, page, free=page.free)
    done = gettext("The meeting has another time, and both have been told.")
    return act(request, page, done, move_meeting, slot=slot, place=chosen.place)


def propose(
    request: MemberRequest, page: MeetingPage, own: Registration, slot: Slot
) -> HttpResponse:
    """Ask the other side whether another time suits."""
    try:
        propose_time(page.meeting.request, slot=slot, by=own, actor=request.user)
    except SlotTakenError as error:
        messages.warning(request, gettext("This time is no longer free. These are, at present:"))
        return detail_page(request, page, free=error.free)
    except RefusedError as error:
        messages.warning(request, str(error.blockers[0].words))
    else:
        done = gettext("The other person has been asked whether this time suits.")
        messages.success(request, done)
    return redirect(page.meeting)


@login_required
@require_POST
def meeting_swap(request: MemberRequest, pk: int) -> HttpResponse:
    """Use the time that a meeting has left for another wish: ask the other side, or set it."""
    page = page_of(request, pk)
    wishes = MeetingRequest.objects.filter(event=page.meeting.event_id).with_people()
    wish = get_object_or_404(wishes, pk=asked_number(request, "wish"))
    if page.own is not None and page.own.pk in (wish.sender_id, wish.recipient_id):
        return propose_swap(request, page, page.own, wish)
    if not page.is_organiser:
        raise Http404
    done = gettext("The meeting has this time, and both have been told.")
    return act(request, page, done, swap_meeting, wish=wish)


def propose_swap(
    request: MemberRequest, page: MeetingPage, own: Registration, wish: MeetingRequest
) -> HttpResponse:
    """Ask somebody to meet in a time that has become free."""
    try:
        propose_time(wish, slot=page.meeting.slot, by=own, actor=request.user)
    except RefusedError as error:
        messages.warning(request, str(error.blockers[0].words))
        return redirect(page.meeting)
    done = gettext("The other person has been asked whether this time suits.")
    messages.success(request, done)
    return redirect(wish)
