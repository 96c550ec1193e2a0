"""Answers to partner searches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api.bodies import Given, TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved
from matching.api.contacts import AnswerRequestSerializer
from matching.api.examples import INTEREST
from matching.api.lines import PersonInLine
from matching.api.own_profile import country, text
from matching.api.people import OrganisationInShort
from matching.filters import InterestFilter
from matching.models import (
    ExpressionOfInterest,
    InterestState,
    Listing,
    OrganisationType,
    OwnFunding,
    PartnerRole,
)
from matching.models.contact import is_of
from matching.permissions.interests import can_handle, can_withdraw
from matching.services.interests import (
    accept_interest,
    decline_interest,
    express_interest,
    shortlist_interest,
    withdraw_interest,
)
from matching.services.profiles import ensure_profile


@extend_schema_serializer(examples=[OpenApiExample("Interest", INTEREST, response_only=True)])
class InterestSerializer(serializers.Serializer[ExpressionOfInterest]):
    """One person's structured answer to one partner search."""

    id = serializers.IntegerField()
    page = serializers.SerializerMethodField(help_text="The page for people.")
    state = serializers.ChoiceField(InterestState.choices)
    listing = serializers.IntegerField(source="listing_id")
    is_sent_by_me = serializers.SerializerMethodField()
    author = PersonInLine(source="profile", help_text="Who is interested.")
    organisation = OrganisationInShort(allow_null=True)
    role = serializers.ChoiceField(PartnerRole.choices)
    organisation_type = serializers.ChoiceField(OrganisationType.choices)
    country_code = serializers.CharField()
    expertise = serializers.CharField()
    contribution = serializers.CharField()
    references = serializers.CharField(allow_blank=True)
    funding = serializers.ChoiceField(OwnFunding.choices)
    person_months = serializers.IntegerField(allow_null=True)
    answer = serializers.CharField(allow_blank=True)
    created_at = TimeField()
    answered_at = TimeField(allow_null=True)
    contact_request = serializers.IntegerField(source="contact_request_id", allow_null=True)
    can_handle = serializers.SerializerMethodField()
    can_withdraw = serializers.SerializerMethodField()

    @property
    def user(self) -> Any:
        """Return who reads."""
        return self.context["request"].user

    def get_page(self, row: ExpressionOfInterest) -> str:
        """Return the address of its page."""
        return reverse("matching:interest_detail", args=[row.pk])

    def get_is_sent_by_me(self, row: ExpressionOfInterest) -> bool:
        """Tell which side the reader is."""
        return is_of(row.profile, self.user)

    def get_can_handle(self, row: ExpressionOfInterest) -> bool:
        """Tell whether the reader may shortlist, accept or decline now."""
        return can_handle(row, self.user)

    def get_can_withdraw(self, row: ExpressionOfInterest) -> bool:
        """Tell whether the reader may take it back now."""
        return can_withdraw(row, self.user)


class InterestRequestSerializer(Given):
    """What one says to a partner search."""

    listing = serializers.IntegerField(min_value=1, help_text="The number of a partner search.")
    role = serializers.ChoiceField(PartnerRole.choices)
    organisation_type = serializers.ChoiceField(OrganisationType.choices)
    country_code = serializers.CharField(max_length=2, validators=[country])
    expertise = serializers.CharField(max_length=2000)
    contribution = serializers.CharField(max_length=2000)
    references = text(2000, default="")
    funding = serializers.ChoiceField(OwnFunding.choices, default=OwnFunding.UNKNOWN.value)
    person_months = serializers.IntegerField(
        min_value=1, max_value=1200, allow_null=True, default=None
    )


@extend_schema(tags=["interests"])
class Interests(Listed, Retrieved, Resource):
    """The expressions of interest that one sent, and those that one's searches received."""

    queryset = ExpressionOfInterest.objects.all()
    serializer_class = InterestSerializer
    filterset_class = InterestFilter

    def rows(self) -> QuerySet[Any]:
        """Return what this reader may see."""
        return ExpressionOfInterest.objects.visible_to(self.reader).with_people()

    @extend_schema(
        request=InterestRequestSerializer, responses={201: InterestSerializer},
        summary="Express interest in a partner search",
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """One person has one live expression of interest in a search."""
        values = self.given(InterestRequestSerializer)
        number = values.pop("listing")
        searches = Listing.objects.visible_to(self.reader).partner_searches()
        listing = searches.select_related("profile__user").filter(pk=number).first()
        if listing is None:
            words = _("There is no such partner search, or none that you may see.")
            raise serializers.ValidationError({"listing": [words]}, "does_not_exist")
        interest = express_interest(
            listing, actor=self.reader, profile=ensure_profile(self.reader), columns=values
        )
        self.kwargs["pk"] = interest.pk
        return Response(self.shown(self.get_object()), status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=InterestSerializer, summary="Keep it for later")
    @action(detail=True, methods=["post"])
    def shortlist(self, request: Request, pk: int) -> Response:
        """For the author of the search."""
        shortlist_interest(self.received(), actor=self.reader)
        return Response(self.shown(self.get_object()))

    @extend_schema(
        request=AnswerRequestSerializer, responses=InterestSerializer, summary="Say yes"
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """For the author of the search; both can write to each other then."""
        return self.answered(accept_interest)

    @extend_schema(request=AnswerRequestSerializer, responses=InterestSerializer, summary="Say no")
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int) -> Response:
        """For the author of the search, with or without words."""
        return self.answered(decline_interest)

    def received(self) -> ExpressionOfInterest:
        """Return what one of the reader's searches received; others are not there."""
        received = self.rows().filter(listing__profile__user=self.reader)
        found: ExpressionOfInterest = get_object_or_404(received, pk=self.kwargs["pk"])
        return found

    def answered(self, service: Callable[..., ExpressionOfInterest]) -> Response:
        """Settle what one of the reader's searches received."""
        interest = self.received()
        values = self.given(AnswerRequestSerializer)
        service(interest, actor=self.reader, answer=values["answer"])
        return Response(self.shown(self.get_object()))

    @extend_schema(request=None, responses=InterestSerializer, summary="Take it back")
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Before it is settled."""
        sent = self.rows().filter(profile__user=self.reader)
        withdraw_interest(get_object_or_404(sent, pk=pk), actor=self.reader)
        return Response(self.shown(self.get_object()))
