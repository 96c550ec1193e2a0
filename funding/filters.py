"""Narrowing calls and funded projects down, for pages and the API alike."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funding.models import Award, Call, Grant, ReportDue
from funding.phases import Phase
from matching.filters import Values, is_code

APPROVED = Q(state="approved")
# Where calls stand, as conditions on the clock of the database; drafts are nobody's to filter.
STATUSES: dict[str, Q] = {
    Phase.UPCOMING: APPROVED & Q(opens_at__gt=Now()),
    Phase.OPEN: APPROVED & Q(opens_at__lte=Now(), closes_at__gt=Now()),
    Phase.CLOSED: APPROVED & Q(closes_at__lte=Now()),
    Phase.EVALUATION: Q(state__in=("screening", "reviewing", "panel", "decided")),
    Phase.RELEASED: Q(state="released"),
    Phase.RUNNING: Q(state="running"),
    Phase.CLOSED_OUT: Q(state="closed_out"),
    Phase.CANCELLED: Q(state="cancelled"),
}
COMING = STATUSES[Phase.UPCOMING] | STATUSES[Phase.OPEN]


class CallFilter(django_filters.FilterSet):
    """Calls, by area, by who pays, and by where they stand."""

    area = Values("areas__code__in", known=is_code, label=_("Area"))
    funder = Values("funder", known=is_code, method="paid_by", label=_("Funder"))
    status = Values("status", known=list(STATUSES), method="standing", label=_("Status"))

    class Meta:
        model = Call
        fields = ()

    def paid_by(self, rows: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Keep calls into which one of these funders puts money."""
        paid = Call.objects.filter(commitments__funder__code__in=value)
        return rows.filter(pk__in=paid.values("pk")) if value else rows

    def standing(self, rows: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Keep calls that stand at one of these points, by the clock of the database."""
        wanted = Q()
        for each in value:
            wanted |= STATUSES[each]
        return rows.filter(wanted) if value else rows


class ProjectFilter(django_filters.FilterSet):
    """Funded projects, by area, by who paid, and by whether they say what came of them."""

    area = Values("decision__application__area__code__in", known=is_code, label=_("Area"))
    funder = Values("funder", known=is_code, method="paid_by", label=_("Funder"))
    told = Values("told", known=("yes",), method="telling", label=_("Results"))

    class Meta:
        model = Grant
        fields = ()

    def paid_by(self, rows: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Keep projects for which one of these funders pays."""
        paid = Award.objects.filter(funder__code__in=value)
        return rows.filter(pk__in=paid.values("grant")) if value else rows

    def telling(self, rows: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """Keep projects whose summary is public."""
        told = ReportDue.objects.filter(state="published")
        return rows.filter(pk__in=told.values("grant")) if value else rows
