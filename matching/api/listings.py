"""Offers and requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api.authentication import MayWrite, SignedInToWrite
from konnect.accounts.api.bodies import Changes, Given, TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved
from konnect.states import TransitionError
from matching.api.listing_lines import ListingSerializer
from matching.api.own_profile import KnownCodes, current_areas, every_topic, text
from matching.api.partner_searches import ListingDetailSerializer
from matching.filters import ListingFilter
from matching.models import Listing, ListingKind
from matching.services.listings import (
    LONGEST_VALIDITY,
    close_listing,
    publish_listing,
    save_listing,
)
from matching.services.profiles import ensure_profile

RELATIONS = ("areas", "topics")


class ListingFields(Given):
    """What one writes of an offer or request; one of the two languages is enough."""

    kind = serializers.ChoiceField(ListingKind.choices)
    title_en = text(200, required=False)
    title_ko = text(200, required=False)
    description_en = text(3000, required=False)
    description_ko = text(3000, required=False)
    areas = KnownCodes(rows=current_areas, required=False)
    topics = KnownCodes(rows=every_topic, required=False)
    valid_until = TimeField(required=False, help_text="A year from now at most; else a year.")

    def validate_valid_until(self, value: Any) -> Any:
        """Refuse what has passed and what is too far."""
        now = timezone.now()
        if value < now:
            raise serializers.ValidationError(_("This day has passed."), "past")
        if value > now + LONGEST_VALIDITY:
            raise serializers.ValidationError(_("Choose a day within one year."), "too_far")
        return value

    def validate(self, attrs: Any) -> Any:
        """Ask for a title in one of the languages, what is stored counted in."""
        stored = self.context.get("stored")
        titles = [attrs.get(name, getattr(stored, name, "")) for name in ("title_en", "title_ko")]
        if not any(titles):
            message = _("Enter a title in one of the languages.")
            raise serializers.ValidationError({"title_en": [message]}, "required")
        return attrs


class ListingRequestSerializer(ListingFields):
    """A new offer or request; a draft until it is published."""


class ListingChangesSerializer(ListingFields, Changes):
    """Changes to an offer or request."""


@extend_schema(tags=["listings"])
class Listings(Listed, Retrieved, Resource):
    """Open offers and requests of people whom the reader may see, and one's own in every state."""

    permission_classes = (SignedInToWrite, MayWrite)
    queryset = Listing.objects.all()
    serializer_class = ListingSerializer
    filterset_class = ListingFilter

    def rows(self) -> QuerySet[Any]:
        """Return what this reader may see, with what is shown of it."""
        visible = Listing.objects.visible_to(self.request.user)
        people = ("profile__organisation", "profile__user", "organisation", "partner_search")
        found = visible.select_related(*people).prefetch_related("areas", "topics")
        # A list tells of no proposal.
        parts = () if self.action == "list" else ("deadlines", "consortium__organisation")
        return found.prefetch_related(*parts)

    def own(self) -> Listing:
        """Return the listing of the address if it is one's own; everybody else's is not there.

        Raises:
            TransitionError: it is a partner search, which is written and reviewed on its pages.
        """
        found: Listing = get_object_or_404(
            self.rows().filter(profile__user=self.reader), pk=self.kwargs["pk"]
        )
        if found.search is not None:
            raise TransitionError("partner searches have pages of their own")
        return found

    @extend_schema(responses=ListingDetailSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One of them, whole; of a partner search with call, deadlines and consortium."""
        return Response(self.shown(self.get_object()))

    def shown(self, row: Any) -> Any:
        """Return one listing, whole."""
        context = self.get_serializer_context()
        return ListingDetailSerializer(row, context=context).data

    @extend_schema(
        request=ListingRequestSerializer, responses={201: ListingDetailSerializer},
        summary="Write a new offer or request, as a draft",
    )  # fmt: skip
    @transaction.atomic
    def create(self, request: Request) -> Response:
        """It is a draft until it is published."""
        values = self.given(ListingRequestSerializer)
        listing = Listing(profile=ensure_profile(self.reader), kind=values["kind"])
        self.save(listing, values)
        self.kwargs["pk"] = listing.pk
        return Response(self.shown(self.get_object()), status.HTTP_201_CREATED)

    @extend_schema(
        request=ListingChangesSerializer, responses=ListingDetailSerializer,
        summary="Change one's own offer or request",
    )  # fmt: skip
    @transaction.atomic
    def partial_update(self, request: Request, pk: int) -> Response:
        """What is named is replaced; the rest stays."""
        listing = self.locked(self.own())
        context = {**self.get_serializer_context(), "stored": listing}
        serializer = ListingChangesSerializer(data=request.data, context=context)
        serializer.is_valid(raise_exception=True)
        self.save(listing, serializer.validated_data)
        return Response(self.shown(self.get_object()))

    def save(self, listing: Listing, values: dict[str, Any]) -> None:
        """Write by the door that the page uses."""
        lists = {name: values[name] for name in RELATIONS if name in values}
        columns = {name: value for name, value in values.items() if name not in RELATIONS}
        save_listing(listing, actor=self.reader, columns=columns, **lists)

    @extend_schema(request=None, responses=ListingDetailSerializer, summary="Show it to others")
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: int) -> Response:
        """Open one's own listing, for the first time or again."""
        return self.done(publish_listing)

    @extend_schema(
        request=None, responses=ListingDetailSerializer, summary="Take it from every page"
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: int) -> Response:
        """Close one's own listing; it can be opened again."""
        return self.done(close_listing)

    def done(self, service: Callable[..., Listing]) -> Response:
        """Do something with one's own listing and return how it stands."""
        service(self.own(), actor=self.reader)
        return Response(self.shown(self.get_object()))
