"""What of the staff's doings is written down: the register of actions, by name.

An act that is not registered cannot be recorded, so that the list below is the whole of it.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, str | Promise] = {
    "account.read": _("Opened an account in the administration"),
    "consents.read": _("Looked into the consents of people"),
    "mail.read": _("Looked into the outbox"),
    "role.changed": _("Gave or took back a role"),
    "impersonation.begun": _("Began to see the portal as somebody"),
    "impersonation.ended": _("Ended seeing the portal as somebody"),
    "report.read": _("Opened a report of a problem"),
    "report.decided": _("Decided on a report of a problem"),
    "table.exported": _("Exported a table"),
    "table.imported": _("Imported a table"),
    "statistics.exported": _("Exported statistics"),
}


def label_of(action: str) -> str:
    """Return an action in words; its name when it is no longer registered."""
    return str(ACTIONS.get(action, action))
