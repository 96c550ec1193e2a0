"""When reports are due: the date that was set, or the latest one that an extension gave."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, Max, When
from django.db.models.functions import Coalesce, Greatest

from funding.services.grant_times import today_everywhere

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from funding.models import ReportDue

# Somebody still has to hand these in.
OPEN_STATES = ("scheduled", "open", "draft", "returned")


def date_of(due: ReportDue) -> date:
    """Return when a report is due, extensions counted; one query unless they were fetched."""
    dates = [row.new_on for row in due.extensions.all()]
    return max([due.due_on, *dates])


def is_overdue(due: ReportDue) -> bool:
    """Tell whether a report should have come."""
    return due.state in OPEN_STATES and date_of(due) < today_everywhere()


def with_dates(rows: QuerySet[ReportDue]) -> QuerySet[Any]:
    """Add `counts_on` to reports, the date that counts: the latest of all."""
    latest = Max("extensions__new_on")
    moved = Greatest(latest, F("due_on"))
    return rows.annotate(
        counts_on=Coalesce(Case(When(extensions__isnull=False, then=moved)), F("due_on"))
    )
