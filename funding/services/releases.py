"""Closing decisions, taking them back, and letting them out once everybody has agreed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.machines import CHAIR, FUNDER
from funding.models import Call, Funder, FunderOfficer, Panel, Release
from funding.permissions import roles_for
from funding.phases import database_now
from funding.refusing import Blocker, RefusedError
from funding.services.decisions import NOT_FROZEN
from funding.services.full_calls import invitation_blockers
from funding.services.guards_calls import everybody_released
from funding.services.ledger import record
from funding.services.letters import LETTERS_TASK
from funding.services.moving import move
from funding.services.offers import offer_grants
from funding.services.panels import panel_of
from funding.services.people import person_of
from funding.services.rank_lists import frozen_list
from konnect.accounts.doorbell import ring

if TYPE_CHECKING:
    from konnect.accounts.models import User

NOT_DECIDED = Blocker("not_decided", _("The decisions are not closed, or they are out already."))
NO_MINUTES = Blocker("no_minutes", _("Write the minutes first: who was there, what was decided."))


@dataclass(frozen=True)
class Place:
    """Somebody whose agreement is needed: the chair where there is no funder."""

    funder: Funder | None
    release: Release | None
    is_readers: bool


@transaction.atomic
def close_decisions(call: Call, *, actor: User) -> None:
    """Close the decisions of the panel, so that everybody can agree to their release.

    Raises:
        TransitionError, PermissionDenied, RefusedError: see `move`; no frozen list, no minutes,
        or people are invited to a call that is not there.
    """
    row = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if CHAIR not in roles_for(row, actor):
        raise PermissionDenied
    panel = panel_of(row)
    found = [] if frozen_list(row) else [NOT_FROZEN]
    if not panel.minutes.strip():
        found.append(NO_MINUTES)
    found += invitation_blockers(row)
    if found:
        raise RefusedError(found)
    move(row, "decide", actor=actor)
    Panel.objects.filter(pk=panel.pk).update(closed_at=timezone.now())


@transaction.atomic
def reopen_decisions(call: Call, *, actor: User, reason: str) -> None:
    """Take the decisions back to the panel; whoever agreed to their release has to agree anew.

    Raises:
        TransitionError, PermissionDenied, RefusedError: see `move`.
    """
    row = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    move(row, "revert_decision", actor=actor, reason=reason)
    row.releases.all().delete()
    Panel.objects.filter(call=row).update(closed_at=None)


def places_of(call: Call, user: User) -> list[Place]:
    """Return whose agreement is needed, the chair's first; three queries and those of roles."""
    given = {each.funder_id: each for each in call.releases.select_related("agreed_by")}
    own = spoken_for(call, user)
    funders = [each.funder for each in call.commitments.select_related("funder")]
    return [
        Place(None, given.get(None), CHAIR in roles_for(call, user)),
        *(Place(each, given.get(each.pk), each.pk in own) for each in funders),
    ]


def spoken_for(call: Call, user: User) -> set[int]:
    """Return the funders of a call for which somebody speaks."""
    rows = FunderOfficer.objects.filter(user=user.pk, funder__commitments__call=call)
    return set(rows.values_list("funder", flat=True))


@transaction.atomic
def agree_to_release(call: Call, *, actor: User) -> bool:
    """Agree for the chair or for one's funders; the last to agree releases. Return whether.

    The row of the call is locked first, so that of two who agree at once the second one sees the
    first.

    Raises:
        PermissionDenied: neither chair nor officer of a funder. RefusedError: not decided yet.
    """
    row = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    roles = roles_for(row, actor)
    if not roles & {CHAIR, FUNDER}:
        raise PermissionDenied
    if row.state != "decided":
        raise RefusedError([NOT_DECIDED])
    speaks = Funder.objects.filter(pk__in=spoken_for(row, actor)).order_by("pk")
    places: list[Funder | None] = [*speaks, *([None] if CHAIR in roles else [])]
    for funder in places:
        Release.objects.get_or_create(call=row, funder=funder, defaults={"agreed_by": actor})
        record(row, "agree", actor=person_of(actor), after={"funder": funder and funder.pk})
    if everybody_released(row, actor):
        return False
    release(row, actor)
    return True


def release(call: Call, actor: User) -> None:
    """Let the decisions out: applicants see them, grants are offered, the worker writes letters."""
    move(call, "release", actor=actor, columns={"released_at": database_now()})
    offer_grants(call, actor=actor)
    ring(LETTERS_TASK)
