"""Taking decisions away again: the money is free, the ledger keeps what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funding.models import Application, Decision
from funding.services.ledger import record
from funding.services.people import person_of

if TYPE_CHECKING:
    from konnect.accounts.models import User


def forget_decision(application: Application, *, actor: User, reason: str) -> None:
    """Delete the decision about an application, if there is one, with its money.

    The caller holds the lock of the application, in the transaction that moves it.
    """
    for decision in Decision.objects.filter(application=application):
        record(application, "forget_decision", actor=person_of(actor), reason=reason,
               before=facts_of(decision))  # fmt: skip
        decision.delete()


def facts_of(decision: Decision) -> dict[str, object]:
    """Return a decision for the ledger; it names nobody."""
    amounts = decision.amounts.values_list("funder__code", "amount_minor")
    return {"outcome": decision.outcome, "amounts": dict(amounts)}
