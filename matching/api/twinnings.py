"""Organisations of the two sides that go together."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api.authentication import MayWrite, SignedInToWrite
from konnect.accounts.api.bodies import Given, TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved
from matching.api.examples import ORGANISATION_IN_SHORT
from matching.api.people import CodesField, OrganisationInShort
from matching.models import (
    AgreementKind,
    Organisation,
    Twinning,
    TwinningActivityKind,
    TwinningState,
)
from matching.permissions.twinnings import may_answer, may_withdraw, own_side
from matching.services.twinnings import (
    confirm_twinning,
    decline_twinning,
    end_twinning,
    renew_twinning,
    withdraw_twinning,
)

EXAMPLE = {
    "id": 6,
    "page": "/twinnings/6/",
    "state": "active",
    "proposer": ORGANISATION_IN_SHORT,
    "partner": ORGANISATION_IN_SHORT | {"id": 44, "country_code": "BE", "city": "Leuven"},
    "areas": ["GREEN"],
    "aims_en": "A joint laboratory for stable modules.",
    "aims_ko": "",
    "agreement": "memorandum",
    "agreement_url": "",
    "starts_on": "2027-01-01",
    "created_at": "2026-11-02T08:15:00Z",
    "valid_until": "2027-11-02T08:15:00Z",
    "activities": [
        {
            "kind": "workshop",
            "title_en": "Kick-off in Seoul",
            "title_ko": "",
            "takes_place_on": "2027-03-10",
            "url": "",
        }
    ],
}


class ActivitySerializer(serializers.Serializer[Any]):
    """One thing that twinned organisations did or plan."""

    kind = serializers.ChoiceField(TwinningActivityKind.choices)
    title_en = serializers.CharField(allow_blank=True)
    title_ko = serializers.CharField(allow_blank=True)
    takes_place_on = serializers.DateField()
    url = serializers.CharField(allow_blank=True)


@extend_schema_serializer(examples=[OpenApiExample("Twinning", EXAMPLE, response_only=True)])
class TwinningSerializer(serializers.Serializer[Twinning]):
    """Two organisations that both confirmed to go together, or one that proposed it."""

    id = serializers.IntegerField()
    page = serializers.SerializerMethodField(help_text="The page for people.")
    state = serializers.ChoiceField(TwinningState.choices)
    proposer = OrganisationInShort()
    partner = OrganisationInShort()
    areas = CodesField(source="areas.all", help_text="Codes of areas.")
    aims_en = serializers.CharField(allow_blank=True)
    aims_ko = serializers.CharField(allow_blank=True)
    agreement = serializers.ChoiceField(AgreementKind.choices)
    agreement_url = serializers.CharField(allow_blank=True)
    starts_on = serializers.DateField()
    created_at = TimeField()
    valid_until = TimeField(allow_null=True)
    activities = ActivitySerializer(many=True, source="activities.all")

    def get_page(self, row: Twinning) -> str:
        """Return the address of its page."""
        return reverse("matching:twinning_detail", args=[row.pk])


class WordsRequestSerializer(Given):
    """Words that may go with an answer."""

    words = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


@extend_schema(tags=["twinnings"])
class Twinnings(Listed, Retrieved, Resource):
    """Active twinnings; all others only for people of the two organisations."""

    permission_classes = (SignedInToWrite, MayWrite)
    queryset = Twinning.objects.all()
    serializer_class = TwinningSerializer

    def rows(self) -> QuerySet[Any]:
        """Return what this reader may see."""
        visible = Twinning.objects.visible_to(self.request.user).with_sides()
        return visible.prefetch_related("activities")

    def side_of(self, twinning: Twinning) -> Organisation:
        """Return the organisation that the reader speaks for.

        Raises:
            PermissionDenied: they speak for neither.
        """
        side = own_side(self.reader, twinning)
        if side is None:
            raise PermissionDenied
        return side

    def acted(self) -> Response:
        """Return how it stands now."""
        return Response(self.shown(self.get_object()))

    @extend_schema(request=WordsRequestSerializer, responses=TwinningSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: int) -> Response:
        """Say yes for the partner: the twinning is active for a year."""
        twinning = self.get_object()
        if not may_answer(twinning, self.side_of(twinning)):
            raise PermissionDenied
        words = self.given(WordsRequestSerializer)["words"]
        confirm_twinning(twinning, actor=self.reader, words=words)
        return self.acted()

    @extend_schema(request=WordsRequestSerializer, responses=TwinningSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int) -> Response:
        """Say no for the partner, with or without words."""
        twinning = self.get_object()
        if not may_answer(twinning, self.side_of(twinning)):
            raise PermissionDenied
        words = self.given(WordsRequestSerializer)["words"]
        decline_twinning(twinning, actor=self.reader, words=words)
        return self.acted()

    @extend_schema(request=None, responses=TwinningSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take a proposal back before it is answered."""
        twinning = self.get_object()
        if not may_withdraw(twinning, self.side_of(twinning)):
            raise PermissionDenied
        withdraw_twinning(twinning, actor=self.reader)
        return self.acted()

    @extend_schema(request=None, responses=TwinningSerializer)
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: int) -> Response:
        """Confirm another year for one side; with the other side's yes it begins."""
        twinning = self.get_object()
        renew_twinning(twinning, actor=self.reader, side=self.side_of(twinning))
        return self.acted()

    @extend_schema(request=WordsRequestSerializer, responses=TwinningSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: int) -> Response:
        """End it for good; either side may."""
        twinning = self.get_object()
        side = self.side_of(twinning)
        words = self.given(WordsRequestSerializer)["words"]
        end_twinning(twinning, actor=self.reader, side=side, words=words)
        return self.acted()
