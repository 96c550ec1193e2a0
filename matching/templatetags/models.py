"""What administrators are told of the language models, and which tables come first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

from matching import embedding

register = template.Library()

# Their tables are those of the sign-in: seldom needed, and never before those of the portal.
LIBRARIES = frozenset({"account", "auth", "mfa", "socialaccount", "usersessions"})


@register.simple_tag
def embedder_warning() -> str:
    """Return what keeps a configured language model from being used, '' when nothing does."""
    return embedding.embedder_warning()


@register.filter
def of_the_portal(apps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the portal's own apps of those that the administration lists."""
    return [app for app in apps if app["app_label"] not in LIBRARIES]


@register.filter
def of_libraries(apps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the others."""
    return [app for app in apps if app["app_label"] in LIBRARIES]
