"""The staff's own pages about accounts: seeing the portal as somebody, and who did."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from konnect.accounts.administration import lacks_second_factor
from konnect.accounts.impersonation import enter, leave
from konnect.accounts.models import Impersonation, User
from konnect.accounts.permissions import is_administrator
from konnect.accounts.requests import MemberRequest
from konnect.accounts.services.impersonations import (
    ImpersonationRefusedError,
    begin_impersonation,
    end_impersonation,
)
from konnect.accounts.staff_forms import ReasonForm

MOST_SHOWN = 100


@login_required
@require_http_methods(["GET", "POST"])
def impersonation_begin(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask for the reason, and show the portal as somebody sees it."""
    if not is_administrator(request.user) or lacks_second_factor(request):
        raise Http404
    person = get_object_or_404(User, pk=pk)
    return impersonation_form(request, person)


@reauthentication_required
def impersonation_form(request: MemberRequest, person: User) -> HttpResponse:
    """Show the form, or do what it says; somebody who signed in long ago signs in again."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            row = begin_impersonation(person, actor=request.user, reason=reason)
        except ImpersonationRefusedError as refusal:
            form.add_error(None, str(refusal.args[0]))
        else:
            enter(request, row)
            return redirect("home")
    return render(request, "accounts/impersonation_form.html", {"form": form, "person": person})


@login_required
@require_POST
def impersonation_end(request: MemberRequest) -> HttpResponse:
    """Go back to being oneself."""
    row: Impersonation | None = getattr(request, "impersonation", None)
    if row is None:
        raise Http404
    end_impersonation(row)
    leave(request, row.administrator)
    messages.success(request, _("You see the portal as yourself again."))
    return redirect("home")


@login_required
@require_GET
def impersonations(request: MemberRequest) -> HttpResponse:
    """Show a person who of the staff saw the portal as them, when and why."""
    rows = Impersonation.objects.filter(user=request.user)[:MOST_SHOWN]
    return render(request, "accounts/impersonation_list.html", {"rows": rows})
