"""The officers' pages about what was handed in: eligibility, and questions to applicants."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from funding.forms.screening import AskForm, OpinionForm
from funding.forms_schema import schema_of
from funding.machines import FUNDER, OFFICER
from funding.models import Application
from funding.permissions import left_by, roles_for
from funding.services.clarifications import ask
from funding.services.receipts import budget_words, sections_of
from funding.services.screening import LOOKED_AT, give_opinion, unjudged_by
from funding.views.asked import call_run
from funding.views.doing import tried
from matching.views.asked import MemberRequest


@login_required
@require_GET
def screening_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what was handed in and what each of two people found."""
    call = call_run(request, pk)
    rows = call.applications.exclude(submitted_version=None).select_related("lead")
    rows = rows.exclude(pk__in=left_by(request.user).values("pk"))
    rows = rows.prefetch_related("opinions__given_by").order_by("number")
    mine = set(unjudged_by(request.user).filter(call=call).values_list("pk", flat=True))
    found = [{"application": each, "is_mine": each.pk in mine} for each in rows]
    # What waits for the reader stands first; the rest keeps its order.
    found.sort(key=lambda row: not row["is_mine"])
    return render(request, "funding/screening_list.html", {"call": call, "rows": found})


def application_run(request: MemberRequest, pk: int, *roles: str) -> Application:
    """Return a submitted application of a call that the reader runs.

    Raises:
        Http404: there is none, or the reader has none of these roles towards it.
    """
    rows = Application.objects.select_related("call", "lead").exclude(submitted_version=None)
    found: Application = get_object_or_404(rows, pk=pk)
    if not roles_for(found, request.user) & set(roles):
        raise Http404
    return found


@login_required
@require_http_methods(["GET", "POST"])
def application_screen(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what was handed in, and say whether it may take part."""
    application = application_run(request, pk, OFFICER, FUNDER)
    form = OpinionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts, said = form.cleaned_data, _("Your finding is kept.")
        if tried(request, lambda: give_opinion(application, actor=request.user, **facts), said):
            return redirect("funding:screening_list", application.call_id)
    version = application.counted
    content = version.content
    opinions = application.opinions.filter(version=version).select_related("given_by")
    is_said = any(each.given_by.user_id == request.user.pk for each in opinions)
    context = {
        "application": application, "call": application.call, "version": version, "form": form,
        "sections": sections_of(schema_of(content["form"]), content["answers"]),
        "opinions": opinions, "is_looked_at": is_looked_at(application), "is_said": is_said,
        "may_ask": OFFICER in roles_for(application, request.user),
        "budget": budget_words(content.get("budget", ())),
    }  # fmt: skip
    return render(request, "funding/application_screen.html", context)


def is_looked_at(application: Application) -> bool:
    """Tell whether it is looked at now whether an application may take part."""
    return application.call.state == "screening" and application.state in LOOKED_AT


@login_required
@require_http_methods(["GET", "POST"])
def application_ask(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask the applicants about named fields, with a time of its own."""
    application = application_run(request, pk, OFFICER)
    version = application.counted
    schema = schema_of(version.content["form"])
    form = AskForm(request.POST or None, schema=schema)
    if request.method == "POST" and form.is_valid():
        facts, said = form.cleaned_data, _("The question is sent.")
        if tried(request, lambda: ask(application, actor=request.user, **facts), said):
            return redirect("funding:application_screen", application.pk)
    context = {"application": application, "call": application.call, "form": form}
    return render(request, "funding/application_ask.html", context)
