"""What the exceptions of the services of events mean to a program."""

from __future__ import annotations

from django.utils.translation import gettext as _

from events.services.publishing import CHANGED, OUTDATED, TAKEN, PublishingRefusedError
from konnect.accounts.api.problems import Problem, explain


def not_published(error: PublishingRefusedError) -> Problem:
    """Return why nothing was published."""
    words = {
        OUTDATED: _("Another schedule was published meanwhile."),
        CHANGED: _("Something has changed since this schedule was computed."),
        TAKEN: _("Somebody or some table is taken by now."),
    }
    detail = words.get(error.code, _("This schedule is not finished."))
    return Problem(409, detail, [{"code": error.code, "detail": detail}])


def teach() -> None:
    """Have the API explain what the services of events raise."""
    explain(PublishingRefusedError, not_published)
