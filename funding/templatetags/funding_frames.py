"""The frame around every page of a call: which tabs there are for this reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funding.machines import CHAIR, FUNDER, MEMBER, OFFICER
from funding.models import Call
from funding.permissions import roles_for
from funding.visibility import RELEASED

register = template.Library()


@dataclass(frozen=True)
class Tab:
    """One page of a call: a name of an address, its label, who opens it, which pages belong to it."""

    name: str
    label: str | Promise
    # Empty: everybody.
    roles: frozenset[str] = frozenset()
    # Beginnings of view names under this tab.
    pages: tuple[str, ...] = ()
    # In which states of the call there is such a page; empty: in all.
    states: tuple[str, ...] = ()


RUNNING = frozenset({OFFICER, FUNDER})
PROJECTS = "project_list"
TABS = (
    Tab("call_detail", _("About"), pages=("call_detail",)),
    Tab(PROJECTS, _("Funded projects"), pages=("project_",), states=RELEASED),
    Tab("call_manage", _("Control room"), RUNNING),
    Tab(
        "panel_detail",
        pgettext_lazy("funding", "Panel"),
        frozenset({OFFICER, FUNDER, MEMBER, CHAIR}),
        ("panel_",),
    ),
)
MANAGE = TABS[2]


@register.simple_tag(takes_context=True)
def is_in_chair(context: dict[str, Any], call: Call) -> bool:
    """Tell whether the reader is in the chair of a call's panel, in whatever state it is."""
    return CHAIR in roles_for(call, context["user"])


def has_page(tab: Tab, call: Call) -> bool:
    """Tell whether a call has such a page; of outlines no project comes."""
    is_there = not tab.states or call.state in tab.states
    return is_there and not (call.is_outline and tab.name == PROJECTS)


@register.simple_tag(takes_context=True)
def call_tabs(context: dict[str, Any], call: Call) -> list[dict[str, Any]]:
    """Return the pages of a call that are for this reader: address, label, whether it is here.

    Four queries, whatever the call holds.
    """
    roles = roles_for(call, context.get("user") or AnonymousUser())
    here = view_name(context)
    there = [tab for tab in TABS if has_page(tab, call)]
    shown = [tab for tab in there if not tab.roles or tab.roles & roles]
    current = next((tab for tab in shown if tab.pages and here.startswith(tab.pages)), MANAGE)
    return [
        {
            "url": reverse(f"funding:{tab.name}", args=[call.pk]),
            "label": tab.label,
            "is_here": tab is current,
        }
        for tab in shown
    ]


def view_name(context: dict[str, Any]) -> str:
    """Return which page this is, without its namespace; '' outside of a request."""
    match = getattr(context.get("request"), "resolver_match", None)
    return (match.url_name or "") if match else ""


@register.simple_tag
def cancellation_of(call: Call) -> str:
    """Return why a call was cancelled, as its officer said."""
    change = call.changes.filter(new_state="cancelled").last()
    return str(change.reason) if change else ""
