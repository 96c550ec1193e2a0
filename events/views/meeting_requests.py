"""Asking for meetings at an event, and answering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events.asking import request_blockers, requests_left
from events.forms.meetings import AcceptForm, AskForm, DeclineForm, RewordForm
from events.models import Event, MeetingRequest, Registration, RequestState
from events.services.meeting_lists import (
    TABS,
    lines_of,
    own_registration,
    tab_counts,
    tab_of,
)
from events.services.meeting_requests import (
    accept_meeting_request,
    decline_meeting_request,
    reword_meeting_request,
    send_meeting_request,
    withdraw_meeting_request,
)
from events.services.participants import participants_for
from events.services.request_pages import RequestPage, request_page
from events.views.asked import event_shown
from konnect.accounts.models import Language
from konnect.states import TransitionError
from matching.permissions.contacts import RefusedError
from matching.views.asked import MemberRequest

PAGE_SIZE = 50
NOT_OPEN = gettext_lazy("This request is no longer open.")


def own_at(request: MemberRequest, event: Event) -> Registration:
    """Return the reader's registration at an event.

    Raises:
        Http404: they have none.
    """
    own = own_registration(event, request.user)
    if own is None:
        raise Http404
    return own


@login_required
@require_http_methods(["GET", "POST"])
def meeting_request_create(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Ask a participant for a meeting, or say why that is not possible."""
    event = event_shown(request, pk)
    own = own_at(request, event)
    people = participants_for(event, request.user).with_people().exclude(pk=own.pk)
    partner = get_object_or_404(people, pk=number)
    live = MeetingRequest.objects.live().filter(sender=own, recipient=partner).first()
    if request.method == "GET":
        first_words = {"message": sample_message(request, own, partner)}
        form = AskForm(initial=first_words, event=event)
        return redirect(live) if live else ask_page(request, own, partner, form)
    form = AskForm(request.POST, event=event)
    if not form.is_valid():
        return ask_page(request, own, partner, form)
    return send_and_redirect(request, own, partner, form)


def send_and_redirect(
    request: MemberRequest, own: Registration, partner: Registration, form: AskForm
) -> HttpResponse:
    """Send the request; a second click leads to where the first one led."""
    try:
        sent = send_meeting_request(
            own.event, sender=own, recipient=partner, actor=request.user, **form.cleaned_data
        )
    except RefusedError:
        live = MeetingRequest.objects.live().filter(sender=own, recipient=partner).first()
        return redirect(live) if live else ask_page(request, own, partner, form)
    if sent.state == RequestState.ACCEPTED:
        messages.success(request, gettext("You both want to meet: your meeting is agreed."))
    else:
        messages.success(request, gettext("Your meeting request has been sent."))
    return redirect(sent)


def ask_page(
    request: MemberRequest, own: Registration, partner: Registration, form: AskForm
) -> HttpResponse:
    """Show the form, or what keeps the person from asking."""
    context = {
        "event": own.event,
        "partner": partner,
        "form": form,
        "blockers": request_blockers(own.event, own, partner),
        "requests_left": requests_left(own.event, own),
        "intents": partner.intents.all(),
    }
    status = 409 if request.method == "POST" and form.is_valid() else 200
    return render(request, "events/meeting_request_form.html", context, status=status)


def sample_message(request: MemberRequest, own: Registration, partner: Registration) -> str:
    """Return a first draft in the language that the address asks for, or nothing."""
    language, _hyphen, kind = request.GET.get("start", "").partition("-")
    if language not in Language.values or kind not in SAMPLES:
        return ""
    intent = partner.intents.first()
    with override(language):
        facts = {
            "name": own.profile.name, "organisation": own.profile.affiliation,
            "intent": intent.text if intent else "…",
        }  # fmt: skip
        return str(SAMPLES[kind]) % facts


SAMPLES = {
    # Translators: a first draft of a short request to meet at an event.
    "topic": gettext_lazy(
        "I am %(name)s of %(organisation)s. We both work on …, and I would like to hear how you …. "
        "Perhaps we find something to do together."
    ),
    # Translators: a first draft of a request to meet about what the other person offers or seeks.
    "intent": gettext_lazy(
        "I am %(name)s of %(organisation)s. You wrote “%(intent)s”: I could contribute …, and would "
        "like to talk about it for twenty minutes."
    ),
}


@login_required
@require_GET
def meeting_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one's own requests and meetings at an event."""
    event = event_shown(request, pk)
    own = own_at(request, event)
    tab = request.GET.get("tab", "")
    counts = tab_counts(own)
    if tab not in TABS:
        tab = "received" if counts["received"] else TABS[0]
    zone = timezone.get_current_timezone_name()
    found = Paginator(tab_of(own, tab), PAGE_SIZE).get_page(request.GET.get("page"))
    shown = MeetingRequest.objects.filter(pk__in=[row.pk for row in found])
    context = {
        "event": event, "own": own, "tab": tab, "counts": counts, "page": found,
        "lines": lines_of(own, shown, zone=zone), "requests_left": requests_left(event, own),
    }  # fmt: skip
    return render(request, "events/meeting_list.html", context)


def page_of(request: MemberRequest, pk: int) -> RequestPage:
    """Return a request that the reader has a part in.

    Raises:
        Http404: there is none.
    """
    visible = MeetingRequest.objects.visible_to(request.user).with_people()
    found = get_object_or_404(visible, pk=pk)
    return request_page(found, request.user)


@login_required
@require_GET
def meeting_request_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one request, and what can be done with it."""
    return detail_page(request, page_of(request, pk))


def detail_page(request: MemberRequest, page: RequestPage, **forms: Any) -> HttpResponse:
    """Show one request with its forms; one that was refused keeps what was typed."""
    found = page.request
    context = {
        "page": page,
        "event": found.event,
        "accept_form": AcceptForm(meeting_request=found),
        "decline_form": DeclineForm(),
        "reword_form": RewordForm(initial={"message": found.message}),
    } | forms
    is_invalid = any(form.errors for form in forms.values() if hasattr(form, "errors"))
    context["refused_form"] = next(iter(forms.values())) if is_invalid else None
    status = 409 if "free" in forms else 200
    return render(request, "events/meeting_request_detail.html", context, status=status)


def act(request: MemberRequest, page: RequestPage, done: str, service: Callable[..., Any], **facts: Any) -> HttpResponse:  # fmt: skip
    """Do something with a request; what a faster click has done already changes nothing."""
    try:
        service(page.request, actor=request.user, **facts)
    except TransitionError:
        messages.info(request, NOT_OPEN)
    except RefusedError as error:
        for blocker in error.blockers:
            messages.warning(request, str(blocker.words))
    else:
        messages.success(request, done)
    return redirect(page.request)


@login_required
@require_POST
def meeting_request_accept(request: MemberRequest, pk: int) -> HttpResponse:
    """Accept a request that one received."""
    page = page_of(request, pk)
    if not page.is_recipient:
        raise Http404
    form = AcceptForm(request.POST, meeting_request=page.request)
    if not form.is_valid():
        return detail_page(request, page, accept_form=form)
    done = gettext("Agreed. The organisers' schedule will say when you meet.")
    return act(request, page, done, accept_meeting_request, **form.cleaned_data)


@login_required
@require_POST
def meeting_request_decline(request: MemberRequest, pk: int) -> HttpResponse:
    """Decline a request that one received."""
    page = page_of(request, pk)
    if not page.is_recipient:
        raise Http404
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return detail_page(request, page, decline_form=form)
    done = gettext("You declined the meeting request.")
    return act(request, page, done, decline_meeting_request, **form.cleaned_data)


@login_required
@require_POST
def meeting_request_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a request back that one sent, or one's yes."""
    page = page_of(request, pk)
    if page.own is None or not page.can_withdraw:
        messages.info(request, NOT_OPEN)
        return redirect(page.request)
    done = gettext("You have withdrawn the meeting request.")
    return act(request, page, done, withdraw_meeting_request, by=page.own)


@login_required
@require_POST
def meeting_request_reword(request: MemberRequest, pk: int) -> HttpResponse:
    """Change the words of a request that waits."""
    page = page_of(request, pk)
    if not page.is_sender:
        raise Http404
    form = RewordForm(request.POST)
    if not form.is_valid():
        return detail_page(request, page, reword_form=form)
    done = gettext("Your words have been changed. Nothing was sent anew.")
    return act(request, page, done, reword_meeting_request, **form.cleaned_data)
