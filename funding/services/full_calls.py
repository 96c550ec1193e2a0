"""The second of two steps: the call to which the best outlines are invited."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from funding.machines import OFFICER
from funding.models import Application, Call
from funding.permissions import roles_for
from funding.phases import database_now
from funding.refusing import Blocker, RefusedError
from funding.services.call_parts import CriterionFacts, FunderFacts, set_criteria, set_funders
from funding.services.call_saving import create_call

if TYPE_CHECKING:
    from konnect.accounts.models import User

NO_OUTLINES = Blocker("no_outlines", _("Only a call for outlines leads to full applications."))
NOT_APPROVED = Blocker(
    "outlines_not_approved",
    _("Let the call for outlines be approved first: the second step takes its rules from it."),
)
NO_FULL_CALL = Blocker(
    "no_full_call",
    _("People are invited to apply in full: prepare that call first, and have it approved."),
)
FULL_CALL_OVER = Blocker(
    "full_call_over", _("The call for full applications closes before the invitations go out.")
)
STEP = "-2"
LONGEST_NUMBER = 30
KEPT = (
    "programme", "title_en", "title_ko", "summary_en", "summary_ko", "text_en", "text_ko", "zone",
    "blind_level", "reviews_wanted", "overall_threshold", "tie_break", "policy", "pot",
    "shortest_days", "longest_days", "contact_email", "is_invented",
)  # fmt: skip


def full_call_of(call: Call) -> Call | None:
    """Return the call for full applications that follows a call for outlines, unless cancelled."""
    if not call.is_outline:
        return None
    return call.full_calls.exclude(state="cancelled").first()


@transaction.atomic
def prepare_full_call(call: Call, *, actor: User) -> Call:
    """Begin the call for full applications with the texts, rules and money of the first step.

    Whoever asks twice gets the same call.

    Raises:
        PermissionDenied: the actor is not its programme officer.
        RefusedError: the call takes no outlines, or is not approved yet.
    """
    row = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if OFFICER not in roles_for(row, actor):
        raise PermissionDenied
    if found := full_call_of(row):
        return found
    if not row.is_outline:
        raise RefusedError([NO_OUTLINES])
    if row.approved_at is None or row.state == "cancelled":
        raise RefusedError([NOT_APPROVED])
    columns = {name: getattr(row, name) for name in KEPT} | {"number": next_number(row)}
    made = create_call(Call(outline_call=row, stage=2), actor=actor, columns=columns)
    take_parts(made, row, actor)
    return made


def next_number(call: Call) -> str:
    """Return a number that no call of the programme has, close to that of the first step."""
    stem = call.number[: LONGEST_NUMBER - 2 * len(STEP)]
    taken = set(Call.objects.filter(programme=call.programme_id).values_list("number", flat=True))
    number = f"{stem}{STEP}"
    while number in taken:
        number += STEP
    return number


def named(row: Any, kind: type[Any]) -> dict[str, Any]:
    """Return the columns of a row by the names that facts have; those that it lacks are left out."""
    return {each.name: getattr(row, each.name) for each in fields(kind) if hasattr(row, each.name)}


def take_parts(made: Call, first: Call, actor: User) -> None:
    """Write areas, goals, criteria and funders of one call for another one."""
    made.areas.set(first.areas.all())
    made.missions.set(first.missions.all())
    criteria = [CriterionFacts(**named(row, CriterionFacts)) for row in first.criteria.all()]
    set_criteria(made, criteria, actor=actor)
    rules = {row.funder_id: named(row, FunderFacts) for row in first.funder_rules.all()}
    rows = first.commitments.select_related("funder").order_by("pk")
    funders = [
        FunderFacts(**{**rules.get(row.funder_id, {}), **named(row, FunderFacts)}) for row in rows
    ]
    set_funders(made, funders, actor=actor)


def invitation_blockers(call: Call) -> list[Blocker]:
    """Return what keeps invitations from going out: they lead to a call that is approved, in time."""
    invited = Application.objects.filter(call=call, state="invited")
    if not call.is_outline or not invited.exists():
        return []
    full = full_call_of(call)
    if full is None or full.state != "approved" or full.closes_at is None:
        return [NO_FULL_CALL]
    return [FULL_CALL_OVER] if full.closes_at <= database_now() else []
