"""Papers of an event: made when they are asked for, kept nowhere."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from events.models import Event, HelperRole, Registration
from events.permissions import registration_of
from events.services import papers
from events.services.certificates import certificate as certificate_of
from events.services.certificates import certified, may_be_certified
from events.views.asked import event_run, event_shown
from konnect.accounts.services.audit import record
from matching.views.asked import MemberRequest


def paper(event: Event, name: str, content: bytes) -> HttpResponse:
    """Answer with a PDF whose name says what it is."""
    file = f"{slugify(event.title_en)[:60] or f'event-{event.pk}'}-{name}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{file}"', "X-Robots-Tag": "noindex"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def own_place(request: MemberRequest, pk: int) -> Registration:
    """Return the reader's own confirmed registration.

    Raises:
        Http404: they do not take part.
    """
    registration = registration_of(event_shown(request, pk), request.user)
    if registration is None or registration.state != "confirmed":
        raise Http404
    return registration


def note(request: MemberRequest, event: Event, name: str) -> None:
    """Keep in the record of the staff's work that somebody took names with them."""
    record(request.user, "table.exported", target=event, facts={"table": name})


@login_required
@require_safe
def agenda_paper(request: MemberRequest, pk: int) -> HttpResponse:
    """Give somebody their own agenda on paper."""
    registration = own_place(request, pk)
    zone = timezone.get_current_timezone_name()
    content = papers.agenda_paper(registration.event, registration, request.user, zone)
    return paper(registration.event, "agenda", content)


@login_required
@require_safe
def day_sheet(request: MemberRequest, pk: int) -> HttpResponse:
    """Give those who run the meetings the sheet of all tables."""
    event = event_run(request, pk, HelperRole.MEETINGS, HelperRole.DESK)
    note(request, event, "day_sheet")
    return paper(event, "tables", papers.day_sheet(event))


@login_required
@require_safe
def badges(request: MemberRequest, pk: int) -> HttpResponse:
    """Give the desk the badges of everybody who takes part."""
    event = event_run(request, pk, HelperRole.DESK)
    note(request, event, "badges")
    return paper(event, "badges", papers.badges(event))


@login_required
@require_safe
def certificate(request: MemberRequest, pk: int) -> HttpResponse:
    """Give somebody who was there the certificate of that."""
    registration = own_place(request, pk)
    if not may_be_certified(registration):
        raise Http404
    return paper(registration.event, "certificate", certificate_of(registration))


@require_safe
def certificate_check(request: HttpRequest, code: str) -> HttpResponse:
    """Say to whoever holds a certificate whether it is true."""
    registration = certified(code)
    context = {"registration": registration, "event": registration and registration.event}
    status = 200 if registration else 404
    response = render(request, "events/certificate_check.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
