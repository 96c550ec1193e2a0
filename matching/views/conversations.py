"""Talking with one's contacts."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from matching.forms.contact import MessageForm
from matching.models import Conversation, Message
from matching.permissions.contacts import (
    Blocker,
    RefusedError,
    are_contacts,
    can_write_in,
    contact_details,
)
from matching.services.conversations import mark_read, send_message
from matching.views.asked import MemberRequest, asked_number

PAGE_SIZE = 20
MESSAGES_AT_ONCE = 50


@login_required
@require_GET
def conversation_list(request: MemberRequest) -> HttpResponse:
    """Show one's conversations, the newest message first."""
    own = Conversation.objects.visible_to(request.user).with_people().with_news_for(request.user)
    page = Paginator(own, PAGE_SIZE).get_page(request.GET.get("page"))
    people = [(conversation, conversation.partner_of(request.user)) for conversation in page]
    context = {"page": page, "people": people}
    return render(request, "matching/conversation_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def conversation_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a conversation and take a message; a poll gets what is new."""
    visible = Conversation.objects.visible_to(request.user).with_people()
    conversation = get_object_or_404(visible, pk=pk)
    if request.method == "POST":
        return take_message(request, conversation)
    if request.htmx:
        return news(request, conversation)
    return conversation_page(request, conversation, MessageForm(initial={"token": uuid.uuid4()}))


def take_message(request: MemberRequest, conversation: Conversation) -> HttpResponse:
    """Send what was typed; keep it in the form when that is not possible."""
    form = MessageForm(request.POST)
    if not form.is_valid():
        return conversation_page(request, conversation, form)
    try:
        send_message(conversation, actor=request.user, **form.cleaned_data)
    except RefusedError as error:
        return conversation_page(request, conversation, form, error.blockers)
    return redirect(f"{conversation.get_absolute_url()}#newest")


def news(request: MemberRequest, conversation: Conversation) -> HttpResponse:
    """Return the messages that came after the last one shown; 204 when there are none."""
    after = asked_number(request, "after") or 0
    newer = list(conversation.messages.filter(pk__gt=after)[:MESSAGES_AT_ONCE])
    if not newer:
        return HttpResponse(status=204)
    mark_read(conversation, actor=request.user, newest=newer[-1])
    context = letters_context(request, conversation, newer)
    return render(request, "matching/conversation_detail.html#news", context)


def conversation_page(
    request: MemberRequest,
    conversation: Conversation,
    form: MessageForm,
    blockers: list[Blocker] | None = None,
) -> HttpResponse:
    """Show the newest messages, or those before an older one, with the form below."""
    letters = newest_messages(conversation, before=asked_number(request, "before"))
    if letters:
        mark_read(conversation, actor=request.user, newest=letters[-1])
    partner = conversation.partner_of(request.user)
    in_contact = are_contacts(partner, conversation.side_of(request.user))
    context = letters_context(request, conversation, letters[-MESSAGES_AT_ONCE:]) | {
        "partner": partner,
        "form": form,
        "blockers": blockers or [],
        "has_earlier": len(letters) > MESSAGES_AT_ONCE,
        "can_write": can_write_in(conversation, request.user),
        "in_contact": in_contact,
        "details": contact_details(partner) if in_contact else [],
    }
    return render(request, "matching/conversation_detail.html", context)


def newest_messages(conversation: Conversation, *, before: int | None) -> list[Message]:
    """Return the newest messages, oldest first, and one more if there are earlier ones."""
    letters = conversation.messages.order_by("-pk")
    if before is not None:
        letters = letters.filter(pk__lt=before)
    return list(letters[: MESSAGES_AT_ONCE + 1])[::-1]


def letters_context(
    request: MemberRequest, conversation: Conversation, letters: list[Message]
) -> dict[str, object]:
    """Return what the bubbles need."""
    return {
        "conversation": conversation,
        "letters": letters,
        "own": conversation.side_of(request.user),
        "partner": conversation.partner_of(request.user),
    }
