"""Handing an application in, and taking it back."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funding.forms.reasons import ReasonForm
from funding.models import Application
from funding.services.application_pages import missing_of
from funding.services.draft_content import read_draft
from funding.services.moving import may_happen
from funding.services.submitting import submit, withdraw
from funding.views.application_asked import application_led, frame_of
from funding.views.doing import tried
from matching.views.asked import MemberRequest


@login_required
@require_http_methods(["GET", "POST"])
def application_submit(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask once more, and hand in: the answer is a redirect, whatever it costs to draw a page."""
    if request.method == "POST":
        return handed_in(request, pk)
    application = application_led(request, pk)
    draft = read_draft(application)
    context = {**frame_of(request, application), "draft": draft, "missing": missing_of(draft)}
    return render(request, "funding/application_submit.html", context)


def handed_in(request: MemberRequest, pk: int) -> HttpResponse:
    """Hand in; where that is refused, say why on the list of tasks."""
    try:
        tried(request, lambda: submit(pk, actor=request.user), _("It is handed in."))
    except Application.DoesNotExist as error:
        raise Http404 from error
    return redirect(reverse("funding:application_detail", args=[pk]))


@login_required
@require_http_methods(["GET", "POST"])
def application_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether an application is really taken back, and take it back."""
    application = application_led(request, pk)
    data = request.POST if request.method == "POST" else None
    form = ReasonForm(data, is_wanted=False)
    if form.is_valid():
        said = _("The application is withdrawn.")
        if tried(request, lambda: withdraw(
            application, actor=request.user, reason=form.cleaned_data["reason"]), said):  # fmt: skip
            return redirect("funding:application_list")
    may_withdraw = may_happen(application, "withdraw", request.user)
    context = {**frame_of(request, application), "form": form, "may_withdraw": may_withdraw}
    return render(request, "funding/application_withdraw.html", context)
