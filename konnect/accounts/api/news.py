"""News on the site, and what of it comes by e-mail."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api.bodies import Changes, ClockField, TimeField
from konnect.accounts.api.conditions import check_precondition
from konnect.accounts.api.views import Endpoint, Listed, Resource, Retrieved
from konnect.accounts.models import Notification, Rhythm, User
from konnect.accounts.notifications import kinds
from konnect.accounts.services.notifications import mark_read
from konnect.accounts.services.wishes import Times, save_wishes, wishes

TIMES = ("digest_hour", "digest_weekday", "quiet_from", "quiet_until")


class NewsFilter(django_filters.FilterSet):
    """News."""

    is_unread = django_filters.BooleanFilter(field_name="read_at", lookup_expr="isnull")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "News",
            {
                "id": 61,
                "kind": "contact_request",
                "title_en": "Kim Minji would like to talk with you",
                "title_ko": "김민지 님이 연락을 요청했습니다",
                "address": "/contacts/17/",
                "created_at": "2026-11-02T08:15:00Z",
                "read_at": None,
            },
            response_only=True,
        )
    ]
)
class NewsSerializer(serializers.Serializer[Notification]):
    """One piece of news."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    title_en = serializers.CharField()
    title_ko = serializers.CharField()
    address = serializers.CharField(allow_blank=True, help_text="The page about it.")
    created_at = TimeField()
    read_at = TimeField(allow_null=True)


@extend_schema(tags=["notifications"])
class News(Listed, Retrieved, Resource):
    """One's own news; reading it here marks nothing as read."""

    queryset = Notification.objects.all()
    serializer_class = NewsSerializer
    filterset_class = NewsFilter

    def rows(self) -> QuerySet[Any]:
        """Return one's own."""
        return Notification.objects.filter(user=self.reader)

    @extend_schema(request=None, responses=NewsSerializer, summary="Mark as read")
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: int) -> Response:
        """A second time changes nothing."""
        news = self.get_object()
        mark_read(self.reader, actor=self.reader, pks=[news.pk])
        return Response(self.shown(self.get_object()))


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Wishes",
            {
                "rhythms": {"contact_request": "instant", "saved_search": "weekly"},
                "digest_hour": 8,
                "digest_weekday": 0,
                "quiet_from": "22:00",
                "quiet_until": "07:00",
            },
            response_only=True,
        )
    ]
)
class WishesSerializer(serializers.Serializer[Any]):
    """How often each kind of news comes by e-mail, and when."""

    rhythms = serializers.DictField(child=serializers.ChoiceField(Rhythm.choices))
    digest_hour = serializers.IntegerField()
    digest_weekday = serializers.IntegerField(help_text="0 is Monday.")
    quiet_from = ClockField(allow_null=True, help_text="In one's own zone.")
    quiet_until = ClockField(allow_null=True)


class WishesRequestSerializer(Changes):
    """What to change of it."""

    rhythms = serializers.DictField(child=serializers.ChoiceField(Rhythm.choices))
    digest_hour = serializers.IntegerField(min_value=0, max_value=23)
    digest_weekday = serializers.IntegerField(min_value=0, max_value=6)
    quiet_from = ClockField(allow_null=True)
    quiet_until = ClockField(allow_null=True)

    def validate_rhythms(self, value: dict[str, str]) -> dict[str, str]:
        """Refuse kinds that do not exist or cannot be switched."""
        known = {kind.name for kind in kinds() if kind.is_optional}
        if unknown := sorted(set(value) - known):
            wrong = {name: ["There is no such kind, or it always comes."] for name in unknown}
            raise serializers.ValidationError(wrong)
        return value

    def validate(self, attrs: Any) -> Any:
        """Ask for both ends of the quiet hours, what is stored counted in."""
        stored: User = self.context["stored"]
        ends = [attrs.get(name, getattr(stored, name)) for name in ("quiet_from", "quiet_until")]
        if (ends[0] is None) != (ends[1] is None):
            raise serializers.ValidationError({"quiet_until": ["Name both ends, or none."]})
        return attrs


class NewsWishes(Endpoint):
    """What comes by e-mail, how often, and when."""

    @extend_schema(
        operation_id="me_notifications_retrieve", responses=WishesSerializer, tags=["me"],
        summary="Read what comes by e-mail",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Kinds that nobody can switch off are left out."""
        return Response(wishes_of(self.reader))

    @extend_schema(
        operation_id="me_notifications_update", request=WishesRequestSerializer, tags=["me"],
        responses=WishesSerializer, summary="Change what comes by e-mail",
    )  # fmt: skip
    @transaction.atomic
    def patch(self, request: Request) -> Response:
        """What is named is replaced; the rest stays."""
        user = User.objects.select_for_update().get(pk=self.reader.pk)
        check_precondition(request, wishes_of(user))
        serializer = WishesRequestSerializer(data=request.data, context={"stored": user})
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        times = Times(**{name: given.get(name, getattr(user, name)) for name in TIMES})
        save_wishes(user, actor=user, rhythms=given.get("rhythms", {}), times=times)
        return Response(wishes_of(user))


def wishes_of(user: User) -> Any:
    """Return somebody's wishes as they are answered."""
    times = {name: getattr(user, name) for name in TIMES}
    return WishesSerializer({"rhythms": wishes(user), **times}).data
