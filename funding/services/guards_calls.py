"""What must hold before calls move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funding.machines import DECIDED
from funding.models import Call, Grant
from funding.phases import database_now
from funding.refusing import Blocker
from funding.services.approvals import missing_approvals
from funding.services.call_readiness import missing_from
from funding.services.guards import guard

if TYPE_CHECKING:
    from konnect.accounts.models import User

CLOSED = Blocker("call_has_closed", gettext_lazy("The call has closed."))
STILL_OPEN = Blocker("call_is_open", gettext_lazy("The call has not closed yet."))
NO_PROJECTS = Blocker(
    "no_projects", gettext_lazy("Projects come of the full applications, not of outlines.")
)
# Grants for which nothing is left to do.
OVER = ("closed", "declined", "lapsed", "terminated")


@guard("call_is_complete")
def call_is_complete(call: Call, actor: User | None) -> list[Blocker]:
    """Everything that a call needs is there."""
    return [Blocker(problem.code, problem.words) for problem in missing_from(call)]


@guard("everybody_approved")
def everybody_approved(call: Call, actor: User | None) -> list[Blocker]:
    """The officer and one person of each funder said yes."""
    missing = [place.funder for place in missing_approvals(call)]
    return [Blocker("approval_missing", who_is_missing(str(each or ""))) for each in missing]


def who_is_missing(funder: str) -> str:
    """Return who still has to approve; '' stands for the programme officer."""
    if not funder:
        return _("The programme officer has not approved yet.")
    return _("Nobody of %(funder)s has approved yet.") % {"funder": funder}


@guard("call_has_not_closed")
def call_has_not_closed(call: Call, actor: User | None) -> list[Blocker]:
    """Applications are still taken, or will be; the clock of the database decides."""
    return [] if call.closes_at and database_now() < call.closes_at else [CLOSED]


@guard("call_has_closed")
def call_has_closed(call: Call, actor: User | None) -> list[Blocker]:
    """No application is taken any more."""
    return [] if call.closes_at and database_now() >= call.closes_at else [STILL_OPEN]


@guard("everything_is_screened")
def everything_is_screened(call: Call, actor: User | None) -> list[Blocker]:
    """Every application that was submitted was found eligible or not, and one at least was."""
    open_ones = call.applications.filter(state="submitted").count()
    found = []
    if open_ones:
        words = _("Applications still to be checked for eligibility: %(number)s")
        found.append(Blocker("not_screened", words % {"number": open_ones}))
    if not call.applications.filter(state="eligible").exists():
        found.append(Blocker("none_eligible", gettext_lazy("No application is eligible.")))
    return found


@guard("consensus_is_there")
def consensus_is_there(call: Call, actor: User | None) -> list[Blocker]:
    """No application is still being reviewed."""
    return left_in(
        call, ("eligible", "in_review"), "in_review", _("Applications still in review: %(number)s")
    )


@guard("everything_is_decided")
def everything_is_decided(call: Call, actor: User | None) -> list[Blocker]:
    """No application is without a decision."""
    undecided = ("submitted", "eligible", "in_review", "consensus", "ranked")
    words = _("Applications without a decision: %(number)s")
    found = left_in(call, undecided, "undecided", words)
    bare = call.applications.filter(state__in=DECIDED, decision=None)
    return found or [
        Blocker("undecided", words % {"number": number}) for number in [bare.count()] if number
    ]


def left_in(call: Call, states: tuple[str, ...], code: str, words: str) -> list[Blocker]:
    """Say how many applications stand in some states, if any do."""
    number = call.applications.filter(state__in=states).count()
    return [Blocker(code, words % {"number": number})] if number else []


@guard("everybody_released")
def everybody_released(call: Call, actor: User | None) -> list[Blocker]:
    """The chair and one person of each funder agreed that decisions go out."""
    agreed = set(call.releases.values_list("funder_id", flat=True))
    found = []
    if None not in agreed:
        found.append(Blocker("release_missing", gettext_lazy("The chair has not agreed yet.")))
    for row in call.commitments.select_related("funder"):
        if row.funder_id not in agreed:
            words = _("Nobody of %(funder)s has agreed yet.") % {"funder": row.funder}
            found.append(Blocker("release_missing", words))
    return found


@guard("call_gives_money")
def call_gives_money(call: Call, actor: User | None) -> list[Blocker]:
    """Projects come of full applications."""
    return [NO_PROJECTS] if call.is_outline else []


@guard("every_grant_is_closed")
def every_grant_is_closed(call: Call, actor: User | None) -> list[Blocker]:
    """Nothing is left to do for any grant of the call."""
    rows = Grant.objects.filter(decision__application__call=call).exclude(state__in=OVER)
    number = rows.count()
    words = _("Grants that are not closed yet: %(number)s")
    return [Blocker("grants_open", words % {"number": number})] if number else []
