"""Writing a section: saved by itself while one types, and never over what somebody else wrote."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funding.forms.application_sections import SectionForm
from funding.forms_schema import Section, schema_of
from funding.models import Application, Call, SectionDraft
from funding.refusing import RefusedError
from funding.services.application_pages import schema_json
from funding.services.draft_content import STAY
from funding.services.drafts import save_section
from funding.services.windows import window_of
from funding.views.application_asked import application_edited, frame_of
from funding.views.saving import faults_of, seen_by, standing
from matching.services.profiles import EditConflict
from matching.views.asked import MemberRequest

PAGE = "funding/application_section.html"


@login_required
@require_http_methods(["GET", "POST"])
def application_section(request: MemberRequest, pk: int, code: str) -> HttpResponse:
    """Show a section, save it, or show beside each other what two people wrote."""
    application = application_edited(request, pk)
    schema = schema_of(schema_json(application))
    codes = [section.code for section in schema.sections]
    if code not in codes:
        raise Http404
    section = schema.section(code)
    row = SectionDraft.objects.filter(application=application, code=code).first()
    form = form_of(request, section, row, application)
    context = {
        **frame_of(request, application), "section": section, "form": form,
        "number": row.number if row else 0, "row": row,
        "next_code": next(iter(codes[codes.index(code) + 1 :]), None),
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        return saved(request, application, form, context)
    if request.method == "POST" and request.htmx:
        return standing(request, seen_by(request), row=row, faults=faults_of(form))
    return render(request, PAGE, context)


def form_of(
    request: MemberRequest, section: Section, row: SectionDraft | None, application: Application
) -> SectionForm:
    """Return the form of a section; a question of an officer opens only some fields."""
    window, open_codes = window_of(application), None
    if window.fields is not None:
        parts = [code.partition(".") for code in window.fields]
        open_codes = frozenset(field for part, _dot, field in parts if part == section.code)
    data = request.POST if request.method == "POST" else None
    answers = row.answers if row else {}
    return SectionForm(data, section=section, answers=answers, fields_open=open_codes,
                       hints=hints_for(section, application.call))  # fmt: skip


def hints_for(section: Section, call: Call) -> dict[str, str]:
    """Return what the call adds to the help of questions: how long it pays for."""
    if section.code != STAY[0]:
        return {}
    words = _("This call pays for %(least)d to %(most)d days.")
    return {STAY[1]: words % {"least": call.shortest_days, "most": call.longest_days}}


def saved(
    request: MemberRequest, application: Application, form: SectionForm, context: dict[str, Any]
) -> HttpResponse:
    """Save what was typed; show what came between."""
    code, number = context["section"].code, seen_by(request)
    try:
        row = save_section(application, code, form.answers(), number=number, actor=request.user)
    except EditConflict as error:
        return conflict(request, form, error.stored, context)
    except RefusedError as error:
        if request.htmx:
            return standing(request, number, blockers=error.blockers)
        return render(request, PAGE, {**context, "blockers": error.blockers})
    if request.htmx:
        cautions = [f"{form[name].label}: {words}" for name, words in form.too_much().items()]
        return standing(request, row.number, saved_at=timezone.now(), cautions=cautions)
    if too_much := form.too_much():
        return with_limits(request, form, too_much, {**context, "row": row, "number": row.number})
    if request.POST.get("then") == "next" and context["next_code"]:
        return redirect("funding:application_section", application.pk, context["next_code"])
    return redirect(application)


def with_limits(
    request: MemberRequest, form: SectionForm, too_much: dict[str, str], context: dict[str, Any]
) -> HttpResponse:
    """Show a section that is saved again, with what has to become shorter."""
    for name, words in too_much.items():
        form.add_error(name, words)
    messages.warning(request, _("It is saved as it is. Before you hand in, it has to fit."))
    return render(request, PAGE, context)


def conflict(
    request: MemberRequest, form: SectionForm, row: SectionDraft, context: dict[str, Any]
) -> HttpResponse:
    """Show what somebody else saved beside what was typed; nothing of either is lost."""
    if request.htmx:
        # The number stays: the next save by hand shows both.
        return standing(request, seen_by(request), row=row, is_conflict=True)
    theirs = SectionForm(section=context["section"], answers=row.answers)
    pairs = [
        (form[field.code], theirs[field.code])
        for field in context["section"].fields
        if form.answers().get(field.code) != row.answers.get(field.code)
    ]
    context |= {"pairs": pairs, "row": row, "number": row.number}
    return render(request, "funding/application_conflict.html", context, status=409)
