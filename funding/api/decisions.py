"""Decisions: one's own from the release on, those of a call for who runs it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers

from funding.machines import GONE
from funding.models import (
    ConsensusScore,
    Decision,
    DecisionAmount,
    Outcome,
    Participant,
)
from funding.permissions import calls_run_by, left_by
from funding.visibility import RELEASED
from konnect.accounts.api.bodies import TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved

DECISION = {
    "id": 12,
    "page": "/applications/31/result/",
    "call": 7,
    "application": 31,
    "number": 4,
    "outcome": "funded",
    "reserve_position": None,
    "amounts": [{"funder": "agency", "currency": "EUR", "amount_minor": 1000000}],
    "scores": [{"criterion": "excellence", "value": 4.5, "threshold": 3.0, "most": 5.0}],
    "decided_at": "2032-02-01T09:00:00Z",
}


class AmountSerializer(serializers.Serializer[DecisionAmount]):
    """What one funder gives, in its smallest unit of money."""

    funder = serializers.CharField(source="funder.code")
    currency = serializers.CharField(source="funder.currency")
    amount_minor = serializers.IntegerField()


class AgreedScoreSerializer(serializers.Serializer[ConsensusScore]):
    """What reviewers agreed on at one criterion."""

    criterion = serializers.CharField(source="criterion.code")
    value = serializers.FloatField()
    threshold = serializers.FloatField(source="criterion.threshold")
    most = serializers.FloatField(source="criterion.most")


@extend_schema_serializer(examples=[OpenApiExample("Decision", DECISION, response_only=True)])
class DecisionSerializer(serializers.Serializer[Decision]):
    """What was decided about an application; money in the smallest unit of each funder's."""

    id = serializers.IntegerField()
    page = serializers.SerializerMethodField(help_text="The page for people.")
    call = serializers.IntegerField(source="application.call_id")
    application = serializers.IntegerField(source="application_id")
    number = serializers.IntegerField(source="application.number", help_text="Within the call.")
    outcome = serializers.ChoiceField(Outcome.choices)
    reserve_position = serializers.IntegerField(allow_null=True)
    amounts = AmountSerializer(many=True)
    scores = serializers.SerializerMethodField(help_text="What reviewers agreed on.")
    decided_at = TimeField()

    def get_page(self, row: Decision) -> str:
        """Return the address of its page."""
        return reverse("funding:application_result", args=[row.application_id])

    def get_scores(self, row: Decision) -> list[dict[str, Any]]:
        """Return the scores of the version that counts."""
        application = row.application
        return [
            dict(AgreedScoreSerializer(score).data)
            for consensus in application.consensuses.all()
            if consensus.state == "signed"
            and consensus.version.number == application.submitted_version
            for score in consensus.scores.all()
        ]


@extend_schema(tags=["decisions"])
class Decisions(Listed, Retrieved, Resource):
    """Decisions that are out about one's own applications, and all of calls that one runs."""

    queryset = Decision.objects.all()
    serializer_class = DecisionSerializer

    def rows(self) -> QuerySet[Any]:
        """Return what the reader may see: applicants nothing before the release."""
        reader = self.reader
        named = Participant.objects.filter(
            person__user=reader, role__in=("lead", "partner")
        ).exclude(state__in=GONE)
        own = Q(application__lead__user=reader) | Q(application__in=named.values("application"))
        out = own & Q(application__call__state__in=RELEASED)
        theirs = Q(application__call__in=calls_run_by(reader).values("pk"))
        theirs &= ~Q(application__in=left_by(reader).values("pk"))
        rows = Decision.objects.filter(out | theirs)
        return rows.select_related("application").prefetch_related(
            "amounts__funder", "application__consensuses__version",
            "application__consensuses__scores__criterion",
        ).order_by("-pk")  # fmt: skip
