"""One's own account, and what one agreed to."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api.bodies import Changes, TimeField
from konnect.accounts.api.conditions import check_precondition
from konnect.accounts.api.views import Endpoint, Listed, Resource
from konnect.accounts.models import (
    Appearance,
    Consent,
    ConsentChannel,
    ConsentPurpose,
    Language,
    User,
    validate_time_zone,
)
from konnect.accounts.services import save_preferences

PREFERENCES = ("language", "time_zone", "appearance")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Account",
            {
                "id": 7,
                "email": "minji@example.kr",
                "language": "ko",
                "time_zone": "Asia/Seoul",
                "appearance": "system",
                "joined_at": "2026-11-02T08:15:00Z",
            },
            response_only=True,
        )
    ]
)
class AccountSerializer(serializers.Serializer[User]):
    """A person's own account."""

    id = serializers.IntegerField()
    email = serializers.EmailField()
    language = serializers.ChoiceField(Language.choices)
    time_zone = serializers.CharField(help_text="A name of the IANA database.")
    appearance = serializers.ChoiceField(Appearance.choices)
    joined_at = TimeField()


class PreferencesSerializer(Changes):
    """What one may change of one's account."""

    language = serializers.ChoiceField(Language.choices)
    time_zone = serializers.CharField(max_length=64, validators=[validate_time_zone])
    appearance = serializers.ChoiceField(Appearance.choices)


class Me(Endpoint):
    """One's own account."""

    @extend_schema(
        operation_id="me_retrieve", responses=AccountSerializer, tags=["me"],
        summary="Read one's own account",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Return whom the token or the session stands for."""
        return Response(AccountSerializer(self.reader).data)

    @extend_schema(
        operation_id="me_update", request=PreferencesSerializer, responses=AccountSerializer,
        tags=["me"], summary="Change one's preferences",
    )  # fmt: skip
    @transaction.atomic
    def patch(self, request: Request) -> Response:
        """Change what is named; the rest stays."""
        user = User.objects.select_for_update().get(pk=self.reader.pk)
        check_precondition(request, AccountSerializer(user).data)
        serializer = PreferencesSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        stored = {name: getattr(user, name) for name in PREFERENCES}
        save_preferences(user, actor=user, **stored | serializer.validated_data)
        return Response(AccountSerializer(user).data)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Consent",
            {
                "id": 31,
                "purpose": "newsletter",
                "is_given": False,
                "text_version": "2026-11",
                "language": "en",
                "channel": "settings",
                "recorded_at": "2026-11-02T08:15:00Z",
            },
            response_only=True,
        )
    ]
)
class ConsentSerializer(serializers.Serializer[Consent]):
    """One line of the ledger: given or taken back, in which words, when and where."""

    id = serializers.IntegerField()
    purpose = serializers.ChoiceField(ConsentPurpose.choices)
    is_given = serializers.BooleanField()
    text_version = serializers.CharField()
    language = serializers.ChoiceField(Language.choices)
    channel = serializers.ChoiceField(ConsentChannel.choices)
    recorded_at = TimeField()


@extend_schema(tags=["me"])
class Consents(Listed, Resource):
    """What one agreed to, the newest line first; consents are given and taken back on the pages."""

    queryset = Consent.objects.all()
    serializer_class = ConsentSerializer

    def rows(self) -> QuerySet[Any]:
        """Return one's own lines."""
        return Consent.objects.filter(user=self.reader)
