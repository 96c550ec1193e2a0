"""One's own reviews: what waits, and what was handed in."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers

from funding.models import ReviewAssignment, ReviewState, Score
from funding.services.reviewing import assignments_of
from konnect.accounts.api.bodies import TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved

REVIEW = {
    "id": 41,
    "page": "/reviews/7b0c1c9e-6f3f-4c0b-9f59-0d7c7b9a1e55/",
    "call": 7,
    "application_number": 4,
    "state": "submitted",
    "is_rapporteur": False,
    "answer_by": "2031-12-01T22:59:00Z",
    "due_at": "2032-01-15T22:59:00Z",
    "scores": [{"criterion": "excellence", "value": 4.5, "not_assessed": "", "comment": "Bold."}],
}


class ScoreSerializer(serializers.Serializer[Score]):
    """What the reviewer gave at one criterion."""

    criterion = serializers.CharField(source="criterion.code")
    value = serializers.FloatField(allow_null=True)
    not_assessed = serializers.CharField(
        source="no_score_reason", allow_blank=True, help_text="Why there is no score."
    )
    comment = serializers.CharField(allow_blank=True)


@extend_schema_serializer(examples=[OpenApiExample("Review", REVIEW, response_only=True)])
class ReviewSerializer(serializers.Serializer[ReviewAssignment]):
    """A review of one application; who applies is never part of it."""

    id = serializers.IntegerField()
    page = serializers.SerializerMethodField(help_text="The page for people.")
    call = serializers.IntegerField(source="application.call_id")
    application_number = serializers.IntegerField(
        source="application.number", help_text="Within the call."
    )
    state = serializers.ChoiceField(ReviewState.choices)
    is_rapporteur = serializers.BooleanField(help_text="Writes the consensus report.")
    answer_by = TimeField(allow_null=True)
    due_at = TimeField(source="application.call.reviews_due_at", allow_null=True)
    scores = serializers.SerializerMethodField(help_text="Once the review is in.")

    def get_page(self, row: ReviewAssignment) -> str:
        """Return the address of its page."""
        return reverse("funding:review_detail", args=[row.key])

    def get_scores(self, row: ReviewAssignment) -> list[dict[str, Any]]:
        """Return the scores that were handed in."""
        review = getattr(row, "review", None)
        if review is None or not review.is_submitted:
            return []
        return [dict(ScoreSerializer(score).data) for score in review.scores.all()]


@extend_schema(tags=["reviews"])
class Reviews(Listed, Retrieved, Resource):
    """The reader's own reviews; reading an application and writing happens on the page."""

    queryset = ReviewAssignment.objects.all()
    serializer_class = ReviewSerializer

    def rows(self) -> QuerySet[Any]:
        """Return what the reader was asked for."""
        rows = assignments_of(self.reader).select_related("review")
        return rows.prefetch_related("review__scores__criterion").order_by("-pk")
