"""The histories of what the demonstration writes in bulk: what the services would have noted.

Each invented noun has gone the shortest way of its table from the beginning to where it stands;
applications, whose changes have dates of their own, the way that these tell.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils import timezone

from funding.machines import MACHINES, OFFICER, STARTS, Move
from funding.services.ledger import record
from funding.services.moving import MACHINE_OF
from funding.services.people import person_of

if TYPE_CHECKING:
    from funding.models import Call
    from konnect.accounts.models import User

Step = tuple[str, Move]
# From each kind of noun to its call.
CALL_OF = {
    "call": "", "application": "call__", "participant": "application__call__",
    "review": "application__call__", "grant": "decision__application__call__",
    "trip": "grant__decision__application__call__",
    "report": "grant__decision__application__call__",
}  # fmt: skip
# How many days after the closing of a call it goes on; what comes before lies before its opening.
DAYS_AFTER = {"screening": 1, "reviewing": 14, "panel": 90, "decided": 140, "released": 150,
              "running": 190, "closed_out": 600}  # fmt: skip


def write_histories(officer: User | None) -> None:
    """Write changes and ledger of everything of the invented calls."""
    for model, name in MACHINE_OF.items():
        every: QuerySet[Any] = QuerySet(model)
        rows = every.filter(**{f"{CALL_OF[name]}is_invented": True})
        for noun in rows.prefetch_related("changes").order_by("pk"):
            write_history(noun, name, officer)


def write_history(noun: Any, name: str, officer: User | None) -> None:
    """Write how one noun came to where it stands."""
    told = [(each.old_state, each.new_state) for each in noun.changes.all()]
    for old_state, new_state in told or stops(name, noun.state):
        for source, move in way(name, old_state, new_state):
            actor = officer if OFFICER in move.roles else None
            if not told:
                write_change(noun, source, move.target, actor)
            person = person_of(actor) if actor else None
            record(noun, move.event, actor=person, before={"state": source},
                   after={"state": move.target})  # fmt: skip


def stops(name: str, state: str) -> list[tuple[str, str]]:
    """Return from where to where a noun went: calls with projects ran before they were closed out."""
    if (name, state) == ("call", "closed_out"):
        return [(STARTS[name], "running"), ("running", state)]
    return [(STARTS[name], state)]


def write_change(noun: Any, source: str, target: str, actor: User | None) -> None:
    """Write one change; those of a call have the day on which calls do so."""
    change = noun.changes.create(old_state=source, new_state=target, actor=actor)
    if MACHINE_OF[type(noun)] == "call":
        noun.changes.filter(pk=change.pk).update(changed_at=moment_of(noun, target))


def moment_of(call: Call, state: str) -> datetime:
    """Return when a call came into a state, never later than now."""
    assert call.opens_at is not None
    assert call.closes_at is not None
    if state in DAYS_AFTER:
        return min(timezone.now(), call.closes_at + timedelta(days=DAYS_AFTER[state]))
    days = 7 if state == "approved" else 14
    return min(timezone.now(), call.opens_at - timedelta(days=days))


def way(name: str, source: str, target: str) -> list[Step]:
    """Return the shortest way from one state to another by the table of a noun.

    Raises:
        KeyError: there is none.
    """
    ways: dict[str, list[Step]] = {source: []}
    ahead = [source]
    while ahead and target not in ways:
        state = ahead.pop(0)
        for move in MACHINES[name]:
            if state in move.sources and move.target not in ways:
                ways[move.target] = [*ways[state], (state, move)]
                ahead.append(move.target)
    return ways[target]
