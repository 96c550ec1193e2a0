"""Approval of a call: by its programme officer, and by one person of each funder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.machines import FUNDER, OFFICER
from funding.models import Call, CallApproval, Funder
from funding.permissions import roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.call_readiness import missing_from
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.people import person_of
from konnect.states import TransitionError

if TYPE_CHECKING:
    from konnect.accounts.models import User

ALREADY = Blocker("already_approved", _("You have approved this call already."))
BY_ANOTHER = Blocker(
    "approved_by_another", _("Somebody else has approved this call for you already.")
)


@dataclass(frozen=True)
class Place:
    """One approval that a call needs: by the programme officer (no funder), or for a funder."""

    funder: Funder | None
    approval: CallApproval | None


def places_of(call: Call) -> list[Place]:
    """Return every approval that a call needs, given or not; two queries."""
    given = {row.funder_id: row for row in call.approvals.select_related("approved_by")}
    funders = [row.funder for row in call.commitments.select_related("funder").order_by("pk")]
    return [Place(each, given.get(each.pk if each else None)) for each in (None, *funders)]


def missing_approvals(call: Call) -> list[Place]:
    """Return the approvals that a call still needs."""
    return [place for place in places_of(call) if place.approval is None]


@transaction.atomic
def approve_call(call: Call, *, actor: User, reason: str = "") -> Place:
    """Say yes for the officer or for a funder; the last yes publishes the call.

    Each person says yes once, so that nobody approves alone. The lock on the call lets two who
    are the last ones approve one after the other.

    Raises:
        TransitionError: it does not wait for approval.
        PermissionDenied: the actor speaks neither for the programme nor for a funder of it.
        RefusedError: they did so before, somebody else did, or something is missing meanwhile.
    """
    call.refresh_from_db(from_queryset=Call.objects.select_for_update(of=("self",)))
    if call.state != "in_approval":
        raise TransitionError(f"approve from {call.state}")
    place = place_for(call, actor)
    if found := missing_from(call):
        raise RefusedError([Blocker(problem.code, problem.words) for problem in found])
    CallApproval.objects.create(call=call, funder=place.funder, approved_by=actor)
    after = {"funder": place.funder.code if place.funder else ""}
    record(call, "approval", actor=person_of(actor), after=after)
    if not missing_approvals(call):
        columns = dict.fromkeys(("approved_at", "updated_at"), timezone.now())
        move(call, "approve", actor=actor, reason=reason, columns=columns)
    return place


def place_for(call: Call, actor: User) -> Place:
    """Return for whom somebody can say yes.

    Raises:
        PermissionDenied, RefusedError: see `approve_call`.
    """
    if not roles_for(call, actor) & {OFFICER, FUNDER}:
        raise PermissionDenied
    if call.approvals.filter(approved_by=actor).exists():
        raise RefusedError([ALREADY])
    open_places = [place for place in missing_approvals(call) if speaks_for(actor, place, call)]
    if not open_places:
        raise RefusedError([BY_ANOTHER])
    return open_places[0]


def speaks_for(actor: User, place: Place, call: Call) -> bool:
    """Tell whether somebody can give this approval."""
    if place.funder is None:
        return OFFICER in roles_for(call, actor)
    return place.funder.has_officer(actor)


def may_approve(call: Call, user: User) -> bool:
    """Tell whether somebody can say yes now."""
    if call.state != "in_approval":
        return False
    try:
        place_for(call, user)
    except (PermissionDenied, RefusedError):
        return False
    return True
