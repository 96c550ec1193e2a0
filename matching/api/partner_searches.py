"""What a listing says beyond an offer or a request, when it is about one proposal."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from konnect.accounts.api.bodies import TimeField
from konnect.accounts.models import Language
from matching.api.examples import LISTING, PARTNER_SEARCH
from matching.api.listing_lines import ListingSerializer
from matching.api.people import OrganisationInShort
from matching.models import (
    Confidentiality,
    DeadlineKind,
    KoreanFunding,
    Listing,
    OrganisationType,
    PartnerRole,
    PartnerSide,
    Profile,
    PropertyRights,
    SubmissionProcedure,
)
from matching.permissions.interests import may_read_details


class PartnerSearchSerializer(serializers.Serializer[Any]):
    """The call, the consortium and who is wanted."""

    original_language = serializers.ChoiceField(Language.choices)
    machine_made = serializers.ListField(
        child=serializers.CharField(), help_text="Columns that a machine translated."
    )
    programme = serializers.CharField(allow_blank=True)
    pillar = serializers.IntegerField(allow_null=True)
    call_year = serializers.IntegerField(allow_null=True)
    call_identifier = serializers.CharField(allow_blank=True)
    call_title = serializers.CharField(allow_blank=True)
    call_url = serializers.CharField(allow_blank=True)
    funding_scheme = serializers.CharField(allow_blank=True)
    submission_procedure = serializers.ChoiceField(SubmissionProcedure.choices, allow_blank=True)
    proposal_acronym = serializers.CharField(allow_blank=True)
    proposal_name = serializers.CharField(allow_blank=True)
    expertise_offered_en = serializers.CharField(allow_blank=True)
    expertise_offered_ko = serializers.CharField(allow_blank=True)
    expertise_sought_en = serializers.CharField(allow_blank=True)
    expertise_sought_ko = serializers.CharField(allow_blank=True)
    work_en = serializers.CharField(allow_blank=True, help_text="The work of the partner.")
    work_ko = serializers.CharField(allow_blank=True)
    keywords = serializers.ListField(child=serializers.CharField())
    roles_sought = serializers.ListField(child=serializers.ChoiceField(PartnerRole.choices))
    partner_types = serializers.ListField(child=serializers.ChoiceField(OrganisationType.choices))
    partner_side = serializers.ChoiceField(PartnerSide.choices)
    partner_countries = serializers.ListField(child=serializers.CharField())
    is_coordinator_needed = serializers.BooleanField()
    is_replacement = serializers.BooleanField()
    readiness_from = serializers.IntegerField(allow_null=True)
    readiness_to = serializers.IntegerField(allow_null=True)
    property_rights = serializers.ChoiceField(PropertyRights.choices, allow_blank=True)
    development_goals = serializers.ListField(child=serializers.IntegerField())
    duration_months = serializers.IntegerField(allow_null=True)
    budget_from = serializers.IntegerField(allow_null=True)
    budget_to = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField(allow_blank=True)
    korean_funding = serializers.ChoiceField(KoreanFunding.choices, allow_blank=True)
    korean_scheme = serializers.CharField(allow_blank=True)
    confidentiality = serializers.ChoiceField(Confidentiality.choices)


class DeadlineSerializer(serializers.Serializer[Any]):
    """One deadline: the instant, the zone in which it was set, the source's own words."""

    kind = serializers.ChoiceField(DeadlineKind.choices)
    at = TimeField()
    time_zone = serializers.CharField()
    source_words = serializers.CharField(allow_blank=True)


class ConsortiumMemberSerializer(serializers.Serializer[Any]):
    """Somebody who is in already; named only where the organisation agreed to it."""

    organisation = OrganisationInShort(allow_null=True)
    country_code = serializers.CharField()
    type = serializers.ChoiceField(OrganisationType.choices)
    is_small = serializers.BooleanField()
    role = serializers.ChoiceField(PartnerRole.choices, allow_blank=True)


@extend_schema_serializer(
    examples=[OpenApiExample("Partner search", LISTING | PARTNER_SEARCH, response_only=True)]
)
class ListingDetailSerializer(ListingSerializer):
    """One offer, request or partner search, whole."""

    partner_search = serializers.SerializerMethodField(help_text="Of partner searches only.")
    deadlines = DeadlineSerializer(many=True, source="deadlines.all")
    consortium = ConsortiumMemberSerializer(many=True, source="consortium.all")
    may_read_details = serializers.SerializerMethodField()
    details_en = serializers.SerializerMethodField(
        help_text="The long description, for those who may read it."
    )
    details_ko = serializers.SerializerMethodField()

    @extend_schema_field(PartnerSearchSerializer(allow_null=True))
    def get_partner_search(self, listing: Listing) -> Any:
        """Return what it says as a partner search."""
        search = listing.search
        return PartnerSearchSerializer(search).data if search else None

    def to_representation(self, instance: Listing) -> Any:
        """Return the answer; whether the reader may read everything is asked once."""
        self.is_readable = self.may_read(instance)
        return super().to_representation(instance)

    def may_read(self, listing: Listing) -> bool:
        """Ask whether this reader may read the long description."""
        if listing.search is None:
            return True
        user = self.context["request"].user
        found = Profile.objects.filter(user_id=user.pk).first() if user.is_authenticated else None
        own = list(listing.interests.filter(profile=found)) if found else []
        return may_read_details(listing, found, own)

    def get_may_read_details(self, listing: Listing) -> bool:
        """Tell whether this reader may read the long description."""
        return self.is_readable

    def get_details_en(self, listing: Listing) -> str:
        """Return the long description, empty for those who may not read it."""
        return self.details_of(listing, "details_en")

    def get_details_ko(self, listing: Listing) -> str:
        """Return the same in Korean."""
        return self.details_of(listing, "details_ko")

    def details_of(self, listing: Listing, column: str) -> str:
        """Return one column of the long description as far as this reader may read it."""
        is_open = listing.search is not None and self.is_readable
        return str(getattr(listing.search, column)) if is_open else ""
