"""What calls hold of somebody who prepares, approves or amends them, for the copy of their data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from funding.models import CallAmendment, CallApproval, CallChange, FunderOfficer, Outage
from konnect.accounts.models import User
from konnect.accounts.rights import Row, exempt_from_export, register_export, table

FACTS = "facts about funders, programmes and calls; who wrote them down is an officer's act"


def register_own_calls() -> None:
    """Make one's part in calls a part of the copy."""
    for name, label, rows, models in PARTS:
        register_export(name, label, rows, models=[f"funding.{model}" for model in models])
    exempt_from_export({f"funding.{model}": FACTS for model in FACTS_OF})


def funders_spoken_for(user: User) -> list[Row]:
    """Return the funders that the person speaks for."""
    return table(FunderOfficer.objects.filter(user=user))


def approvals(user: User) -> list[Row]:
    """Return the calls that the person approved."""
    return table(CallApproval.objects.filter(approved_by=user))


def amendments(user: User) -> list[Row]:
    """Return the amendments that the person published."""
    return table(CallAmendment.objects.filter(made_by=user))


def outages(user: User) -> list[Row]:
    """Return the outages that the person recorded."""
    return table(Outage.objects.filter(recorded_by=user))


def history(user: User) -> list[Row]:
    """Return what the person changed about calls."""
    return table(CallChange.objects.filter(actor=user))


PARTS = (
    ("funders", _("Funders that I speak for"), funders_spoken_for, ("FunderOfficer",)),
    ("call_approvals", _("Calls that I approved"), approvals, ("CallApproval",)),
    ("call_amendments", _("Amendments that I published"), amendments, ("CallAmendment",)),
    ("outages", _("Outages that I recorded"), outages, ("Outage",)),
    ("call_history", _("What I changed about calls"), history, ("CallChange",)),
)
FACTS_OF = (
    "Funder", "Mission", "Programme", "AreaCrosswalk", "CountryStatus", "Call",
    "CallMission", "CallDeadline", "Criterion", "Form", "FunderCommitment", "FunderRule",
)  # fmt: skip
