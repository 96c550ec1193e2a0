"""The portal in numbers, for administrators and policy staff of both sides."""

from __future__ import annotations

import csv
import io

from django.contrib.auth.decorators import login_required
from django.core.cache import caches
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from konnect.accounts.models import Role
from konnect.accounts.permissions import has_role, is_administrator
from konnect.accounts.services.audit import record
from matching.charts import draw_chart
from matching.services.statistics import Statistic, statistics
from matching.views.asked import MemberRequest

KEPT_SECONDS = 600


def only_readers(request: MemberRequest) -> None:
    """Hide the numbers from everybody else."""
    if not (is_administrator(request.user) or has_role(request.user, Role.POLICY_ANALYST)):
        raise Http404


@login_required
@require_GET
def statistics_page(request: MemberRequest) -> HttpResponse:
    """Show every chart with its table; kept for some minutes in the memory of the process."""
    only_readers(request)
    key = f"statistics-{get_language()}"
    shown = caches["memory"].get_or_set(key, drawn_statistics, KEPT_SECONDS)
    return render(request, "matching/statistics.html", {"shown": shown})


def drawn_statistics() -> list[tuple[Statistic, SafeString]]:
    """Return all statistics with their pictures; none for those without a number to draw."""
    return [(each, picture(each)) for each in statistics()]


def picture(statistic: Statistic) -> SafeString:
    """Return the chart of a statistic."""
    points = statistic.points
    if not any(point.drawn for point in points):
        return SafeString("")
    rows = [{"place": p.place, "series": p.series, "value": p.drawn} for p in points]
    svg = draw_chart(
        rows, kind=statistic.kind, name=statistic.name, place=str(statistic.place), title=str(statistic.title),
        series=statistic.series,
    )  # fmt: skip
    return mark_safe(svg)  # noqa: S308 - drawn here, from numbers and our own words


@login_required
@require_GET
def statistics_export(request: MemberRequest) -> HttpResponse:
    """Hand all tables out as one CSV file."""
    only_readers(request)
    record(request.user, "statistics.exported")
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for each in statistics():
        writer.writerow([str(each.title)])
        writer.writerow([str(each.place), *each.series])
        writer.writerows([place, *numbers] for place, numbers in each.rows)
        writer.writerow([])
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="konnect-statistics.csv"'
    return response
