"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return the site's own facts and the reader's appearance."""
    appearance = getattr(request.user, "appearance", "system") if hasattr(request, "user") else ""
    return {"DEMO": settings.DEMO, "SITE_URL": settings.SITE_URL, "appearance": appearance}
