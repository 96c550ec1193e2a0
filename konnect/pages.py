"""Pages that belong to the portal as a whole."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from konnect.accounts.models import Appearance
from konnect.accounts.policies import PRIVACY, TERMS, Policy
from konnect.accounts.retention_file import retention_shown
from konnect.accounts.views import safe_next
from konnect.figures import figures
from matching.models import Area
from matching.scoring.terms import WEIGHTS
from matching.services.score_table import TERM_LABELS

STATEMENT_VERSION = "2026-11"
APPEARANCE_COOKIE = "appearance"


def home(request: HttpRequest) -> HttpResponse:
    """Say what the portal is, with true numbers."""
    areas = Area.objects.filter(version=Area.CURRENT_VERSION).exclude(code="OTHER")
    return render(request, "pages/home.html", {"figures": figures(), "areas": areas})


def about(request: HttpRequest) -> HttpResponse:
    """Say who runs the portal and why."""
    return render(request, "pages/about.html", {"operator": settings.OPERATOR})


@require_safe
def privacy(request: HttpRequest, version: str = "") -> HttpResponse:
    """Show the privacy policy, the newest version or one that the address names."""
    return policy_page(request, PRIVACY, version)


@require_safe
def terms(request: HttpRequest, version: str = "") -> HttpResponse:
    """Show the terms of use, the newest version or one that the address names."""
    return policy_page(request, TERMS, version)


def policy_page(request: HttpRequest, policy: Policy, name: str) -> HttpResponse:
    """Show one version of a policy, what it is worth today, and which others there are.

    Raises:
        Http404: there is no such version.
    """
    shown = policy.version(name) if name else policy.newest
    if shown is None:
        raise Http404
    context = {
        "policy": policy,
        "shown": shown,
        "in_force": policy.in_force(),
        "versions": policy.versions[::-1],
        "version_address": f"{policy.purpose}_version",
        "text": policy.template(shown),
        "operator": settings.OPERATOR,
        "retention": retention_shown,
    }
    return render(request, "pages/policy.html", context)


def how_suggestions_work(request: HttpRequest) -> HttpResponse:
    """Say what is computed of people, from what, and how to object."""
    terms_shown = [(label, round(100 * WEIGHTS[term])) for term, label in TERM_LABELS.items()]
    return render(request, "pages/how_suggestions_work.html", {"terms": terms_shown})


def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement."""
    context = {"operator": settings.OPERATOR, "version": STATEMENT_VERSION}
    return render(request, "pages/accessibility.html", context)


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Make the pages light or dark; members keep it with their account."""
    response = redirect(safe_next(request))
    chosen = request.POST.get("appearance", "")
    if chosen not in Appearance.values:
        return response
    if request.user.is_authenticated:
        request.user.appearance = chosen
        request.user.save(update_fields=["appearance"])
    response.set_cookie(
        APPEARANCE_COOKIE,
        chosen,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
        httponly=True,
    )
    return response
