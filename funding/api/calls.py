"""Calls: what is promised, by whom, until when."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.utils import (
    OpenApiExample,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers

from funding.filters import CallFilter
from funding.models import (
    Call,
    CallAmendment,
    CallDeadline,
    CallState,
    Criterion,
    DeadlineKind,
    FunderCommitment,
)
from funding.permissions import calls_run_by, calls_visible_to
from funding.phases import Phase, phase_of, with_clock
from konnect.accounts.api.authentication import MayWrite, SignedInToWrite
from konnect.accounts.api.bodies import TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved
from matching.api.people import CodesField

CALL = {
    "id": 7,
    "page": "/calls/7/",
    "number": "2015-JC",
    "programme": "joint-mobility",
    "state": None,
    "phase": "closed",
    "title_en": "Resources and Sustainability",
    "title_ko": "자원과 지속가능성",
    "summary_en": "Stays in the other region for joint research.",
    "summary_ko": "상대 지역에서 공동 연구를 수행하는 방문을 지원합니다.",
    "text_en": "Who may apply, for what, until when.",
    "text_ko": "신청 자격과 지원 내용, 마감일을 안내합니다.",
    "areas": ["GREEN"],
    "time_zone": "Europe/Brussels",
    "opens": "2015-09-15T09:00",
    "closes": "2015-11-15T24:00",
    "opens_at": "2015-09-15T07:00:00Z",
    "closes_at": "2015-11-15T23:00:00Z",
    "is_outline": False,
    "outline_call": None,
    "shortest_days": 5,
    "longest_days": 90,
    "blind_level": 1,
    "overall_threshold": 10.0,
    "funders": [
        {
            "code": "agency",
            "name_en": "Agency",
            "name_ko": "지원 기관",
            "side": "europe",
            "currency": "EUR",
            "budget_minor": 60000000,
        }
    ],
    "criteria": [
        {
            "code": "excellence",
            "name_en": "Excellence",
            "name_ko": "우수성",
            "weight": 1.0,
            "most": 5.0,
            "threshold": 3.0,
        }
    ],
    "deadlines": [],
    "amendments": [],
}


class FunderPartSerializer(serializers.Serializer[FunderCommitment]):
    """What one funder puts in, in its smallest unit of money."""

    code = serializers.CharField(source="funder.code")
    name_en = serializers.CharField(source="funder.name_en")
    name_ko = serializers.CharField(source="funder.name_ko")
    side = serializers.CharField(source="funder.side")
    currency = serializers.CharField()
    budget_minor = serializers.IntegerField()
    per_euro = serializers.DecimalField(
        max_digits=14, decimal_places=6, allow_null=True,
        help_text="What one euro is in this money, where the call says so.",
    )  # fmt: skip
    rate_on = serializers.DateField(allow_null=True)
    rate_source = serializers.CharField()


class CriterionSerializer(serializers.Serializer[Criterion]):
    """What reviewers score, 0 to `most` in halves."""

    code = serializers.CharField()
    name_en = serializers.CharField()
    name_ko = serializers.CharField()
    weight = serializers.FloatField()
    most = serializers.FloatField()
    threshold = serializers.FloatField()


class CallDateSerializer(serializers.Serializer[CallDeadline]):
    """A further date, as it was promised, and its instant."""

    kind = serializers.ChoiceField(DeadlineKind.choices)
    label_en = serializers.CharField()
    label_ko = serializers.CharField()
    time_zone = serializers.CharField(source="zone")
    wall = serializers.CharField(help_text="T24:00 is the end of that day.")
    at = TimeField()


class AmendmentSerializer(serializers.Serializer[CallAmendment]):
    """A public change of an approved call."""

    number = serializers.IntegerField()
    text_en = serializers.CharField()
    text_ko = serializers.CharField()
    made_at = TimeField()


@extend_schema_serializer(examples=[OpenApiExample("Call", CALL, response_only=True)])
class CallSerializer(serializers.Serializer[Call]):
    """A joint call of several funders. Its grace, if there is any, is told to nobody."""

    id = serializers.IntegerField()
    page = serializers.CharField(source="get_absolute_url", help_text="The page for people.")
    number = serializers.CharField()
    programme = serializers.CharField(source="programme.code")
    state = serializers.SerializerMethodField(
        help_text="How far it is inside; null for whoever does not run it."
    )
    phase = serializers.SerializerMethodField(help_text="What the database's clock says of it.")
    title_en = serializers.CharField()
    title_ko = serializers.CharField()
    summary_en = serializers.CharField(allow_blank=True)
    summary_ko = serializers.CharField(allow_blank=True)
    text_en = serializers.CharField(allow_blank=True)
    text_ko = serializers.CharField(allow_blank=True)
    areas = CodesField(source="areas.all", help_text="Codes of areas.")
    time_zone = serializers.CharField(source="zone", help_text="By whose clocks it is promised.")
    opens = serializers.CharField(source="opens_wall", allow_blank=True)
    closes = serializers.CharField(
        source="closes_wall", allow_blank=True, help_text="T24:00 is the end of that day."
    )
    opens_at = TimeField(allow_null=True)
    closes_at = TimeField(allow_null=True)
    is_outline = serializers.BooleanField(
        help_text="Applicants send outlines; the best are invited to a call that follows."
    )
    outline_call = serializers.IntegerField(
        source="outline_call_id", allow_null=True,
        help_text="The call for outlines that this one follows: only the invited apply.",
    )  # fmt: skip
    shortest_days = serializers.IntegerField()
    longest_days = serializers.IntegerField()
    blind_level = serializers.IntegerField(min_value=0, max_value=3)
    overall_threshold = serializers.FloatField()
    funders = FunderPartSerializer(source="commitments.all", many=True)
    criteria = CriterionSerializer(source="criteria.all", many=True)
    deadlines = CallDateSerializer(source="deadlines.all", many=True)
    amendments = AmendmentSerializer(source="amendments.all", many=True)

    @extend_schema_field(serializers.ChoiceField(CallState.choices, allow_null=True))
    def get_state(self, call: Any) -> str | None:
        """Return where it stands, to its officers and funders alone: the public has the phase."""
        return str(call.state) if call.is_run else None

    def get_phase(self, call: Call) -> Phase:
        """Return where it stands by the clock."""
        return phase_of(call)


@extend_schema(tags=["calls"])
class Calls(Listed, Retrieved, Resource):
    """Mobility calls; those in preparation only for their officers and funders."""

    permission_classes = (SignedInToWrite, MayWrite)
    queryset = Call.objects.all()
    serializer_class = CallSerializer
    filterset_class = CallFilter

    def rows(self) -> QuerySet[Any]:
        """Return what this reader may see."""
        reader = self.request.user
        rows = with_clock(calls_visible_to(reader)).select_related("programme")
        own = calls_run_by(reader) if reader.is_authenticated else Call.objects.none()
        rows = rows.annotate(is_run=Exists(own.filter(pk=OuterRef("pk"))))
        return rows.prefetch_related(
            "areas", "commitments__funder", "criteria", "deadlines", "amendments"
        )
