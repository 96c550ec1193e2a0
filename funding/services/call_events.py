"""What happens to a call beside its change of state: who is told, what is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from funding.models import Call
from funding.services.approvals import approve_call
from funding.services.call_notices import CANCELLATION_TASK, ask_funders
from funding.services.moving import move
from konnect.accounts.doorbell import ring

if TYPE_CHECKING:
    from konnect.accounts.models import User

Event = Callable[..., Any]


def happen(call: Call, event: str, *, actor: User, reason: str = "") -> None:
    """Let an event of the table happen to a call, with everything that belongs to it.

    Raises:
        KeyError: the table has no such event.
        TransitionError, PermissionDenied, RefusedError: see `move`.
    """
    special = EVENTS.get(event)
    if special is not None:
        special(call, actor=actor, reason=reason)
    else:
        move(call, event, actor=actor, reason=reason)


@transaction.atomic
def send_for_approval(call: Call, *, actor: User, reason: str = "") -> None:
    """Send a call to its funders; they are told at once."""
    move(call, "send_for_approval", actor=actor, reason=reason)
    call.approvals.all().delete()
    ask_funders(call)


@transaction.atomic
def send_back(call: Call, *, actor: User, reason: str = "") -> None:
    """Make a call a draft again; what was approved is to be approved anew."""
    move(call, "send_back", actor=actor, reason=reason)
    call.approvals.all().delete()


@transaction.atomic
def reopen_call(call: Call, *, actor: User, reason: str = "") -> None:
    """Take an approved call back for a change of its rules: everybody approves again.

    Its closing stays promised: it can only be later afterwards.
    """
    move(call, "reopen", actor=actor, reason=reason, columns={"approved_at": None})
    call.approvals.all().delete()
    ask_funders(call)


@transaction.atomic
def cancel_call(call: Call, *, actor: User, reason: str = "") -> None:
    """Cancel a call; the worker tells everybody who has an application."""
    # Readers of feeds ask what changed.
    move(call, "cancel", actor=actor, reason=reason, columns={"updated_at": timezone.now()})
    ring(CANCELLATION_TASK)


# Events that are more than a move; the others are moves alone.
EVENTS: dict[str, Event] = {
    "send_for_approval": send_for_approval, "send_back": send_back, "approve": approve_call,
    "reopen": reopen_call, "cancel": cancel_call,
}  # fmt: skip
