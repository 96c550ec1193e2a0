"""Pages that belong to the portal as a whole."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from konnect.accounts.models import Appearance
from konnect.accounts.views import safe_next
from konnect.figures import figures
from matching.models import Area

# The texts of the policies change only with a new version; consents name the same one.
POLICY_VERSION = "2026-11"
APPEARANCE_COOKIE = "appearance"


def home(request: HttpRequest) -> HttpResponse:
    """Say what the portal is, with true numbers."""
    areas = Area.objects.filter(version=Area.CURRENT_VERSION).exclude(code="OTHER")
    return render(request, "pages/home.html", {"figures": figures(), "areas": areas})


def about(request: HttpRequest) -> HttpResponse:
    """Say who runs the portal and why."""
    return render(request, "pages/about.html", {"operator": settings.OPERATOR})


def privacy(request: HttpRequest) -> HttpResponse:
    """Show the privacy policy."""
    return render(request, "pages/privacy.html", policy())


def terms(request: HttpRequest) -> HttpResponse:
    """Show the terms of use."""
    return render(request, "pages/terms.html", policy())


def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement."""
    return render(request, "pages/accessibility.html", policy())


def policy() -> dict[str, object]:
    """Return what the policies say of this installation."""
    return {"operator": settings.OPERATOR, "version": POLICY_VERSION}


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
