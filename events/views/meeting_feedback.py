"""Saying how a meeting went, and what comes of it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from events.forms.meetings import FeedbackForm
from events.models import MeetingFeedback
from events.services.meeting_pages import MeetingPage
from events.services.meetings import give_feedback
from events.services.outcomes import (
    ask_for_contact,
    contact_standing,
    follow_listing,
    live_twinning,
    organisations_of,
    propose_twinning_of,
)
from events.views.meetings import OVER, page_of
from konnect.states import TransitionError
from matching.models import Listing, Profile
from matching.permissions.contacts import RefusedError
from matching.permissions.twinnings import represents
from matching.views.asked import MemberRequest, asked_number


@login_required
@require_http_methods(["GET", "POST"])
def meeting_feedback(request: MemberRequest, pk: int) -> HttpResponse:
    """Say how a meeting went; nobody but the organisers reads it."""
    page = page_of(request, pk)
    if page.own is None:
        raise Http404
    if not page.can_give_feedback:
        messages.info(request, gettext("Feedback on this meeting is not open."))
        return redirect(page.meeting)
    form = FeedbackForm(request.POST or None, initial=said_before(page.feedback))
    if request.method == "GET" or not form.is_valid():
        return feedback_page(request, page, form)
    try:
        give_feedback(page.meeting, registration=page.own, actor=request.user, **form.cleaned_data)
    except RefusedError:
        messages.info(request, OVER)
        return redirect(page.meeting)
    messages.success(request, gettext("Thank you. Here is what you can do next."))
    return redirect("events:meeting_feedback", page.meeting.pk)


def said_before(feedback: MeetingFeedback | None) -> dict[str, object]:
    """Return what stood in the feedback, for the form."""
    if feedback is None:
        return {}
    columns = ("took_place", "usefulness", "next_step", "words")
    return {name: getattr(feedback, name) for name in columns}


def feedback_page(request: MemberRequest, page: MeetingPage, form: FeedbackForm) -> HttpResponse:
    """Show the form, and after it was sent the next steps in one click each."""
    assert page.own is not None
    partner = partner_of(page)
    sides = organisations_of(page.meeting, page.own)
    context = {
        "page": page, "meeting": page.meeting, "event": page.meeting.event, "form": form,
        "partner": partner,
        "standing": contact_standing(page.own.profile, partner) if partner else "",
        "listings": listings_of(request, partner),
        "sides": sides,
        "twinning": live_twinning(*sides) if sides else None,
        "speaks": bool(sides) and represents(request.user, sides[0]) if sides else False,
    }  # fmt: skip
    return render(request, "events/meeting_feedback.html", context)


def partner_of(page: MeetingPage) -> Profile | None:
    """Return the profile of the other side."""
    found = next((seat.registration for seat in page.others if seat.registration), None)
    return found.profile if found is not None else None


def listings_of(request: MemberRequest, partner: Profile | None) -> list[Listing]:
    """Return the open listings of the other side that the reader may see."""
    if partner is None:
        return []
    return list(Listing.objects.visible_to(request.user).open().filter(profile=partner)[:10])


@login_required
@require_POST
def meeting_outcome(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the next step after a meeting: stay in touch, follow a listing, propose a twinning."""
    page = page_of(request, pk)
    step = {"contact": to_contact, "listing": to_listing, "twinning": to_twinning}.get(
        request.POST.get("step", "")
    )
    if page.own is None or page.feedback is None or step is None:
        raise Http404
    try:
        return step(request, page, page.feedback)
    except RefusedError as error:
        messages.warning(request, str(error.blockers[0].words))
    except TransitionError:
        messages.info(request, OVER)
    return redirect("events:meeting_feedback", page.meeting.pk)


def to_contact(
    request: MemberRequest, page: MeetingPage, feedback: MeetingFeedback
) -> HttpResponse:
    """Ask the other side to stay in touch, or accept that they asked."""
    partner = partner_of(page)
    if partner is None:
        raise Http404
    words = gettext("We met at %(event)s. Let us stay in touch.")
    message = words % {"event": page.meeting.event.title}
    contact = ask_for_contact(feedback, partner=partner, actor=request.user, message=message)
    if contact.state == "accepted":
        messages.success(request, gettext("You are in contact now."))
    else:
        messages.success(request, gettext("Your contact request has been sent."))
    return redirect(contact)


def to_listing(
    request: MemberRequest, page: MeetingPage, feedback: MeetingFeedback
) -> HttpResponse:
    """Note which listing one follows up, and go there."""
    listings = Listing.objects.filter(
        pk__in=[listing.pk for listing in listings_of(request, partner_of(page))]
    )
    listing = get_object_or_404(listings, pk=asked_number(request, "listing"))
    follow_listing(feedback, listing=listing, actor=request.user)
    messages.success(request, gettext("Noted. You can write to its author from here."))
    return redirect("matching:listing_detail", listing.pk)


def to_twinning(
    request: MemberRequest, page: MeetingPage, _feedback: MeetingFeedback
) -> HttpResponse:
    """Propose the twinning of both organisations, and go to it."""
    assert page.own is not None
    twinning = propose_twinning_of(page.meeting, own=page.own, actor=request.user)
    messages.success(request, gettext("The twinning of your organisations is recorded."))
    return redirect("matching:twinning_detail", twinning.pk)
