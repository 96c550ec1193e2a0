"""Hidden words of an application: the officer's editor, and what the applicants see of it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from funding.forms.redactions import PassageForm
from funding.machines import LEAD, OFFICER, PARTNER
from funding.models import Application, Redaction
from funding.permissions import roles_for
from funding.services.redactions import OPEN_STATES, hide, proposed, show_again
from funding.services.review_reading import BlindReading
from funding.views.doing import tried
from funding.views.screening import application_run
from matching.views.asked import MemberRequest


@login_required
@require_http_methods(["GET", "POST"])
def application_redaction(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what reviewers read; an officer hides words."""
    application = application_run(request, pk, OFFICER, LEAD, PARTNER)
    if not application.call.is_blind:
        raise Http404
    form = PassageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        passage, said = form.cleaned_data["passage"], _("It is hidden wherever it stands.")
        if tried(request, lambda: hide(application, actor=request.user, passage=passage), said):
            return redirect("funding:application_redaction", application.pk)
    return render(
        request, "funding/application_redaction.html", context_of(request, application, form)
    )


def context_of(
    request: MemberRequest, application: Application, form: PassageForm
) -> dict[str, object]:
    """Return what the page shows."""
    is_officer = OFFICER in roles_for(application, request.user)
    may_hide = is_officer and application.call.state in OPEN_STATES
    return {
        "application": application, "call": application.call, "form": form,
        "reading": BlindReading(application, request.user, application.counted),
        "redactions": application.redactions.select_related("made_by"),
        "is_officer": is_officer, "may_hide": may_hide,
        "proposals": proposed(application) if may_hide else [],
    }  # fmt: skip


@login_required
@require_POST
def redaction_remove(request: MemberRequest, pk: int, redaction: int) -> HttpResponse:
    """Let reviewers read again what was hidden."""
    application = application_run(request, pk, OFFICER)
    found = get_object_or_404(Redaction, pk=redaction, application=application)
    tried(request, lambda: show_again(found, actor=request.user), _("Reviewers read it again."))
    return redirect("funding:application_redaction", application.pk)
