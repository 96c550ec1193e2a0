"""The people of an application: naming them, coming in by a letter, confirming one text."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from funding.applying import OF_THE_TEXT, own_seat
from funding.forms.applications import ROLES, PersonForm
from funding.models import Application, Participant
from funding.refusing import RefusedError
from funding.services.application_pages import contacts_for, differences
from funding.services.draft_content import read_draft
from funding.services.drafts import take_place
from funding.services.participants import (
    confirm,
    decline,
    invite,
    invite_member,
    invited_by,
    join,
    remove,
)
from funding.services.receipts import sections_of
from funding.views.application_asked import (
    application_led,
    application_seated,
    application_shown,
    frame_of,
)
from funding.views.doing import say_refusal, tried
from konnect.states import TransitionError
from matching.views.asked import MemberRequest, asked_number


@login_required
@require_http_methods(["GET", "POST"])
def application_people(request: MemberRequest, pk: int) -> HttpResponse:
    """Show who takes part; the lead names more people."""
    application = application_shown(request, pk)
    is_place = "own_place" in request.POST
    form = PersonForm(None if is_place else request.POST or None, initial={"role": "partner"})
    if request.method == "POST":
        application = application_led(request, pk)
        if is_place:
            tried(request, lambda: take_place(application, actor=request.user))
            return redirect("funding:application_people", application.pk)
        if form.is_valid() and named(request, application, form):
            return redirect("funding:application_people", application.pk)
    draft = read_draft(application)
    frame = frame_of(request, application)
    context = {
        **frame, "draft": draft, "form": form, "roles": ROLES,
        "contacts": contacts_for(application, request.user) if frame["is_lead"] else [],
    }  # fmt: skip
    return render(request, "funding/application_people.html", context)


def named(request: MemberRequest, application: Application, form: PersonForm) -> bool:
    """Name somebody by e-mail; say it when that is refused."""
    data, columns = form.cleaned_data, form.columns()
    return tried(
        request,
        lambda: invite(application, role=data["role"], email=data["email"], columns=columns,
                       actor=request.user),
        _("We have written to %(name)s.") % {"name": data["name"]},
    )  # fmt: skip


@login_required
@require_POST
def participant_add(request: MemberRequest, pk: int) -> HttpResponse:
    """Name one of the reader's contacts."""
    application = application_led(request, pk)
    number, role = asked_number(request, "profile"), request.POST.get("role", "")
    if role not in dict(ROLES):
        raise Http404
    # A second click finds the person named.
    if not application.participants.filter(person__user__profile=number).exists():
        known = {each.pk: each for each in contacts_for(application, request.user)}
        if number not in known:
            raise Http404
        profile = known[number]
        tried(request, lambda: invite_member(application, profile, role=role, actor=request.user))
    return redirect("funding:application_people", application.pk)


@login_required
@require_POST
def participant_remove(request: MemberRequest, pk: int, participant_pk: int) -> HttpResponse:
    """Take somebody out of a draft."""
    application = application_led(request, pk)
    rows = application.participants.exclude(role="lead")
    # A second click finds nobody, which is what was wanted.
    if participant := rows.filter(pk=participant_pk).first():
        tried(request, lambda: remove(application, participant, actor=request.user))
    return redirect("funding:application_people", application.pk)


@login_required
@require_http_methods(["GET", "POST"])
def application_join(request: MemberRequest, token: UUID) -> HttpResponse:
    """Let somebody in whom a letter invites, once they say so."""
    participant = invited_by(token)
    if participant is None:
        raise Http404
    if participant.person is not None and participant.person.user_id != request.user.pk:
        raise Http404
    if request.method == "POST":
        try:
            joined = join(participant, actor=request.user)
        except RefusedError as error:
            say_refusal(request, error)
            return redirect("funding:application_list")
        return redirect("funding:application_confirm", joined.application_id)
    context = {
        "participant": participant, "call": participant.application.call,
        "reads_text": participant.role in OF_THE_TEXT,
    }  # fmt: skip
    return render(request, "funding/application_join.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def application_confirm(request: MemberRequest, pk: int) -> HttpResponse:
    """Show somebody what they would stand behind, and what has changed since they last did."""
    application = application_seated(request, pk)
    seat = own_seat(application, request.user)
    if seat is None:
        raise Http404
    if request.method == "POST":
        if try_to_confirm(request, seat) and seat.role in OF_THE_TEXT:
            return redirect(application)
        return redirect("funding:application_confirm", application.pk)
    draft = read_draft(application)
    context = {
        **frame_of(request, application), "draft": draft, "seat": seat,
        "sha256": draft.statement_sum(seat),
    }  # fmt: skip
    if seat.role not in OF_THE_TEXT:
        return render(request, "funding/application_place.html", context)
    context["differences"] = differences(seat.confirmed_content, draft.content, draft.schema)
    context["sections"] = sections_of(draft.schema, draft.answers)
    return render(request, "funding/application_confirm.html", context)


def try_to_confirm(request: MemberRequest, seat: Participant) -> bool:
    """Confirm what the page showed and say how it went; return whether it is confirmed."""
    try:
        confirm(seat, seen_sha256=request.POST.get("sha256", ""), actor=request.user)
    except RefusedError as error:
        say_refusal(request, error)
        return False
    except TransitionError:
        messages.info(request, _("You have confirmed this text already."))
    return True


@login_required
@require_POST
def application_decline(request: MemberRequest, pk: int) -> HttpResponse:
    """Take no part."""
    application = application_seated(request, pk)
    seat = own_seat(application, request.user)
    if seat is None:
        raise Http404
    said = _("You take no part; the lead applicant is told.")
    tried(request, lambda: decline(seat, actor=request.user), said)
    return redirect("funding:application_list")
