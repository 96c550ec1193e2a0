"""The one door through which nouns of funding change their state: the tables are obeyed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from funding.machines import SYSTEM, Move, move_of, possible
from funding.models import (
    Application,
    Call,
    Grant,
    Participant,
    ReportDue,
    ReviewAssignment,
    Trip,
)
from funding.permissions import roles_for
from funding.refusing import REASON_MISSING, Blocker, RefusedError
from funding.services.guards import blockers_of
from funding.services.ledger import record
from funding.services.people import person_of
from konnect.states import Stateful, TransitionError

if TYPE_CHECKING:
    from konnect.accounts.models import User

MACHINE_OF: dict[type[Stateful], str] = {
    Call: "call", Application: "application", Participant: "participant",
    ReviewAssignment: "review", Grant: "grant", Trip: "trip", ReportDue: "report",
}  # fmt: skip


def move(
    noun: Stateful,
    event: str,
    *,
    actor: User | None,
    reason: str = "",
    columns: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    known_roles: frozenset[str] | None = None,
) -> None:
    """Let an event happen to a noun: lock it, check role and guard, write state and ledger.

    actor: None means that the portal itself acts.
    columns: written in the same statement as the state.
    facts: for the ledger; they name nobody.
    known_roles: of the actor, where the caller has locked the row in this transaction and has
        looked who asks; the minute before a deadline has no time to look twice.

    Raises:
        TransitionError: the table has no such move from where the noun stands now.
        PermissionDenied: it is not for this person to do.
        RefusedError: the guard says no; its blockers say why.
    """
    line = move_of(MACHINE_OF[type(noun)], event)
    with transaction.atomic(savepoint=known_roles is None):
        if known_roles is None:
            same_kind: QuerySet[Any] = QuerySet(type(noun))
            noun.refresh_from_db(from_queryset=same_kind.select_for_update())
            known_roles = roles_for(noun, actor) if actor else frozenset({SYSTEM})
        if found := refusals(noun, line, known_roles, actor, reason):
            raise RefusedError(found)
        before = {"state": noun.state}
        noun.move_to(line.target, actor=actor, reason=reason, columns=columns)
        after = {"state": line.target, **(facts or {})}
        person = person_of(actor) if actor else None
        record(noun, event, actor=person, reason=reason, before=before, after=after)


def refusals(
    noun: Stateful, line: Move, roles: frozenset[str], actor: User | None, reason: str
) -> list[Blocker]:
    """Return what stands against a move of a noun that is locked.

    Raises:
        TransitionError, PermissionDenied: see `move`.
    """
    if noun.state not in line.sources:
        raise TransitionError(f"{line.event} from {noun.state}")
    if not roles & set(line.roles):
        raise PermissionDenied
    missing = [REASON_MISSING] if line.needs_reason and not reason.strip() else []
    return missing + blockers_of(line.guard, noun, actor)


def moves_for(noun: Stateful, user: User) -> tuple[Move, ...]:
    """Return what somebody could do with a noun now; guards are asked when they do it."""
    return possible(MACHINE_OF[type(noun)], noun.state, roles_for(noun, user))


def may_happen(noun: Stateful, event: str, user: User) -> bool:
    """Tell whether somebody may let an event happen now; a reason is not asked for yet."""
    line = move_of(MACHINE_OF[type(noun)], event)
    return line in moves_for(noun, user) and not blockers_of(line.guard, noun, user)
