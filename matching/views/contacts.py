"""Asking somebody to talk, and answering."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from konnect.accounts.models import Language, User
from konnect.accounts.text import tidy_data
from konnect.states import TransitionError
from matching.forms.contact import AnswerForm, ContactForm
from matching.models import ContactRequest, ContactRequestState, Listing, Profile
from matching.models.profile import addressed
from matching.permissions.contacts import (
    Blocker,
    RefusedError,
    are_contacts,
    can_answer,
    can_withdraw,
    contact_blockers,
    contact_details,
    requests_left,
)
from matching.permissions.profiles import fields_visible_to
from matching.services.contacts import (
    accept_contact_request,
    decline_contact_request,
    send_contact_request,
    withdraw_contact_request,
)
from matching.services.profiles import ensure_profile
from matching.views.asked import MemberRequest, asked_number

PAGE_SIZE = 20
TABS = ("received", "sent", "accepted")


@login_required
@require_http_methods(["GET", "POST"])
def contact_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask somebody to talk, or say why that is not possible."""
    sender = ensure_profile(request.user)
    people = Profile.objects.visible_to(request.user).select_related("user", "organisation")
    recipient = get_object_or_404(people, pk=pk)
    listing = asked_listing(request, recipient)
    if request.method == "GET":
        live = live_request(sender, recipient)
        language = request.GET.get("start", "")
        first_words = {"message": sample_message(sender, recipient, listing, language)}
        form = ContactForm(initial=first_words)
        return redirect(live) if live else contact_page(request, sender, recipient, form, listing)
    if "start" in request.POST:
        form = drafted_form(request.POST, sender, recipient, listing)
        return contact_page(request, sender, recipient, form, listing)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return contact_page(request, sender, recipient, form, listing)
    return send_and_redirect(request, sender, recipient, form, listing)


def send_and_redirect(
    request: MemberRequest,
    sender: Profile,
    recipient: Profile,
    form: ContactForm,
    listing: Listing | None,
) -> HttpResponse:
    """Send the request; a second click leads to where the first one led."""
    message = form.cleaned_data["message"]
    try:
        contact_request = send_contact_request(
            sender, recipient, actor=sender.user, message=message, listing=listing
        )
    except RefusedError as error:
        live = live_request(sender, recipient)
        if live:
            return redirect(live)
        return contact_page(request, sender, recipient, form, listing, error.blockers)
    if contact_request.state == ContactRequestState.ACCEPTED:
        messages.success(request, gettext("You asked each other: you are in contact now."))
    else:
        undo = "undo:" + reverse("matching:contact_withdraw", args=[contact_request.pk])
        sent = gettext("Your contact request has been sent.")
        messages.success(request, sent, extra_tags=undo)
    return redirect(contact_request)


def contact_page(
    request: MemberRequest,
    sender: Profile,
    recipient: Profile,
    form: ContactForm,
    listing: Listing | None,
    blockers: list[Blocker] | None = None,
) -> HttpResponse:
    """Show the form, or what keeps the person from asking."""
    context = {
        "recipient": recipient,
        "sender": sender,
        "form": form,
        "listing": listing,
        "blockers": blockers or contact_blockers(sender, recipient),
        "requests_left": requests_left(sender),
        "days_to_answer": ContactRequest.DAYS_TO_ANSWER,
        "details": contact_details(sender),
    }
    return render(request, "matching/contact_form.html", context)


def live_request(sender: Profile, recipient: Profile) -> ContactRequest | None:
    """Return the request between the two that can be answered or was accepted."""
    return ContactRequest.objects.between(sender, recipient).live().not_blocked().first()


def asked_listing(request: MemberRequest, recipient: Profile) -> Listing | None:
    """Return the recipient's listing that the address names, if the reader may see it."""
    number = asked_number(request, "listing")
    if number is None:
        return None
    listings = Listing.objects.visible_to(request.user).filter(profile=recipient)
    return listings.filter(pk=number).first()


def drafted_form(
    data: QueryDict, sender: Profile, recipient: Profile, listing: Listing | None
) -> ContactForm:
    """Return the form with a draft below what was typed, which stays; another draft gives way."""
    typed = tidy_data(data).get("message", "").replace("\r\n", "\n").strip()
    drafts = {
        language: sample_message(sender, recipient, listing, language)
        for language in Language.values
    }
    draft = drafts.get(str(data["start"]), "")
    parts = [draft] if typed in drafts.values() else [typed, draft]
    return ContactForm(initial={"message": "\n\n".join(filter(None, parts))})


def sample_message(
    sender: Profile, recipient: Profile, listing: Listing | None, language: str
) -> str:
    """Return a first draft in a language, nothing in one that the portal does not speak."""
    if language not in Language.values:
        return ""
    is_shown = "position" in fields_visible_to(recipient, sender.user)
    with override(language):
        facts = {
            "addressee": addressed(recipient.name, recipient.honorific if is_shown else ""), "name": sender.name,
            "organisation": sender.affiliation, "listing": listing.title if listing else "",
        }  # fmt: skip
        return (SAMPLE_FOR_LISTING if listing else SAMPLE) % facts


# Translators: a first draft of a letter to a researcher whom the writer does not know yet.
SAMPLE = gettext_lazy(
    "Dear %(addressee)s,\n\n"
    "My name is %(name)s, and I work at %(organisation)s.\n\n"
    "I work on … and read with interest that you …\n"
    "I would like to talk with you about …\n\n"
    "Would you have half an hour for a call in the coming weeks?\n\n"
    "Kind regards\n%(name)s"
)
# Translators: a first draft of a letter about something that the other person offers or seeks.
SAMPLE_FOR_LISTING = gettext_lazy(
    "Dear %(addressee)s,\n\n"
    "My name is %(name)s, and I work at %(organisation)s.\n\n"
    "I write to you about “%(listing)s”. I could contribute …\n\n"
    "Would you have half an hour for a call in the coming weeks?\n\n"
    "Kind regards\n%(name)s"
)


@login_required
@require_GET
def contact_list(request: MemberRequest) -> HttpResponse:
    """Show what one received and sent, and who became a contact."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    visible = ContactRequest.objects.visible_to(request.user)
    rows = {
        "received": visible.received_by(request.user),
        "sent": visible.sent_by(request.user),
        "accepted": visible.accepted(),
    }[tab]
    page = Paginator(rows.with_people(), PAGE_SIZE).get_page(request.GET.get("page"))
    people = [
        (contact_request, contact_request.partner_of(request.user)) for contact_request in page
    ]
    context = {"tab": tab, "page": page, "people": people, "counts": tab_counts(request.user)}
    return render(request, "matching/contact_list.html", context)


def tab_counts(user: User) -> dict[str, int]:
    """Count the rows of each tab in one query."""
    accepted = Q(state=ContactRequestState.ACCEPTED)
    return ContactRequest.objects.visible_to(user).aggregate(
        received=Count("pk", filter=Q(recipient__user=user) & ~accepted),
        sent=Count("pk", filter=Q(sender__user=user) & ~accepted),
        accepted=Count("pk", filter=accepted),
    )


@login_required
@require_GET
def contact_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one request, what can be done with it, and after acceptance the contact details."""
    visible = ContactRequest.objects.visible_to(request.user)
    contact_request = get_object_or_404(visible.with_people(), pk=pk)
    return detail_page(request, contact_request, AnswerForm())


def detail_page(
    request: MemberRequest, contact_request: ContactRequest, form: AnswerForm
) -> HttpResponse:
    """Show one request with the form of the answer."""
    partner = contact_request.partner_of(request.user)
    own = contact_request.side_of(request.user)
    in_contact = are_contacts(partner, own)
    context = {
        "contact_request": contact_request,
        "partner": partner,
        "is_sender": contact_request.sender == own,
        "form": form,
        "can_answer": can_answer(contact_request, request.user),
        "can_withdraw": can_withdraw(contact_request, request.user),
        "in_contact": in_contact,
        "partner_details": contact_details(partner) if in_contact else [],
        "own_details": contact_details(own),
    }
    return render(request, "matching/contact_detail.html", context)


@login_required
@require_POST
def contact_accept(request: MemberRequest, pk: int) -> HttpResponse:
    """Accept a request that one received."""
    done = gettext("You are in contact now.")
    return answer_request(request, pk, accept_contact_request, done)


@login_required
@require_POST
def contact_decline(request: MemberRequest, pk: int) -> HttpResponse:
    """Decline a request that one received."""
    done = gettext("You declined the contact request.")
    return answer_request(request, pk, decline_contact_request, done)


def answer_request(
    request: MemberRequest, pk: int, service: Callable[..., ContactRequest], done: str
) -> HttpResponse:
    """Answer with the words of the form; a second click changes nothing."""
    visible = ContactRequest.objects.visible_to(request.user).filter(recipient__user=request.user)
    contact_request = get_object_or_404(visible.with_people(), pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return detail_page(request, contact_request, form)
    try:
        service(contact_request, actor=request.user, answer=form.cleaned_data["answer"])
    except TransitionError:
        messages.info(request, gettext("This request is no longer open."))
    else:
        messages.success(request, done)
    return redirect(contact_request)


@login_required
@require_POST
def contact_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Take back a request that one sent."""
    visible = ContactRequest.objects.visible_to(request.user).filter(sender__user=request.user)
    contact_request = get_object_or_404(visible, pk=pk)
    try:
        withdraw_contact_request(contact_request, actor=request.user)
    except TransitionError:
        messages.info(request, gettext("This request is no longer open."))
    else:
        messages.success(request, gettext("You have withdrawn your contact request."))
    return redirect(contact_request)
