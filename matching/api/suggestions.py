"""Suggested partners, and what one says to them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api.answers import json_answer
from konnect.accounts.api.bodies import Given, TimeField
from konnect.accounts.api.pages import refusal
from konnect.accounts.api.views import Endpoint
from matching.models import Answer, CareerStage, DismissalReason, PartnerRole, Profile, Side
from matching.scoring.terms import TERMS
from matching.services.profiles import ensure_profile
from matching.services.suggestion_state import state_of
from matching.services.suggestions import SHOWN, Shortlist, answer_suggestion, undo_answer
from matching.views.suggestion_api import answer, body_of, slice_of

PARTS = {
    "topic": 0.31, "seeking": 0.1, "offering": 0.05, "area": 0.08, "organisation": 0.08,
    "mobility": 0.0, "stage": 0.025, "novelty": 0.0, "balance": -0.01, "demand": -0.025,
}  # fmt: skip


class TitlePair(serializers.Serializer[Any]):
    """A title in both languages."""

    en = serializers.CharField(allow_blank=True)
    ko = serializers.CharField(allow_blank=True)


class SuggestedOrganisation(serializers.Serializer[Any]):
    """An organisation, as suggestions name it."""

    id = serializers.IntegerField()
    ror = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    name_ko = serializers.CharField(allow_blank=True)


class SuggestedPartner(serializers.Serializer[Any]):
    """A suggested person as members see them."""

    name = serializers.CharField()
    hangul_name = serializers.CharField(allow_blank=True)
    page = serializers.CharField()
    side = serializers.ChoiceField(Side.choices)
    country = serializers.CharField(allow_blank=True)
    career_stage = serializers.ChoiceField(CareerStage.choices, allow_blank=True)
    organisation = SuggestedOrganisation(allow_null=True)
    organisation_unlisted = serializers.CharField(allow_blank=True)
    areas = serializers.ListField(child=serializers.CharField())
    topics = TitlePair(many=True)
    position = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True)
    summary_en = serializers.CharField(allow_blank=True)
    summary_ko = serializers.CharField(allow_blank=True)
    keywords = serializers.ListField(child=serializers.CharField())
    roles = serializers.ListField(child=serializers.ChoiceField(PartnerRole.choices))
    languages = serializers.ListField(child=serializers.CharField())
    would_host = serializers.BooleanField()
    would_visit = serializers.BooleanField()


class SuggestionEvidence(serializers.Serializer[Any]):
    """What the reasons on the page name; null where there is none, or none any more."""

    my_work = serializers.CharField(allow_null=True)
    their_work = serializers.CharField(allow_null=True)
    my_request = TitlePair(allow_null=True)
    their_offer = TitlePair(allow_null=True)
    my_offer = TitlePair(allow_null=True)
    their_request = TitlePair(allow_null=True)


class SuggestionSerializer(serializers.Serializer[Any]):
    """One suggested partner."""

    id = serializers.IntegerField(help_text="The number of the profile.")
    rank = serializers.IntegerField()
    score = serializers.FloatField()
    parts = serializers.DictField(
        child=serializers.FloatField(), help_text=f"{', '.join(TERMS)}; they add up to the score."
    )
    answer = serializers.ChoiceField(Answer.choices, allow_blank=True)
    partner = SuggestedPartner()
    evidence = SuggestionEvidence()


class SuggestionsSerializer(serializers.Serializer[Any]):
    """A part of a person's list."""

    count = serializers.IntegerField()
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    is_fresh = serializers.BooleanField(
        help_text="False while a new list is computed from the last edit."
    )
    obstacle = serializers.CharField(allow_blank=True, help_text="Why there is nothing.")
    results = SuggestionSerializer(many=True)


@extend_schema(tags=["suggestions"])
class Suggestions(Endpoint):
    """Suggested partners in the order of the page: dismissed ones left out, postponed ones last.

    Members whose session this process knows are answered earlier and in one query
    (`matching.views.suggestion_api.kept_suggestion_list`), with the same bytes.
    """

    @extend_schema(
        operation_id="suggestions_list", summary="Read one's suggested partners",
        responses=SuggestionsSerializer,
        parameters=[
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": SHOWN,
                                       "default": 20}, description="How many."),
            OpenApiParameter("offset", {"type": "integer", "minimum": 0, "maximum": SHOWN,
                                        "default": 0}, description="How many to pass over."),
        ],
        examples=[OpenApiExample(
            "Nobody yet", {"count": 0, "limit": 20, "offset": 0, "is_fresh": False,
                           "obstacle": "unpublished", "results": []}, response_only=True)],
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """The parts of each score add up to it; evidence names what the reasons name."""
        wanted = slice_of(request.query_params)
        if wanted is None:
            raise refusal("limit", f"limit is a number from 1 to {SHOWN}, offset 0 to {SHOWN}.")
        profile, state = state_of(self.reader)
        if profile is None:
            nobody = Shortlist([], is_fresh=False, embedder="")
            return json_answer(body_of(nobody, "", wanted, "[]"))
        return answer(request._request, self.reader, state, wanted)  # noqa: SLF001 - Django's own


class SuggestionAnswerRequestSerializer(Given):
    """What one says to a suggestion."""

    answer = serializers.ChoiceField(Answer.choices)
    reason = serializers.ChoiceField(
        DismissalReason.choices, required=False, allow_blank=True, default="",
        help_text="With `not_for_me` only.",
    )  # fmt: skip
    comment = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Answer",
            {
                "partner": 12,
                "answer": "later",
                "reason": "",
                "comment": "",
                "answered_at": "2026-11-02T08:15:00Z",
            },
            response_only=True,
        )
    ]
)
class SuggestionAnswerSerializer(serializers.Serializer[Any]):
    """An answer that counts."""

    partner = serializers.IntegerField(source="partner_id")
    answer = serializers.ChoiceField(Answer.choices)
    reason = serializers.ChoiceField(DismissalReason.choices, allow_blank=True)
    comment = serializers.CharField(allow_blank=True)
    answered_at = TimeField()


@extend_schema(tags=["suggestions"])
class SuggestionAnswers(Endpoint):
    """One's answer to one suggested person."""

    def partner(self) -> Profile:
        """Return the person of the address: one that the reader may see, but themselves."""
        people: QuerySet[Profile] = Profile.objects.visible_to(self.reader)
        return get_object_or_404(people.exclude(user=self.reader), pk=self.kwargs["partner"])

    @extend_schema(
        operation_id="suggestions_answer", request=SuggestionAnswerRequestSerializer,
        responses=SuggestionAnswerSerializer, summary="Answer a suggestion",
    )  # fmt: skip
    def put(self, request: Request, partner: int) -> Response:
        """An earlier answer no longer counts; the same one twice changes nothing."""
        person = self.partner()
        serializer = SuggestionAnswerRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        profile = ensure_profile(self.reader)
        row = answer_suggestion(profile, person, actor=self.reader, **serializer.validated_data)
        return Response(SuggestionAnswerSerializer(row).data)

    @extend_schema(
        operation_id="suggestions_undo", responses={204: None}, summary="Take an answer back"
    )
    def delete(self, request: Request, partner: int) -> Response:
        """Where there is none, nothing changes."""
        undo_answer(ensure_profile(self.reader), self.partner(), actor=self.reader)
        return Response(status=status.HTTP_204_NO_CONTENT)
