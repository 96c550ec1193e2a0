"""Grants with their money, trips and reports, for whoever has to do with them."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers

from funding.models import Award, Grant, GrantState, ReportDue, ReportState, Trip, TripState
from funding.services.grant_times import first_day, last_day
from funding.services.grants import grants_visible_to, with_project
from funding.services.report_dates import date_of
from funding.services.trips import trips_visible_to
from konnect.accounts.api.bodies import TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved

AWARD = {"funder": "agency", "currency": "EUR", "amount_minor": 4000000, "paid_minor": 1250050}
DUE = {"id": 8, "page": "/reports/8/", "kind": "final", "sequence": 1, "state": "open",
       "due_on": "2032-03-01", "counts_on": "2032-04-01"}  # fmt: skip
TRIP = {
    "id": 3, "page": "/trips/3/", "grant": 5, "state": "approved", "first_day": "2031-06-01",
    "last_day": "2031-06-20", "days": 20, "traveller": "Anna Weber", "host": "Kim Minji",
    "home_organisation": "Technical University of Munich",
    "host_organisation": "Korea Advanced Institute of Science and Technology",
    "home_region": "europe", "host_region": "korea",
}  # fmt: skip
GRANT = {
    "id": 5, "page": "/grants/5/", "reference": "KE-2-004", "application": 31, "call": 2,
    "title": "Recycling of solid-state batteries", "state": "active",
    "first_day": "2031-01-01", "last_day": "2031-12-31", "answer_by": "2030-11-30T12:00:00Z",
    "awards": [AWARD], "reports": [DUE],
}  # fmt: skip


class AwardSerializer(serializers.Serializer[Award]):
    """What one funder awards and has paid, in its smallest unit of money."""

    funder = serializers.CharField(source="funder.code")
    currency = serializers.CharField(source="funder.currency")
    amount_minor = serializers.IntegerField()
    paid_minor = serializers.IntegerField()


class DueSerializer(serializers.Serializer[ReportDue]):
    """A report that is due."""

    id = serializers.IntegerField()
    page = serializers.CharField(source="get_absolute_url", help_text="The page for people.")
    kind = serializers.CharField()
    sequence = serializers.IntegerField(help_text="Of follow-ups: the year.")
    state = serializers.ChoiceField(ReportState.choices)
    due_on = serializers.DateField(help_text="As it was set; it never changes.")
    counts_on = serializers.SerializerMethodField(help_text="With its extensions.")

    def get_counts_on(self, row: ReportDue) -> str:
        """Return the date that counts."""
        return date_of(row).isoformat()


class Dated(serializers.Serializer[Any]):
    """Something with a first and a last day, both of them inside."""

    first_day = serializers.SerializerMethodField()
    last_day = serializers.SerializerMethodField()

    def get_first_day(self, row: Any) -> str:
        """Return the first day."""
        return first_day(row.period).isoformat()

    def get_last_day(self, row: Any) -> str:
        """Return the last day."""
        return last_day(row.period).isoformat()


@extend_schema_serializer(examples=[OpenApiExample("Grant", GRANT, response_only=True)])
class GrantSerializer(Dated):
    """Money that was offered for a decision, and the project that it pays."""

    id = serializers.IntegerField()
    page = serializers.CharField(source="get_absolute_url", help_text="The page for people.")
    reference = serializers.CharField()
    application = serializers.IntegerField(source="decision.application_id")
    call = serializers.IntegerField(source="decision.application.call_id")
    title = serializers.CharField(source="decision.application.title")
    state = serializers.ChoiceField(GrantState.choices)
    answer_by = TimeField(help_text="Until then the offer stands.")
    awards = AwardSerializer(many=True)
    reports = DueSerializer(source="reports_due", many=True)


@extend_schema_serializer(examples=[OpenApiExample("Trip", TRIP, response_only=True)])
class TripSerializer(Dated):
    """One stay of one traveller at a host of the other region."""

    id = serializers.IntegerField()
    page = serializers.CharField(source="get_absolute_url", help_text="The page for people.")
    grant = serializers.IntegerField(source="grant_id")
    state = serializers.ChoiceField(TripState.choices)
    days = serializers.IntegerField(help_text="The first and the last day count.")
    traveller = serializers.CharField()
    host = serializers.CharField(allow_null=True)
    home_organisation = serializers.CharField()
    host_organisation = serializers.CharField()
    home_region = serializers.CharField()
    host_region = serializers.CharField()


@extend_schema(tags=["grants"])
class Grants(Listed, Retrieved, Resource):
    """Grants that one leads, takes part in, runs or pays."""

    queryset = Grant.objects.all()
    serializer_class = GrantSerializer

    def rows(self) -> QuerySet[Any]:
        """Return what the reader may see; a fixed number of queries."""
        dues = ReportDue.objects.prefetch_related("extensions")
        rows = with_project(grants_visible_to(self.reader))
        return rows.prefetch_related(Prefetch("reports_due", dues)).order_by("-pk")


@extend_schema(tags=["trips"])
class Trips(Listed, Retrieved, Resource):
    """Trips that one makes or hosts, and those of the grants that one sees."""

    queryset = Trip.objects.all()
    serializer_class = TripSerializer

    def rows(self) -> QuerySet[Any]:
        """Return what the reader may see; one query."""
        rows = trips_visible_to(self.reader).select_related(
            "traveller", "host", "home_organisation", "host_organisation"
        )
        return rows.order_by("-pk")
