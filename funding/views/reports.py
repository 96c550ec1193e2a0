"""Reports and results: written with autosave, read by officers, followed up for years."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms.boundfield import BoundField
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funding.forms.grants import FollowOnForm, OutputForm, RubricForm
from funding.forms.reports import ReportForm
from funding.forms.trips import ExtensionForm
from funding.machines import OFFICER
from funding.models import FollowUp, Output, Person, ReportDue
from funding.refusing import RefusedError
from funding.services import follow_ups, reports
from funding.services.report_pages import report_page_of, results_page_of
from funding.views.doing import reason_of, tried
from funding.views.grant_asked import grant_shown, report_shown
from funding.views.saving import differing, faults_of, seen_by, standing
from matching.services.profiles import EditConflict
from matching.views.asked import MemberRequest, asked_number

PAGE = "funding/report_detail.html"


@login_required
@require_http_methods(["GET", "POST"])
def report_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a report, or save what was typed; submit it where the button says so."""
    due = report_shown(request, pk)
    context = report_page_of(due, request.user)
    data = request.POST if request.method == "POST" else None
    forms = forms_of(context, data)
    context |= {"forms": forms, "extension_form": ExtensionForm()}
    if data is None:
        return render(request, PAGE, context)
    if not context["may_write"]:
        raise Http404
    if all(form.is_valid() for form in forms):
        return saved(request, due, forms, context)
    return unsaved(request, context, faults=faults_of(*forms))


def forms_of(context: dict[str, Any], data: Any = None) -> list[ReportForm]:
    """Return a form for each section of a report, with what was typed."""
    return [
        ReportForm(data, prefix=section.code, section=section, answers=answers,
                   shown_at=context["public_page"])
        for section, answers in context["sections"]
    ]  # fmt: skip


def unsaved(request: MemberRequest, context: dict[str, Any], **said: Any) -> HttpResponse:
    """Say why nothing was kept; the forms keep what was typed."""
    if request.htmx:
        return standing(request, seen_by(request), row=context["row"], **said)
    return render(request, PAGE, {**context, **said, "is_refused": True})


def saved(
    request: MemberRequest, due: ReportDue, forms: list[ReportForm], context: dict[str, Any]
) -> HttpResponse:
    """Keep what was typed, and hand it in if that was asked for."""
    answers = {form.section.code: form.answers() for form in forms}
    try:
        report = reports.save_report(due, answers, actor=request.user, seen=seen_by(request))
    except EditConflict:
        return outdated(request, due, forms)
    except RefusedError as refusal:
        return unsaved(request, context, blockers=refusal.blockers)
    if request.htmx:
        return standing(request, report.draft_number, saved_at=report.saved_at)
    if request.POST.get("then") == "submit":
        said = _("The report is handed in. Thank you.")
        tried(request, lambda: reports.submit_report(due, actor=request.user), said)
    else:
        messages.success(request, _("The draft is saved."))
    return redirect(due)


def outdated(request: MemberRequest, due: ReportDue, forms: list[ReportForm]) -> HttpResponse:
    """Say that somebody else saved; by hand, show what they saved beside what was typed here."""
    # The page of what stands now: sent once more, what is typed takes the place of just that.
    context = report_page_of(due, request.user)
    if request.htmx:
        return unsaved(request, context, is_conflict=True)
    theirs = named(forms_of(context))
    context |= {"forms": forms, "extension_form": ExtensionForm(), "stored": context["row"],
                "differing": list(differing(named(forms), theirs))}  # fmt: skip
    return render(request, PAGE, context, status=409)


def named(forms: list[ReportForm]) -> list[tuple[str, BoundField]]:
    """Return the fields of all sections with their labels."""
    return [(str(field.label), field) for form in forms for field in form]


@login_required
@require_POST
def report_move(request: MemberRequest, pk: int, event: str) -> HttpResponse:
    """Return or approve a report; take its summary off the public pages, or put it back."""
    due = report_shown(request, pk, OFFICER)
    match event:
        case "return":
            tried(request, lambda: reports.return_report(
                due, actor=request.user, reason=reason_of(request)))  # fmt: skip
        case "approve":
            tried(request, lambda: reports.approve_report(due, actor=request.user))
        case "publish":
            tried(request, lambda: reports.publish_report(
                due, actor=request.user, reason=reason_of(request)))  # fmt: skip
        case "hide":
            tried(request, lambda: reports.hide_report(
                due, actor=request.user, reason=reason_of(request)))  # fmt: skip
        case _other:
            raise Http404
    return redirect(due)


@login_required
@require_POST
def report_extend(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a report a later date."""
    due = report_shown(request, pk, OFFICER)
    form = ExtensionForm(request.POST)
    if form.is_valid():
        tried(request, lambda: reports.extend(due, actor=request.user, **form.cleaned_data))
        return redirect(due)
    context = report_page_of(due, request.user)
    return render(request, PAGE, {**context, "forms": forms_of(context), "extension_form": form})


@login_required
@require_GET
def grant_results(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what came of a grant: results, later money, follow-ups, marks."""
    return results_shown(request, pk)


def results_shown(
    request: MemberRequest, pk: int, rubric_form: RubricForm | None = None, **forms: Any
) -> HttpResponse:
    """Show the results of a grant with forms as they were typed; each follow-up has its own."""
    grant = grant_shown(request, pk)
    context = results_page_of(grant, request.user)
    for each in context["follow_ups"]:
        empty = RubricForm(year=each["row"].year)
        is_sent = rubric_form is not None and rubric_form.prefix == empty.prefix
        each["form"] = rubric_form if is_sent else empty
    context |= {"output_form": OutputForm(), "later_form": FollowOnForm(),
                "rubric_form": rubric_form, **forms}  # fmt: skip
    return render(request, "funding/grant_results.html", context)


@login_required
@require_POST
def output_add(request: MemberRequest, pk: int) -> HttpResponse:
    """Note a result."""
    grant = grant_shown(request, pk)
    form = OutputForm(request.POST)
    if not form.is_valid():
        return results_shown(request, pk, output_form=form)
    facts = form.cleaned_data
    tried(request, lambda: follow_ups.add_output(grant, actor=request.user, facts=facts))
    return redirect("funding:grant_results", grant.pk)


@login_required
@require_POST
def output_answer(request: MemberRequest, pk: int, output: int) -> HttpResponse:
    """Say whether a result that was found came of the grant."""
    grant = grant_shown(request, pk)
    found = get_object_or_404(Output.objects.select_related("grant"), grant=grant, pk=output)
    is_ours = request.POST.get("answer") == "yes"
    tried(request, lambda: follow_ups.answer_output(found, actor=request.user, is_ours=is_ours))
    return redirect("funding:grant_results", grant.pk)


@login_required
@require_POST
def follow_on_add(request: MemberRequest, pk: int) -> HttpResponse:
    """Note later money that grew out of a grant."""
    grant = grant_shown(request, pk)
    form = FollowOnForm(request.POST)
    if not form.is_valid():
        return results_shown(request, pk, later_form=form)
    facts = form.cleaned_data
    tried(request, lambda: follow_ups.add_follow_on(grant, actor=request.user, facts=facts))
    return redirect("funding:grant_results", grant.pk)


@login_required
@require_POST
def evaluator_ask(request: MemberRequest, pk: int, year: int) -> HttpResponse:
    """Ask an expert to judge what became of a grant."""
    grant = grant_shown(request, pk, OFFICER)
    row = get_object_or_404(FollowUp.objects.select_related("grant"), grant=grant, year=year)
    person = get_object_or_404(Person, pk=asked_number(request, "person"))
    tried(request, lambda: follow_ups.ask_evaluator(row, person, actor=request.user))
    return redirect("funding:grant_results", grant.pk)


@login_required
@require_POST
def follow_up_judge(request: MemberRequest, pk: int, year: int) -> HttpResponse:
    """Keep an expert's marks."""
    grant = grant_shown(request, pk)
    row = get_object_or_404(FollowUp, grant=grant, year=year)
    form = RubricForm(request.POST, year=year)
    if not form.is_valid():
        return results_shown(request, pk, rubric_form=form)
    tried(request, lambda: follow_ups.judge(row, form.cleaned_data, actor=request.user))
    return redirect("funding:grant_results", grant.pk)
