"""Which application a page is about, and what every page of it shows."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from funding.applying import applications_of, applications_seated, is_lead, may_edit
from funding.models import Application
from funding.services.windows import Window, window_of
from matching.views.asked import MemberRequest


def application_shown(request: MemberRequest, pk: int) -> Application:
    """Return an application that the reader may read as one of its people.

    Raises:
        Http404: there is none, or it is not theirs.
    """
    rows = applications_of(request.user).select_related("call", "lead", "area")
    found: Application = get_object_or_404(rows, pk=pk)
    return found


def application_seated(request: MemberRequest, pk: int) -> Application:
    """Return an application in which the reader has a place, which lets not everybody read it.

    Raises:
        Http404: there is none, or they have none.
    """
    rows = applications_seated(request.user).select_related("call", "lead", "area")
    found: Application = get_object_or_404(rows, pk=pk)
    return found


def application_led(request: MemberRequest, pk: int) -> Application:
    """Return an application that the reader leads.

    Raises:
        Http404: there is none, or somebody else leads it.
    """
    found = application_shown(request, pk)
    if not is_lead(found, request.user):
        raise Http404
    return found


def application_edited(request: MemberRequest, pk: int) -> Application:
    """Return an application in which the reader may write.

    Raises:
        Http404: there is none, or the reader may only read it.
    """
    found = application_shown(request, pk)
    if not may_edit(found, request.user):
        raise Http404
    return found


def frame_of(request: MemberRequest, application: Application) -> dict[str, Any]:
    """Return what every page of an application needs."""
    window: Window = window_of(application)
    return {
        "application": application, "call": application.call, "window": window,
        "is_lead": is_lead(application, request.user),
    }  # fmt: skip
