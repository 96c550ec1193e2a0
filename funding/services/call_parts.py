"""The parts of a call that have rows of their own: criteria, funders with rules, further dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from funding.models import Call, CallDeadline, Criterion, Funder, FunderCommitment, FunderRule
from funding.services.call_saving import begin_change, finish_change

if TYPE_CHECKING:
    from konnect.accounts.models import User


@dataclass(frozen=True)
class CriterionFacts:
    """A criterion as officers write it; its code names it within the call."""

    code: str
    name_en: str
    name_ko: str
    guidance_en: str = ""
    guidance_ko: str = ""
    weight: Decimal = Decimal(1)
    most: Decimal = Decimal(5)
    threshold: Decimal = Decimal(3)
    is_track_record: bool = False


@dataclass(frozen=True)
class FunderFacts:
    """What a funder puts into a call, in its smallest unit of money, and its own rules."""

    funder: Funder
    budget_minor: int
    gap_pot_minor: int = 0
    most_minor: int | None = None
    text_en: str = ""
    text_ko: str = ""
    eligible_costs: list[str] = field(default_factory=list)
    organisation_types: list[str] = field(default_factory=list)
    # What one euro is in the funder's money, of which day, and who says so; or none of it.
    per_euro: Decimal | None = None
    rate_on: date | None = None
    rate_source: str = ""


@dataclass(frozen=True)
class DateFacts:
    """A further date: whose, what it is called, and when by the clocks of a zone."""

    kind: str
    label_en: str
    label_ko: str
    zone: str
    wall: str
    at: datetime
    funder: Funder | None = None


@transaction.atomic
def set_criteria(
    call: Call,
    rows: Sequence[CriterionFacts],
    *,
    actor: User,
    columns: dict[str, Any] | None = None,
    version: str | None = None,
) -> None:
    """Make these the criteria of a call, in this order.

    columns: of the call itself, thresholds and the order between equals.

    Raises:
        EditConflict, RefusedError, PermissionDenied: see `save_call`.
    """
    begin_change(call, actor=actor, version=version)
    before = facts_of(Criterion, call)
    call.criteria.exclude(code__in=[row.code for row in rows]).delete()
    for position, row in enumerate(rows):
        values = asdict(row) | {"position": position}
        Criterion.objects.update_or_create(call=call, code=values.pop("code"), defaults=values)
    changed = ["criteria"] if facts_of(Criterion, call) != before else []
    finish_change(call, changed + set_columns(call, columns or {}), actor=actor)


@transaction.atomic
def set_funders(
    call: Call, rows: Sequence[FunderFacts], *, actor: User, version: str | None = None
) -> None:
    """Make these the funders of a call, with their money and rules.

    Raises:
        EditConflict, RefusedError, PermissionDenied: see `save_call`.
    """
    begin_change(call, actor=actor, version=version)
    before = facts_of(FunderCommitment, call) + facts_of(FunderRule, call)
    kept = [row.funder for row in rows]
    call.commitments.exclude(funder__in=kept).delete()
    call.funder_rules.exclude(funder__in=kept).delete()
    for row in rows:
        set_funder(call, row)
    after = facts_of(FunderCommitment, call) + facts_of(FunderRule, call)
    finish_change(call, ["funders"] if after != before else [], actor=actor)


def set_funder(call: Call, row: FunderFacts) -> None:
    """Write what one funder puts in, and its rules."""
    FunderCommitment.objects.update_or_create(
        call=call, funder=row.funder,
        defaults={
            "currency": row.funder.currency, "budget_minor": row.budget_minor,
            "gap_pot_minor": row.gap_pot_minor, "per_euro": row.per_euro,
            "rate_on": row.rate_on, "rate_source": row.rate_source,
        },
    )  # fmt: skip
    FunderRule.objects.update_or_create(
        call=call, funder=row.funder,
        defaults={
            "text_en": row.text_en, "text_ko": row.text_ko, "most_minor": row.most_minor,
            "eligible_costs": row.eligible_costs, "organisation_types": row.organisation_types,
        },
    )  # fmt: skip


@transaction.atomic
def set_dates(
    call: Call, rows: Sequence[DateFacts], *, actor: User, version: str | None = None
) -> None:
    """Make these the further dates of a call.

    Raises:
        EditConflict, RefusedError, PermissionDenied: see `save_call`.
    """
    begin_change(call, actor=actor, version=version)
    before = facts_of(CallDeadline, call)
    call.deadlines.all().delete()
    CallDeadline.objects.bulk_create(CallDeadline(call=call, **vars(row)) for row in rows)
    after = facts_of(CallDeadline, call)
    finish_change(call, ["deadlines"] if after != before else [], actor=actor)


def set_columns(call: Call, columns: dict[str, Any]) -> list[str]:
    """Write columns of a call that is locked; return which ones changed."""
    changed = [name for name, value in columns.items() if getattr(call, name) != value]
    for name in changed:
        setattr(call, name, columns[name])
    if changed:
        call.save(update_fields=changed)
    return changed


def facts_of(model: Any, call: Call) -> list[str]:
    """Return the rows of a part without their numbers, to see whether anything changed."""
    rows = model.objects.filter(call=call).values()
    return sorted(repr({name: row[name] for name in row if name != "id"}) for row in rows)
