"""The kinds of news about calls, applications, reviews and grants."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from konnect.accounts.models.notification import Rhythm
from konnect.accounts.notifications import Kind

KINDS = (
    Kind(
        "calls",
        _("Changes of mobility calls that I apply to or run"),
        Rhythm.INSTANT,
        reason=_("You receive this message because of a mobility call on KONNECT."),
    ),
    Kind(
        "applications",
        _("My applications to mobility calls"),
        Rhythm.INSTANT,
        reason=_("You receive this message because of an application on KONNECT."),
    ),
    Kind(
        "reviews",
        _("Reviews that I am asked for"),
        Rhythm.INSTANT,
        reason=_("You receive this message because you review applications on KONNECT."),
    ),
    Kind(
        "grants",
        _("My grants, trips and reports"),
        Rhythm.INSTANT,
        reason=_("You receive this message because of a grant on KONNECT."),
    ),
)
