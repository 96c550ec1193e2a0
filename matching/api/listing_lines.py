"""An offer or request as a list shows it."""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from konnect.accounts.api.bodies import TimeField
from matching.api.examples import LISTING
from matching.api.lines import PersonInLine
from matching.api.people import CodesField, OrganisationInShort
from matching.models import Listing, ListingKind, ListingState


@extend_schema_serializer(examples=[OpenApiExample("Listing", LISTING, response_only=True)])
class ListingSerializer(serializers.Serializer[Listing]):
    """One offer or request."""

    id = serializers.IntegerField()
    page = serializers.SerializerMethodField(help_text="The page for people.")
    kind = serializers.ChoiceField(ListingKind.choices)
    state = serializers.ChoiceField(ListingState.choices)
    title_en = serializers.CharField(allow_blank=True)
    title_ko = serializers.CharField(allow_blank=True)
    description_en = serializers.CharField(allow_blank=True)
    description_ko = serializers.CharField(allow_blank=True)
    areas = CodesField(source="areas.all", help_text="Codes of areas.")
    topics = CodesField(source="topics.all", help_text="Codes of topics.")
    author = PersonInLine(source="profile")
    organisation = OrganisationInShort(allow_null=True, help_text="For which the author speaks.")
    valid_until = TimeField()
    created_at = TimeField()
    updated_at = TimeField()
    is_partner_search = serializers.SerializerMethodField()

    def get_page(self, listing: Listing) -> str:
        """Return the address of its page."""
        return reverse("matching:listing_detail", args=[listing.pk])

    def get_is_partner_search(self, listing: Listing) -> bool:
        """Tell whether it looks for partners of one proposal."""
        return hasattr(listing, "partner_search")
