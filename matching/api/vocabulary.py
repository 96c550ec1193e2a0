"""The shared words: areas and topics, and what countries may claim."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers

from konnect.accounts.api.authentication import MayWrite, SignedInToWrite
from konnect.accounts.api.pages import ByNumberUp
from konnect.accounts.api.views import Listed, Resource, Retrieved
from matching.filters import CountryStandingFilter, TopicFilter
from matching.models import Area, CountryStatus, CountryStatusKind, Side, Topic

OPEN = (SignedInToWrite, MayWrite)
NANO = {"code": "NANO", "name_en": "Nanotechnology and materials", "name_ko": "나노·소재"}


@extend_schema_serializer(examples=[OpenApiExample("Area", {"id": 1, **NANO})])
class AreaSerializer(serializers.Serializer[Area]):
    """One of the portal's areas."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name_en = serializers.CharField()
    name_ko = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Topic",
            {
                "id": 4,
                "code": "green.perovskite",
                "area": "GREEN",
                "name_en": "Perovskite solar cells",
                "name_ko": "페로브스카이트 태양전지",
            },
        )
    ]
)
class TopicSerializer(serializers.Serializer[Topic]):
    """A curated topic inside an area."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    area = serializers.CharField(source="area.code", help_text="The code of its area.")
    name_en = serializers.CharField()
    name_ko = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Standing",
            {
                "id": 41,
                "programme": "Horizon Europe",
                "country_code": "KR",
                "side": "korea",
                "kind": "pillar_ii",
                "from_year": 2025,
                "until_year": None,
                "rule_en": "Korea is associated to Pillar II from the work programme 2025.",
                "rule_ko": "대한민국은 2025년 작업 프로그램부터 필라 2에 준회원국으로 참여합니다.",
                "source_url": "",
            },
        )
    ]
)
class CountryStandingSerializer(serializers.Serializer[CountryStatus]):
    """What a country may claim in a programme, from when, and where that is written."""

    id = serializers.IntegerField()
    programme = serializers.CharField()
    country_code = serializers.CharField(help_text="ISO 3166-1, two letters.")
    side = serializers.ChoiceField(Side.choices)
    kind = serializers.ChoiceField(CountryStatusKind.choices)
    from_year = serializers.IntegerField()
    until_year = serializers.IntegerField(allow_null=True)
    rule_en = serializers.CharField()
    rule_ko = serializers.CharField()
    source_url = serializers.CharField(allow_blank=True)


@extend_schema(tags=["vocabulary"])
class Areas(Listed, Retrieved, Resource):
    """The portal's areas, in the version that counts now."""

    permission_classes = OPEN
    pagination_class = ByNumberUp
    queryset = Area.objects.all()
    serializer_class = AreaSerializer

    def rows(self) -> QuerySet[Any]:
        """Return the areas of today."""
        return Area.objects.filter(version=Area.CURRENT_VERSION)


@extend_schema(tags=["vocabulary"])
class Topics(Listed, Retrieved, Resource):
    """Curated topics."""

    permission_classes = OPEN
    pagination_class = ByNumberUp
    queryset = Topic.objects.all()
    serializer_class = TopicSerializer
    filterset_class = TopicFilter

    def rows(self) -> QuerySet[Any]:
        """Return every topic."""
        return Topic.objects.select_related("area")


@extend_schema(tags=["vocabulary"])
class CountryStandings(Listed, Retrieved, Resource):
    """What countries may claim in programmes, with the rule in its own words."""

    permission_classes = OPEN
    pagination_class = ByNumberUp
    queryset = CountryStatus.objects.all()
    serializer_class = CountryStandingSerializer
    filterset_class = CountryStandingFilter

    def rows(self) -> QuerySet[Any]:
        """Return every standing."""
        return CountryStatus.objects.all()
