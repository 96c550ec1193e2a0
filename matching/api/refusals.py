"""What the exceptions of the services mean to a program."""

from __future__ import annotations

from django.utils.translation import gettext as _

from konnect.accounts.api.problems import Problem, explain
from konnect.states import TransitionError
from matching.permissions.contacts import RefusedError
from matching.services.profiles import EditConflict, NotReady


def refused(error: RefusedError) -> Problem:
    """Return everything that stands in the way."""
    errors = [
        {"code": blocker.code, "detail": str(blocker.words), "pointer": "#"}
        for blocker in error.blockers
    ]
    return Problem(409, _("This is not possible now."), errors)


def not_ready(error: NotReady) -> Problem:
    """Return what a profile lacks."""
    errors = [{"code": lack.code, "detail": str(lack.words)} for lack in error.lacking]
    return Problem(409, _("The profile lacks something that is needed."), errors)


def too_late(error: TransitionError) -> Problem:
    """Return that somebody was faster, or that this state leads nowhere like that."""
    detail = _("In its present state this is not possible.")
    return Problem(409, detail, [{"code": "state", "detail": detail}])


def changed_elsewhere(error: EditConflict) -> Problem:
    """Return that the profile was changed since it was read."""
    return Problem(412, _("It was changed elsewhere: read it again."))


def teach() -> None:
    """Have the API explain what the services of matching raise."""
    explain(RefusedError, refused)
    explain(NotReady, not_ready)
    explain(TransitionError, too_late)
    explain(EditConflict, changed_elsewhere)
