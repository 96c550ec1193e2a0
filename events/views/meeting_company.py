"""Further people at a meeting, and times that one side proposes."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from events.models import Slot
from events.services.meeting_proposals import (
    agree_to_proposal,
    decline_proposal,
    propose_time,
    withdraw_proposal,
)
from events.services.meeting_times import SlotTakenError
from events.services.request_members import agree_to_join, bring_along, leave_request
from events.services.request_pages import RequestPage
from events.views.meeting_requests import NOT_OPEN, act, detail_page, page_of
from konnect.states import TransitionError
from matching.permissions.contacts import RefusedError
from matching.views.asked import MemberRequest, asked_number


@login_required
@require_POST
def meeting_request_bring(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask a colleague to come along."""
    page = page_of(request, pk)
    number = asked_number(request, "colleague")
    colleague = next((one for one in page.colleagues if one.pk == number), None)
    if colleague is None:
        messages.warning(request, gettext("Choose one of your colleagues."))
        return redirect(page.request)
    done = gettext("Your colleague has been asked to come along.")
    return act(request, page, done, bring_along, colleague=colleague, by=page.own)


@login_required
@require_POST
def meeting_request_join(request: MemberRequest, pk: int) -> HttpResponse:
    """Come along to a meeting that a colleague asked one to, or not."""
    page = page_of(request, pk)
    if page.membership is None:
        raise Http404
    try:
        if request.POST.get("answer") == "yes":
            agree_to_join(page.membership, actor=request.user)
            messages.success(request, gettext("You come along to this meeting."))
            return redirect(page.request)
        leave_request(page.membership, actor=request.user)
    except TransitionError:
        messages.info(request, NOT_OPEN)
        return redirect("events:meeting_list", page.request.event_id)
    except RefusedError as error:
        messages.warning(request, str(error.blockers[0].words))
        return redirect(page.request)
    messages.success(request, gettext("You do not come along to this meeting."))
    return redirect("events:meeting_list", page.request.event_id)


@login_required
@require_POST
def meeting_request_time(request: MemberRequest, pk: int) -> HttpResponse:
    """Propose a time for an agreed meeting, or another one for a meeting that has one."""
    page = page_of(request, pk)
    if page.own is None:
        raise Http404
    slots = Slot.objects.filter(event=page.request.event_id)
    slot = get_object_or_404(slots, pk=asked_number(request, "slot"))
    try:
        propose_time(page.request, slot=slot, by=page.own, actor=request.user)
    except RefusedError as error:
        return refused_time(request, page, error)
    messages.success(request, gettext("The other person has been asked whether this time suits."))
    return redirect(page.request)


def refused_time(request: MemberRequest, page: RequestPage, error: RefusedError) -> HttpResponse:
    """Say why a time cannot be, and which ones are free now."""
    for blocker in error.blockers:
        messages.warning(request, str(blocker.words))
    free = error.free if isinstance(error, SlotTakenError) else page.free
    return detail_page(request, page, free=free)


@login_required
@require_POST
def meeting_time_answer(request: MemberRequest, pk: int) -> HttpResponse:
    """Agree to a proposed time, or not; whoever proposed it can take it back."""
    page = page_of(request, pk)
    if page.own is None or page.proposal is None:
        messages.info(request, gettext("This proposal is no longer open."))
        return redirect(page.request)
    try:
        return answer_time(request, page)
    except TransitionError:
        messages.info(request, gettext("This proposal is no longer open."))
        return redirect(page.request)
    except RefusedError as error:
        return refused_time(request, page, error)


def answer_time(request: MemberRequest, page: RequestPage) -> HttpResponse:
    """Do what the button says.

    Raises:
        RefusedError: the time is no longer free, or the meeting cannot be.
        TransitionError: the proposal was answered meanwhile.
    """
    assert page.proposal is not None
    if not page.proposed_to_me:
        withdraw_proposal(page.proposal, actor=request.user)
        messages.success(request, gettext("You took the proposed time back."))
    elif request.POST.get("answer") == "yes":
        meeting = agree_to_proposal(page.proposal, actor=request.user)
        messages.success(request, gettext("Agreed: the meeting has this time."))
        return redirect(meeting)
    else:
        decline_proposal(page.proposal, actor=request.user)
        messages.success(request, gettext("You said that this time does not suit."))
    return redirect(page.request)
