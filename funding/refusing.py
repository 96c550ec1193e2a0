"""Why something is refused, as values and as the exception that carries them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from matching.permissions.contacts import Blocker, RefusedError

__all__ = ["REASON_MISSING", "Blocker", "RefusedError"]

REASON_MISSING = Blocker("reason_missing", _("Give a reason: it is kept with the decision."))
