"""Organisations."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers

from konnect.accounts.api.authentication import MayWrite, SignedInToWrite
from konnect.accounts.api.pages import ByNumberUp
from konnect.accounts.api.views import Listed, Resource, Retrieved
from matching.api.examples import ORGANISATION
from matching.filters import OrganisationFilter
from matching.models import Organisation, OrganisationStatus, OrganisationType, Side


class OtherName(serializers.Serializer[Any]):
    """A name in a further language."""

    language = serializers.CharField(allow_blank=True, allow_null=True, required=False)
    name = serializers.CharField()


@extend_schema_serializer(
    examples=[OpenApiExample("Organisation", ORGANISATION, response_only=True)]
)
class OrganisationSerializer(serializers.Serializer[Organisation]):
    """A body that people work for, after its ROR record where there is one."""

    id = serializers.IntegerField()
    ror_id = serializers.CharField(allow_null=True)
    name = serializers.CharField(help_text="As ROR displays it.")
    name_en = serializers.CharField(allow_blank=True)
    name_ko = serializers.CharField(allow_blank=True)
    names_other = OtherName(many=True)
    acronyms = serializers.ListField(child=serializers.CharField())
    types = serializers.ListField(child=serializers.ChoiceField(OrganisationType.choices))
    side = serializers.ChoiceField(Side.choices)
    country_code = serializers.CharField()
    region = serializers.CharField(allow_blank=True)
    city = serializers.CharField(allow_blank=True)
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    website = serializers.CharField(allow_blank=True)
    established = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(OrganisationStatus.choices)
    successor = serializers.IntegerField(source="successor_id", allow_null=True)
    pic = serializers.CharField(allow_blank=True, help_text="EU participant code.")
    is_small = serializers.BooleanField()
    about_en = serializers.CharField(allow_blank=True)
    about_ko = serializers.CharField(allow_blank=True)
    infrastructure_en = serializers.CharField(allow_blank=True)
    infrastructure_ko = serializers.CharField(allow_blank=True)


@extend_schema(tags=["organisations"])
class Organisations(Listed, Retrieved, Resource):
    """Organisations; in lists, only those that still exist under their own record."""

    permission_classes = (SignedInToWrite, MayWrite)
    pagination_class = ByNumberUp
    queryset = Organisation.objects.all()
    serializer_class = OrganisationSerializer
    filterset_class = OrganisationFilter

    def rows(self) -> QuerySet[Any]:
        """Return them; everybody may read all of them."""
        everyone = Organisation.objects.all()
        return everyone.active() if self.action == "list" else everyone
