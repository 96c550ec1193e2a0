"""Funded projects as everybody reads them: what the release made public, and the lead's summary.

Nobody is named: a project is its title, the two places that work together, its days, and the text
that was written for everybody and approved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from funding.machines import GONE
from funding.models import Call, Grant, ReportDue
from funding.services.awards_export import TAKEN
from funding.services.report_content import public_part
from funding.visibility import RELEASED

if TYPE_CHECKING:
    from funding.models import Participant
    from matching.models import Organisation

LEADING = ("lead", "partner")


@dataclass(frozen=True)
class Place:
    """Where one of the two sides of a project works; unlisted: a name, where no list has it."""

    organisation: Organisation | None
    unlisted: str
    country_code: str


@dataclass(frozen=True)
class Summary:
    """What came of a project, in the words of its lead; one of the two languages may lack."""

    text_en: str
    text_ko: str


def public_projects() -> QuerySet[Any]:
    """Return the grants that were taken, of calls whose decisions are out, with their projects.

    Each has `has_summary`: whether a summary for everybody is public.
    """
    rows = Grant.objects.filter(state__in=TAKEN, decision__application__call__state__in=RELEASED)
    told = ReportDue.objects.filter(grant=OuterRef("pk"), state="published")
    found = rows.select_related("decision__application__call__programme")
    return found.annotate(has_summary=Exists(told))


def projects_of(call: Call) -> QuerySet[Any]:
    """Return the projects of a call, those with a summary first, then by title; two queries."""
    rows = public_projects().filter(decision__application__call=call)
    return rows.prefetch_related("decision__application__participants__organisation").order_by(
        "-has_summary", "decision__application__title", "pk"
    )


def all_projects() -> QuerySet[Any]:
    """Return the projects of all calls with places and money, the newest first; three queries."""
    rows = (
        public_projects()
        .select_related("decision__application__area")
        .prefetch_related("decision__application__participants__organisation", "awards__funder")
    )
    return rows.order_by("-accepted_at", "-pk")


def projects_with_summary() -> QuerySet[Any]:
    """Return the projects whose summary is public, with `told_at`: since when it is."""
    is_told = Q(reports_due__state="published", reports_due__changes__new_state="published")
    newest = Max("reports_due__changes__changed_at", filter=is_told)
    return public_projects().filter(has_summary=True).annotate(told_at=newest)


def places_of(grant: Grant) -> list[Place]:
    """Return where the two sides work, the lead's first, each place once."""
    rows = grant.decision.application.participants.all()
    return list(dict.fromkeys(place_of(row) for row in leading(rows)))


def leading(rows: Iterable[Participant]) -> list[Participant]:
    """Return lead and partner, in this order; others are not public."""
    found = [row for row in rows if row.role in LEADING and row.state not in GONE]
    return sorted(found, key=lambda row: LEADING.index(row.role))


def place_of(row: Participant) -> Place:
    """Return where a participant works."""
    country = row.country_code or (row.organisation.country_code if row.organisation else "")
    return Place(row.organisation, "" if row.organisation else row.organisation_unlisted, country)


def summary_of(grant: Grant) -> Summary | None:
    """Return what everybody may read of the reports of a grant; None: nothing yet."""
    rows = grant.reports_due.filter(state="published").order_by("due_on", "pk")
    found: dict[str, str] = {}
    for due in rows.select_related("grant__decision__application"):
        found |= public_part(due)
    return Summary(found.get("en", ""), found.get("ko", "")) if found else None
