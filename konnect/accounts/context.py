"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from konnect.accounts.models import Appearance


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return the site's own facts, the page's address and the reader's appearance."""
    return {
        "DEMO": settings.DEMO,
        "SITE_URL": settings.SITE_URL,
        "SOCIAL_SIGN_IN": bool(settings.SOCIALACCOUNT_PROVIDERS),
        "appearance": appearance_for(request),
        "page_address": request.get_full_path(),
        "account_email": getattr(getattr(request, "user", None), "email", ""),
    }


def appearance_for(request: HttpRequest) -> str:
    """Return what the member chose, or the visitor's cookie."""
    user = getattr(request, "user", None)
    chosen = getattr(user, "appearance", None) or request.COOKIES.get("appearance", "")
    return chosen if chosen in Appearance.values else Appearance.SYSTEM.value
