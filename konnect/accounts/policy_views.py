"""What changed in the policies since somebody agreed to them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from konnect.accounts.models import ConsentPurpose, Language
from konnect.accounts.requests import MemberRequest
from konnect.accounts.services.policy_changes import NOTICE, answer_changes, unanswered


@login_required
@require_http_methods(["GET", "POST"])
def policy_changes(request: MemberRequest) -> HttpResponse:
    """Show what is new and take the answer; whoever says nothing is locked out of nothing."""
    policies = unanswered(request.user)
    needs_tick = any(policy.purpose == ConsentPurpose.TERMS for policy in policies)
    is_missing = request.method == "POST" and needs_tick and not request.POST.get("accepts")
    if request.method == "POST" and not is_missing:
        language = get_language() or Language.ENGLISH
        answer_changes(request.user, actor=request.user, language=language)
        request.session.pop(NOTICE, None)
        messages.success(request, _("Your choice is recorded."))
        return redirect(settings.LOGIN_REDIRECT_URL)
    if not policies:
        request.session.pop(NOTICE, None)
    context = {"policies": policies, "needs_tick": needs_tick, "is_missing": is_missing}
    return render(request, "accounts/policy_changes.html", context)
