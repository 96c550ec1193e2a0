"""Assignments as officers read them: figures of runs, what to give up in words, who reviews what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from funding.models import (
    ACTIVE,
    Application,
    AssignmentRun,
    Call,
    CallExpert,
    Expert,
    ReviewAssignment,
)

GROUPS: dict[str, str | Promise] = {
    "europe": _("a reviewer from Europe"), "korea": _("a reviewer from Korea"),
    "domain": _("an expert of its field"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One application with its reviewers in a run; the sum of their affinities."""

    application: Application
    reviewers: list[dict[str, Any]]
    total: float
    is_worst: bool


@dataclass(frozen=True)
class Report:
    """A finished run in figures and words."""

    lines: list[Line]
    loads: list[tuple[Expert, int]]
    ways_out: list[str | Promise]
    gap_percent: float


def size_of(call: Call) -> dict[str, int]:
    """Return how many reviews are wanted, and how many the experts would write."""
    applications = call.applications.filter(state__in=("eligible", "in_review")).count()
    experts = CallExpert.objects.filter(call=call, answer="accepted")
    return {
        "applications": applications, "wanted": applications * call.reviews_wanted,
        "experts": experts.count(), "room": sum(experts.values_list("most", flat=True)),
    }  # fmt: skip


def table_of(call: Call) -> list[dict[str, Any]]:
    """Return every application with who reviews it now; two queries."""
    rows = ReviewAssignment.objects.filter(application__call=call)
    rows = rows.select_related("reviewer__person").order_by("-is_rapporteur", "pk")
    teams: dict[int, list[ReviewAssignment]] = {}
    for row in rows:
        teams.setdefault(row.application_id, []).append(row)
    applications = call.applications.exclude(state__in=("draft", "withdrawn", "ineligible"))
    return [
        {"application": each, "assignments": teams.get(each.pk, []),
         "active": sum(row.state in ACTIVE for row in teams.get(each.pk, []))}
        for each in applications.order_by("number")
    ]  # fmt: skip


def report_of(run: AssignmentRun) -> Report | None:
    """Return what a finished run says; None while there is nothing."""
    found = run.result
    if not found:
        return None
    experts = Expert.objects.select_related("person").in_bulk(map(int, found["loads"]))
    applications = run.call.applications.in_bulk()
    loads = [(experts[int(pk)], load) for pk, load in found["loads"].items() if int(pk) in experts]
    loads.sort(key=lambda pair: (-pair[1], str(pair[0])))
    ways = [way_out(row, experts, applications) for row in found["relaxations"]]
    return Report(lines_of(found, experts, applications), loads, ways, gap_of(found))


def gap_of(found: dict[str, Any]) -> float:
    """Return by how much per cent the total could be better at most."""
    bound = found["bound_total"]
    return 100 * max(bound - found["total"], 0) / bound if bound else 0.0


def lines_of(
    found: dict[str, Any], experts: dict[int, Expert], applications: dict[int, Application]
) -> list[Line]:
    """Return the applications of a run, the one that is served worst first."""
    teams: dict[int, list[dict[str, Any]]] = {}
    for application, expert, affinity, is_pinned in found["pairs"]:
        row = {"expert": experts.get(expert), "affinity": affinity, "is_pinned": is_pinned}
        teams.setdefault(application, []).append(row)
    sums = {pk: sum(row["affinity"] for row in team) for pk, team in teams.items()}
    worst = min(sums.values(), default=0.0)
    return [
        Line(applications[pk], teams[pk], sums[pk], sums[pk] == worst)
        for pk in sorted(teams, key=lambda pk: (sums[pk], pk))
        if pk in applications
    ]


def way_out(
    row: dict[str, Any], experts: dict[int, Expert], applications: dict[int, Application]
) -> str | Promise:
    """Return in words which rule to give up, by how much, and whose it is."""
    expert = str(experts.get(row["expert"] or 0, ""))
    application = applications.get(row["application"] or 0)
    number = application.number if application else ""
    words = {
        "demand": _("Application {number}: be content with {by} fewer reviews."),
        "least": _("{expert}: ask for {by} fewer reviews at least."),
        "most": _("{expert}: allow {by} more reviews."),
        "group": _("Application {number}: do without {group}."),
        "pin": _("Application {number}: let go of {expert}, who is fixed there."),
    }[row["code"]]
    group = GROUPS.get(row["group"], "")
    return format_lazy(words, number=number, expert=expert, by=row["by"], group=group)
