"""Profiles: everybody's as this reader may see them, and one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api.authentication import MayWrite, SignedInToWrite
from konnect.accounts.api.bodies import TimeField
from konnect.accounts.api.conditions import check_precondition
from konnect.accounts.api.views import Endpoint, Listed, Resource, Retrieved
from matching.api.examples import PERSON, PERSON_IN_SHORT
from matching.api.own_profile import ProfileRequestSerializer, write_profile
from matching.filters import PeopleFilter
from matching.models import CareerStage, PartnerRole, Profile, ProfileState, Side
from matching.services.profiles import (
    confirm_profile,
    ensure_profile,
    hide_profile,
    publish_profile,
)
from matching.services.shown import ShownProfile, shown_profile, shown_profiles


class OrganisationInShort(serializers.Serializer[Any]):
    """An organisation, as far as a line needs it."""

    id = serializers.IntegerField()
    ror_id = serializers.CharField(allow_null=True)
    name = serializers.CharField(help_text="As ROR displays it.")
    name_en = serializers.CharField(allow_blank=True)
    name_ko = serializers.CharField(allow_blank=True)
    country_code = serializers.CharField()
    city = serializers.CharField(allow_blank=True)


class WorkSerializer(serializers.Serializer[Any]):
    """A work that a person shows."""

    doi = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    venue = serializers.CharField(allow_blank=True)


class ProjectSerializer(serializers.Serializer[Any]):
    """A project that a person took part in."""

    identifier = serializers.CharField(allow_blank=True, help_text="The grant number.")
    title = serializers.CharField()
    funder = serializers.CharField(allow_blank=True)
    started_in = serializers.IntegerField(allow_null=True)
    ended_in = serializers.IntegerField(allow_null=True)


class CodesField(serializers.ListField):
    """The codes of areas or topics."""

    child = serializers.CharField()

    def to_representation(self, data: Any) -> list[str]:
        """Return the codes."""
        return [row.code for row in data]


@extend_schema_serializer(
    examples=[OpenApiExample("A person in a list", PERSON_IN_SHORT, response_only=True)]
)
class ProfileInListSerializer(serializers.Serializer[ShownProfile]):
    """A person as a list shows them; what this reader may not see is empty."""

    id = serializers.IntegerField(source="pk")
    page = serializers.CharField(source="get_absolute_url", help_text="The page for people.")
    display_name = serializers.CharField()
    family_name = serializers.CharField(allow_blank=True)
    given_name = serializers.CharField(allow_blank=True)
    hangul_name = serializers.CharField(allow_blank=True)
    honorific = serializers.CharField(allow_blank=True)
    organisation = OrganisationInShort(allow_null=True)
    organisation_unlisted = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True)
    position = serializers.CharField(allow_blank=True)
    side = serializers.ChoiceField(Side.choices)
    country_code = serializers.CharField(allow_blank=True)
    career_stage = serializers.ChoiceField(CareerStage.choices, allow_blank=True)
    areas = CodesField(help_text="Codes of areas.")
    area_other = serializers.CharField(allow_blank=True)
    topics = CodesField(help_text="Codes of topics.")
    keywords = serializers.ListField(child=serializers.CharField())
    summary_en = serializers.CharField(allow_blank=True)
    summary_ko = serializers.CharField(allow_blank=True)
    roles = serializers.ListField(child=serializers.ChoiceField(PartnerRole.choices))
    would_host = serializers.BooleanField()
    would_visit = serializers.BooleanField()
    languages = serializers.ListField(child=serializers.CharField())
    is_invented = serializers.BooleanField(help_text="A person of the demonstration.")
    confirmed_at = TimeField(allow_null=True, help_text="When they last said that all is right.")


@extend_schema_serializer(examples=[OpenApiExample("A person", PERSON, response_only=True)])
class ProfileSerializer(ProfileInListSerializer):
    """A person as their page shows them; what this reader may not see is empty."""

    state = serializers.ChoiceField(ProfileState.choices)
    hanja_name = serializers.CharField(allow_blank=True)
    affiliated_since = serializers.IntegerField(allow_null=True)
    methods_en = serializers.CharField(allow_blank=True)
    methods_ko = serializers.CharField(allow_blank=True)
    mobility_months = serializers.IntegerField(allow_null=True)
    mobility_from = serializers.DateField(allow_null=True)
    orcid = serializers.CharField(allow_blank=True)
    orcid_verified_at = TimeField(allow_null=True)
    website = serializers.CharField(allow_blank=True)
    contact_email = serializers.CharField(allow_blank=True)
    telephone = serializers.CharField(allow_blank=True)
    works = WorkSerializer(many=True)
    projects = ProjectSerializer(many=True)


class OwnProfileSerializer(ProfileSerializer):
    """One's own profile, with what nobody else sees."""

    visibility = serializers.DictField(
        child=serializers.CharField(), help_text="Who sees which field."
    )
    is_public = serializers.BooleanField(help_text="Read on the open web; consents say so.")
    is_suggestible = serializers.BooleanField()


@extend_schema(tags=["profiles"])
class Profiles(Listed, Retrieved, Resource):
    """People whose page the reader may open: members see published ones, anybody the public ones."""

    permission_classes = (SignedInToWrite, MayWrite)
    queryset = Profile.objects.all()
    serializer_class = ProfileInListSerializer
    filterset_class = PeopleFilter

    def rows(self) -> QuerySet[Any]:
        """Return whom this reader may see; in lists, only who is published."""
        visible = Profile.objects.visible_to(self.request.user).with_card()
        return visible.published() if self.action == "list" else visible

    def present(self, rows: Sequence[Profile]) -> Sequence[ShownProfile]:
        """Return them as far as this reader may see them."""
        return shown_profiles(rows, self.request.user)

    @extend_schema(responses=ProfileSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """A person with works and projects, as far as the reader may see them."""
        found = shown_profile(self.get_object(), request.user)
        return Response(ProfileSerializer(found).data)


@extend_schema(tags=["me"], responses=OwnProfileSerializer)
class OwnProfile(Endpoint):
    """One's own profile."""

    @extend_schema(operation_id="me_profile_retrieve", summary="Read one's own profile")
    def get(self, request: Request) -> Response:
        """The first look makes a draft, as the page does."""
        return Response(shown_to_oneself(ensure_profile(self.reader)))

    @extend_schema(
        operation_id="me_profile_update", request=ProfileRequestSerializer,
        summary="Change one's own profile",
    )  # fmt: skip
    @transaction.atomic
    def patch(self, request: Request) -> Response:
        """What is named is replaced, works and projects as whole lists; the rest stays."""
        pk = ensure_profile(self.reader).pk
        profile = Profile.objects.select_for_update(of=("self",)).get(pk=pk)
        check_precondition(request, shown_to_oneself(profile))
        serializer = ProfileRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        write_profile(profile, serializer.validated_data, actor=self.reader)
        return Response(shown_to_oneself(Profile.objects.get(pk=pk)))


class OwnProfileVerb(Endpoint):
    """One thing that is done with one's own profile."""

    verb: Any = None

    @extend_schema(request=None, responses=OwnProfileSerializer, tags=["me"])
    def post(self, request: Request) -> Response:
        # No docstring: the description says what the class says.
        profile = ensure_profile(self.reader)
        type(self).verb(profile, actor=self.reader)
        return Response(shown_to_oneself(Profile.objects.get(pk=profile.pk)))


class PublishOwnProfile(OwnProfileVerb):
    """Show one's own profile to members."""

    verb = staticmethod(publish_profile)


class HideOwnProfile(OwnProfileVerb):
    """Take one's own profile from every page."""

    verb = staticmethod(hide_profile)


class ConfirmOwnProfile(OwnProfileVerb):
    """Say that everything in one's own profile is still right."""

    verb = staticmethod(confirm_profile)


def shown_to_oneself(profile: Profile) -> Any:
    """Return one's own profile as it is answered."""
    shown = shown_profile(profile, profile.user)
    found = dict(ProfileSerializer(shown).data)
    own = ("visibility", "is_public", "is_suggestible")
    return found | {name: getattr(profile, name) for name in own}
