"""The frame around every page of an event: which tabs there are for this reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event, EventState, Registration
from events.permissions import registration_of, roles_at
from events.phases import Phase, phase_of, takes_registrations
from konnect.accounts.models import User

register = template.Library()

PHASES: dict[str, str | Promise] = {
    Phase.ANNOUNCED: _("Registration has not begun"),
    Phase.REGISTRATION: _("Registration open"),
    Phase.REGISTRATION_OVER: _("Registration closed"),
    Phase.RUNNING: _("Running now"),
    Phase.OVER: _("Over"),
}
# Which dot of `.status` a phase has.
LOOKS: dict[str, str] = {
    Phase.REGISTRATION: "open", Phase.RUNNING: "running", Phase.ANNOUNCED: "pending",
    EventState.CANCELLED: "declined", EventState.DRAFT: "draft",
}  # fmt: skip


@dataclass(frozen=True)
class Tab:
    """One page of an event: a name of an address, its label, and which pages belong to it."""

    name: str
    label: str | Promise
    # Beginnings of view names under this tab.
    pages: tuple[str, ...]


ABOUT = Tab("event_detail", _("About"), ("event_detail",))
REGISTRATION = Tab(
    "registration_detail", _("My registration"), ("registration_detail", "registration_form", "availability")
)  # fmt: skip
PARTICIPANTS = Tab(
    "participant_list", _("Participants"), ("participant", "meeting_request_create")
)
MEETINGS = Tab("meeting_list", _("My meetings"), ("meeting_",))
AGENDA = Tab("my_agenda", _("My agenda"), ("my_agenda", "agenda_paper"))
DESK = Tab("desk", _("Check-in"), ("desk", "ticket"))
MANAGE = Tab("event_manage", _("Organise"), ())


@register.simple_tag(takes_context=True)
def event_tabs(context: dict[str, Any], event: Event) -> list[dict[str, Any]]:
    """Return the pages of an event that are for this reader: address, label, whether it is here.

    Two or three queries, whatever the event holds.
    """
    user = context.get("user") or AnonymousUser()
    roles = roles_at(event, user)
    own = registration_of(event, user)
    here = view_name(context)
    shown = [tab for tab in tabs_for(event, roles, own) if address_of(tab, event)]
    current = next((tab for tab in shown if here.startswith(tab.pages)), None)
    if current is None and MANAGE in shown and here != "event_detail":
        current = MANAGE
    return [
        {"url": address_of(tab, event), "label": tab.label, "is_here": tab is current}
        for tab in shown
    ]


def tabs_for(event: Event, roles: frozenset[str], own: Registration | None) -> list[Tab]:
    """Return the pages that somebody with these roles and this registration may open."""
    is_in = own is not None and own.state == "confirmed"
    found = [ABOUT, *([REGISTRATION] if own else [])]
    if is_in or roles:
        found.append(PARTICIPANTS)
    if is_in:
        found += [MEETINGS, AGENDA] if event.has_meetings else [AGENDA]
    if roles == {"desk"}:
        return [*found, DESK]
    return [*found, MANAGE] if roles else found


def view_name(context: dict[str, Any]) -> str:
    """Return which page this is, without its namespace; '' outside of a request."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    return (match.url_name or "") if match else ""


def address_of(tab: Tab, event: Event) -> str:
    """Return the address of a tab, '' while there is no such page."""
    try:
        return reverse(f"events:{tab.name}", args=[event.pk])
    except NoReverseMatch:
        return ""


@register.filter
def standing(event: Event) -> str | Promise:
    """Return in words where an event stands, by its state and by the clock."""
    if event.state != EventState.PUBLISHED:
        return EventState(event.state).label
    return PHASES[phase_of(event, timezone.now())]


@register.filter
def standing_look(event: Event) -> str:
    """Return the look of that word: the end of a class `status-…`."""
    key = event.state if event.state != EventState.PUBLISHED else phase_of(event, timezone.now())
    return LOOKS.get(key, "over")


@register.simple_tag
def registration_here(event: Event, user: User | AnonymousUser) -> Registration | None:
    """Return the reader's own live registration."""
    return registration_of(event, user)


@register.filter
def is_taking_registrations(event: Event) -> bool:
    """Say whether one can register now."""
    return takes_registrations(event, timezone.now())
