"""Applications: one's own, and what was handed in to calls that one runs."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers

from funding.applying import applications_of
from funding.models import Application, ApplicationState, ApplicationVersion
from funding.permissions import calls_run_by, left_by
from konnect.accounts.api.bodies import TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved

VERSION = {
    "number": 2,
    "received_at": "2031-11-15T22:58:03Z",
    "late_by": 0,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
APPLICATION = {
    "id": 31,
    "page": "/applications/31/",
    "call": 7,
    "outline": None,
    "number": 4,
    "title": "Recycling of solid-state batteries",
    "acronym": "RESOLVE",
    "area": "GREEN",
    "language": "en",
    "state": "in_review",
    "lead": "Anna Weber",
    "counts": 2,
    "versions": [VERSION],
}


class VersionSerializer(serializers.Serializer[ApplicationVersion]):
    """One version that was handed in; its check sum is of the canonical JSON (RFC 8785)."""

    number = serializers.IntegerField()
    received_at = TimeField(help_text="By the clock of the database.")
    late_by = serializers.IntegerField(help_text="Seconds after closing.")
    sha256 = serializers.CharField()


@extend_schema_serializer(
    examples=[OpenApiExample("Application", APPLICATION, response_only=True)]
)
class ApplicationSerializer(serializers.Serializer[Application]):
    """An application and its versions."""

    id = serializers.IntegerField()
    page = serializers.CharField(source="get_absolute_url", help_text="The page of applicants.")
    call = serializers.IntegerField(source="call_id")
    outline = serializers.IntegerField(
        source="outline_id", allow_null=True, help_text="What it is the full application of."
    )
    number = serializers.IntegerField(allow_null=True, help_text="Within the call.")
    title = serializers.CharField()
    acronym = serializers.CharField()
    area = serializers.CharField(source="area.code", allow_null=True, default=None)
    language = serializers.CharField()
    state = serializers.SerializerMethodField(
        help_text="To applicants in_review until decisions are out, whatever was found."
    )
    lead = serializers.CharField()
    counts = serializers.IntegerField(
        source="submitted_version", allow_null=True, help_text="The version that counts."
    )
    versions = VersionSerializer(many=True)

    def get_state(self, row: Application) -> ApplicationState:
        """Return the state as the reader may know it."""
        is_run: bool = getattr(row, "is_run", False)
        return ApplicationState(row.state) if is_run else row.told_state


@extend_schema(tags=["applications"])
class Applications(Listed, Retrieved, Resource):
    """Applications that one leads, is the partner of or writes in, and those handed in to calls that one runs."""

    queryset = Application.objects.all()
    serializer_class = ApplicationSerializer

    def rows(self) -> QuerySet[Any]:
        """Return what the reader may see; drafts are their writers' alone."""
        run = Q(call__in=calls_run_by(self.reader).values("pk"), submitted_version__isnull=False)
        run &= ~Q(pk__in=left_by(self.reader).values("pk"))
        own = Q(pk__in=applications_of(self.reader).values("pk"))
        rows = Application.objects.filter(own | run)
        rows = rows.annotate(is_run=ExpressionWrapper(run, output_field=BooleanField()))
        versions = Prefetch("versions", ApplicationVersion.objects.order_by("number"))
        return (
            rows.select_related("call", "area", "lead__user__profile")
            .prefetch_related(versions)
            .order_by("-pk")
        )
