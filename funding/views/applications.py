"""One's own applications: the list, starting one, its list of tasks, title, preview, papers."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.forms.boundfield import BoundField
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from funding.applying import own_seat
from funding.forms.applications import BasicsForm, close
from funding.models import Application, ApplicationVersion, Call
from funding.refusing import RefusedError
from funding.services.application_pages import invitations_of, lone_problems, own_list, tasks_of
from funding.services.draft_content import read_draft
from funding.services.drafts import (
    basics_sum,
    invitation_missing,
    invited_outline,
    live_application,
    profile_blockers,
    save_basics,
    start_blockers,
)
from funding.services.full_applications import start_application
from funding.services.letters import result_for
from funding.services.moving import may_happen
from funding.services.participants import invite_member
from funding.services.receipts import application_paper, receipt, sections_of
from funding.views.application_asked import (
    application_edited,
    application_shown,
    frame_of,
)
from funding.views.asked import call_shown
from funding.views.doing import say_refusal
from funding.views.saving import differing
from matching.models import Profile
from matching.services.profiles import EditConflict, ensure_profile
from matching.views.asked import MemberRequest, asked_number

BASICS_PAGE = "funding/application_basics.html"


@login_required
@require_GET
def application_list(request: MemberRequest) -> HttpResponse:
    """Show the applications that the reader leads or takes part in."""
    context = {
        "applications": own_list(request.user),
        "invitations": invitations_of(request.user),
    }
    return render(request, "funding/application_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def application_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what an application takes, and start one; with `?partner=` for somebody one has found."""
    call = call_shown(request, pk)
    own = live_application(call, request.user)
    partner = partner_asked(request)
    if own is not None and not (request.method == "POST" and partner):
        return redirect(own)
    if request.method == "POST":
        try:
            application = start_application(call, actor=request.user)
            if partner is not None:
                invite_member(application, partner, role="partner", actor=request.user)
        except RefusedError as error:
            say_refusal(request, error)
            own = live_application(call, request.user)
            return redirect(own or call)
        return redirect(application)
    context = {"call": call, "partner": partner, **start_facts(request, call)}
    return render(request, "funding/application_create.html", context)


def start_facts(request: MemberRequest, call: Call) -> dict[str, Any]:
    """Return what keeps the reader from starting, and the profile in which it may be mended."""
    profile = ensure_profile(request.user)
    outline = invited_outline(call, request.user)
    blockers = (
        start_blockers(call) or invitation_missing(call, outline) or profile_blockers(profile)
    )
    return {"profile": profile, "outline": outline, "blockers": blockers}


def partner_asked(request: MemberRequest) -> Profile | None:
    """Return the person whom the reader comes from, as far as they may see them."""
    number = asked_number(request, "partner")
    seen = Profile.objects.visible_to(request.user).exclude(user=request.user)
    return seen.filter(pk=number).first() if number else None


@login_required
@require_GET
def application_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the list of tasks: what is there, what is missing, what comes next."""
    application = application_shown(request, pk)
    draft = read_draft(application)
    tasks = tasks_of(draft)
    version = current_version(application)
    context = {
        **frame_of(request, application), "draft": draft, "tasks": tasks, "version": version,
        "lone_problems": lone_problems(draft, tasks),
        "done": sum(each.state == "done" for each in tasks),
        "is_same": version is not None and version.draft_sha256 == draft.sha256,
        "may_withdraw": may_happen(application, "withdraw", request.user),
        "result": result_for(application, request.user),
        "seat": own_seat(application, request.user), "partner": draft.in_role("partner"),
    }  # fmt: skip
    return render(request, "funding/application_detail.html", context)


def current_version(application: Application) -> ApplicationVersion | None:
    """Return the version that counts, or None."""
    if application.submitted_version is None:
        return None
    return application.versions.filter(number=application.submitted_version).first()


@login_required
@require_http_methods(["GET", "POST"])
def application_basics(request: MemberRequest, pk: int) -> HttpResponse:
    """Show or change title, acronym, area and language."""
    application = application_edited(request, pk)
    seen = request.POST.get("seen", "") if request.method == "POST" else basics_sum(application)
    form = BasicsForm(request.POST or None, instance=application)
    context = {**frame_of(request, application), "form": form, "seen": seen}
    if not context["window"].is_whole:
        close(form)
    if request.method == "POST" and form.is_valid():
        return basics_saved(request, application, form, context)
    return render(request, BASICS_PAGE, context)


def basics_saved(
    request: MemberRequest, application: Application, form: BasicsForm, context: dict[str, Any]
) -> HttpResponse:
    """Save what was typed; show beside it what somebody else saved meanwhile."""
    try:
        save_basics(application, seen=context["seen"], actor=request.user, **form.cleaned_data)
    except RefusedError as error:
        say_refusal(request, error)
        return render(request, BASICS_PAGE, context)
    except EditConflict:
        stored = application_edited(request, application.pk)
        theirs = BasicsForm(instance=stored)
        context |= {"stored": stored, "seen": basics_sum(stored),
                    "differing": list(differing(named(form), named(theirs)))}  # fmt: skip
        return render(request, BASICS_PAGE, context, status=409)
    return redirect(application)


def named(form: BasicsForm) -> list[tuple[str, BoundField]]:
    """Return the fields of a form with their labels."""
    return [(str(field.label), field) for field in form]


@login_required
@require_GET
def application_preview(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the whole draft on one page, as it would be handed in."""
    application = application_shown(request, pk)
    draft = read_draft(application)
    context = {
        **frame_of(request, application), "draft": draft,
        "sections": sections_of(draft.schema, draft.answers),
    }  # fmt: skip
    return render(request, "funding/application_preview.html", context)


@login_required
@require_GET
def application_pdf(request: MemberRequest, pk: int) -> HttpResponse:
    """Send the draft as PDF."""
    application = application_shown(request, pk)
    draft = read_draft(application)
    data = application_paper(application, draft.content, draft.form.schema)
    return as_pdf(data, f"application-{application.number or application.key.hex[:8]}-draft.pdf")


@login_required
@require_GET
def application_receipt(request: MemberRequest, pk: int) -> HttpResponse:
    """Send the receipt of the version that counts."""
    application = application_shown(request, pk)
    version = current_version(application)
    if version is None:
        raise Http404
    version.application = application
    data = receipt(version, zone=request.user.time_zone)
    return as_pdf(data, f"application-{application.number}-receipt-{version.number}.pdf")


def as_pdf(data: bytes, name: str, *, inline: bool = False) -> HttpResponse:
    """Return a PDF that nothing keeps on its way."""
    where = "inline" if inline else "attachment"
    headers = {
        "Content-Disposition": f'{where}; filename="{name}"', "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    return HttpResponse(data, content_type="application/pdf", headers=headers)
