"""What reviewing and deciding hold of somebody, for the copy of their data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from funding.models import (
    Bid,
    CallExpert,
    Conflict,
    Consensus,
    EligibilityOpinion,
    Expert,
    LedgerEntry,
    PanelMember,
    Person,
    Recusal,
    Review,
    ReviewAssignment,
    Score,
    Signature,
)
from konnect.accounts.rights import Row, exempt_from_export, register_export, table

if TYPE_CHECKING:
    from konnect.accounts.models import User


def register_own_reviews() -> None:
    """Make one's part in judging a part of the copy."""
    for name, label, rows, model in PARTS:
        register_export(name, label, rows, models=[f"funding.{model}"])
    exempt_from_export(
        {f"funding.{model}": why for why, models in NEEDLESS.items() for model in models}
    )


def known_as(user: User) -> list[Row]:
    """Return as whom funding knows the person."""
    return table(Person.objects.filter(user=user))


def pool(user: User) -> list[Row]:
    """Return what the pool of reviewers says of the person."""
    return table(Expert.objects.filter(person__user=user), leave_out=["note"])


def invitations(user: User) -> list[Row]:
    """Return the calls that asked the person to review."""
    return table(CallExpert.objects.filter(expert__person__user=user))


def bids(user: User) -> list[Row]:
    """Return how gladly the person would review what."""
    return table(Bid.objects.filter(expert__person__user=user))


def conflicts(user: User) -> list[Row]:
    """Return the conflicts of interest that were found or declared."""
    return table(Conflict.objects.filter(person__user=user), leave_out=["evidence"])


def assignments(user: User) -> list[Row]:
    """Return what the person was asked to review."""
    return table(ReviewAssignment.objects.filter(reviewer__person__user=user), leave_out=["key"])


def reviews(user: User) -> list[Row]:
    """Return the reviews that the person wrote."""
    return table(Review.objects.filter(assignment__reviewer__person__user=user))


def scores(user: User) -> list[Row]:
    """Return the scores that the person gave."""
    return table(Score.objects.filter(review__assignment__reviewer__person__user=user))


def signatures(user: User) -> list[Row]:
    """Return what the person signed or did not agree with."""
    return table(Signature.objects.filter(reviewer__person__user=user))


def reports(user: User) -> list[Row]:
    """Return the consensus reports that the person wrote last."""
    return table(Consensus.objects.filter(saved_by__user=user))


def opinions(user: User) -> list[Row]:
    """Return what the person found about who is eligible."""
    return table(EligibilityOpinion.objects.filter(given_by__user=user))


def panels(user: User) -> list[Row]:
    """Return the panels that the person sits on."""
    return table(PanelMember.objects.filter(person__user=user))


def recusals(user: User) -> list[Row]:
    """Return the applications for which the person left the room."""
    return table(Recusal.objects.filter(member__person__user=user))


def ledger(user: User) -> list[Row]:
    """Return what the ledger says that the person did."""
    return table(LedgerEntry.objects.filter(actor__user=user))


PARTS = (
    ("funding_person", _("As whom mobility calls know me"), known_as, "Person"),
    ("reviewer_pool", _("What the pool of reviewers says of me"), pool, "Expert"),
    ("review_invitations", _("Calls that asked me to review"), invitations, "CallExpert"),
    ("review_wishes", _("What I would gladly review"), bids, "Bid"),
    ("review_conflicts", _("My conflicts of interest"), conflicts, "Conflict"),
    ("review_assignments", _("What I was asked to review"), assignments, "ReviewAssignment"),
    ("own_reviews", _("Reviews that I wrote"), reviews, "Review"),
    ("own_scores", _("Scores that I gave"), scores, "Score"),
    ("own_signatures", _("Consensus reports that I signed"), signatures, "Signature"),
    ("own_consensus", _("Consensus reports that I wrote"), reports, "Consensus"),
    ("eligibility_opinions", _("What I found about who is eligible"), opinions,
     "EligibilityOpinion"),
    ("own_panels", _("Panels that I sit on"), panels, "PanelMember"),
    ("own_recusals", _("Applications for which I left the room"), recusals, "Recusal"),
    ("funding_ledger", _("What the ledger of mobility calls says that I did"), ledger,
     "LedgerEntry"),
)  # fmt: skip
NEEDLESS = {
    "an officer's or the panel's act about others; the histories say who did it": (
        "AssignmentRun", "Clarification", "Decision", "DecisionAmount", "DueExtension",
        "GrantAmendment", "LateToken", "LotteryDraw", "Panel", "RankItem", "RankList", "Redaction",
        "Release",
    ),
    "histories of what is exported beside them": (
        "ApplicationChange", "ConsensusChange", "GrantChange", "ParticipantChange",
        "ReportDueChange", "ReviewAssignmentChange", "TripChange",
    ),
    "the money of a grant, which is exported": ("Award",),
    "numbers of the panel about applications": ("ConsensusScore",),
    "no person in it": ("LedgerHead",),
}  # fmt: skip
