"""A call in figures for those who run it: the funnel, reviews, conflicts; a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funding.machines import DECIDED, UNDER_WAY, Move
from funding.models import (
    ApplicationState,
    ApplicationVersion,
    Call,
    Conflict,
    Grant,
    ReviewAssignment,
    ReviewState,
    Verdict,
)
from funding.refusing import Blocker
from funding.services.guards import blockers_of
from funding.services.moving import moves_for

if TYPE_CHECKING:
    from konnect.accounts.models import User


@dataclass(frozen=True)
class Step:
    """One step of the funnel: how many applications came so far, however they went on."""

    label: str | Promise
    number: int


@dataclass(frozen=True)
class Figures:
    """A call in numbers.

    funnel: from drafts to grants; reviews: by state in words; missing: reviews asked for that are
    not in; conflicts: those that stand; late: versions that came after closing.
    """

    funnel: list[Step]
    states: list[tuple[str, int]]
    reviews: list[tuple[str, int]]
    missing: int
    conflicts: int
    late: int

    @property
    def most(self) -> int:
        """The longest bar of the funnel, at least 1."""
        return max([1, *(step.number for step in self.funnel)])


# States in which an application has come this far, or further.
FUNDED = ("recommended", "accepted_by_applicant", "declined", "lapsed", "grant")
RANKED = ("ranked", *DECIDED, *FUNDED[1:])
REVIEWED = ("consensus", *RANKED)
ELIGIBLE = ("eligible", "in_review", *REVIEWED)
SUBMITTED = ("submitted", "ineligible", *ELIGIBLE)
FUNNEL: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("Begun"), ("draft", *SUBMITTED)),
    (_("Submitted"), SUBMITTED),
    (_("Eligible"), ELIGIBLE),
    (_("Reviewed"), REVIEWED),
    (_("Ranked"), RANKED),
    (_("Recommended for funding"), FUNDED),
)


def figures_of(call: Call) -> Figures:
    """Return a call in numbers; six queries."""
    states = counted(call.applications, "state")
    assignments = ReviewAssignment.objects.filter(application__call=call)
    reviews = counted(assignments, "state")
    grants = Grant.objects.filter(decision__application__call=call).count()
    funnel = [Step(label, sum(states.get(each, 0) for each in far)) for label, far in FUNNEL]
    # A submitted review is in, whatever comes after.
    missing = sum(reviews.get(state, 0) for state in UNDER_WAY if state != "submitted")
    if call.is_outline:
        funnel[-1:] = [Step(_("Invited to apply in full"), states.get("invited", 0))]
    else:
        funnel.append(Step(_("Grants"), grants))
    return Figures(
        funnel=funnel,
        states=named(ApplicationState.choices, states),
        reviews=named(ReviewState.choices, reviews),
        missing=missing,
        conflicts=Conflict.objects.filter(application__call=call, verdict=Verdict.STANDS).count(),
        late=ApplicationVersion.objects.filter(application__call=call, late_by__gt=0).count(),
    )


def counted(rows: Any, column: str) -> dict[str, int]:
    """Return how many rows have each value."""
    return dict(rows.order_by().values_list(column).annotate(Count("pk")))


def named(choices: Any, numbers: dict[str, int]) -> list[tuple[str, int]]:
    """Return numbers with the words of their states, those that there are."""
    return [(str(label), numbers[value]) for value, label in choices if numbers.get(value)]


WORDS: dict[str, str | Promise] = {
    "send_for_approval": _("Send for approval"),
    "send_back": _("Send back to be changed"),
    "reopen": _("Reopen to change the rules"),
    "screen": _("Begin the eligibility check"),
    "start_reviewing": _("Begin the reviews"),
    "convene": _("Hand over to the panel"),
    "decide": _("Close the decisions"),
    "revert_decision": _("Take the decisions back"),
    "release": _("Release the decisions"),
    "run": _("Projects begin"),
    "close_out": _("Close the call out"),
    "cancel": _("Cancel the call"),
}
# These are done on pages of their own: approving here, decisions with the panel.
ELSEWHERE = ("approve", "decide", "revert_decision", "release")
DANGEROUS = ("cancel", "reopen", "send_back", "revert_decision")


@dataclass(frozen=True)
class Offer:
    """One thing that the reader can do with a call, now or once nothing stands against it."""

    event: str
    words: str | Promise
    needs_reason: bool
    is_dangerous: bool
    # What stands against it now.
    blockers: list[Blocker]


def offers_for(call: Call, user: User) -> list[Offer]:
    """Return what somebody can do with a call, the way on first."""
    elsewhere = (*ELSEWHERE, "run") if call.is_outline else ELSEWHERE
    moves = [move for move in moves_for(call, user) if move.event not in elsewhere]
    found = [offer_of(move, blockers_of(move.guard, call, user)) for move in moves]
    return sorted(found, key=lambda offer: offer.is_dangerous)


def offer_of(move: Move, blockers: list[Blocker]) -> Offer:
    """Return a move in words."""
    words = WORDS[move.event]
    return Offer(move.event, words, move.needs_reason, move.event in DANGEROUS, blockers)
