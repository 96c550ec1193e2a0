"""People with whom one wants nothing to do."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api.bodies import Given, TimeField
from konnect.accounts.api.views import Listed, Resource
from matching.api.examples import PERSON_IN_LINE
from matching.api.lines import PersonInLine
from matching.models import Block, Profile
from matching.services.blocks import block_profile, unblock_profile
from matching.services.profiles import ensure_profile

EXAMPLE = {"id": 8, "person": PERSON_IN_LINE, "created_at": "2026-11-02T08:15:00Z"}


@extend_schema_serializer(examples=[OpenApiExample("Block", EXAMPLE, response_only=True)])
class BlockSerializer(serializers.Serializer[Block]):
    """Somebody whom one blocked."""

    id = serializers.IntegerField()
    person = PersonInLine(source="blocked")
    created_at = TimeField()


class BlockRequestSerializer(Given):
    """Whom to block."""

    person = serializers.IntegerField(min_value=1, help_text="The number of a profile.")


@extend_schema(tags=["blocks"])
class Blocks(Listed, Resource):
    """Whom one blocked; nobody is told."""

    queryset = Block.objects.all()
    serializer_class = BlockSerializer

    def rows(self) -> QuerySet[Any]:
        """Return one's own blocks."""
        return Block.objects.filter(blocker__user=self.reader).select_related(
            "blocked__organisation"
        )

    @extend_schema(
        request=BlockRequestSerializer, responses={201: BlockSerializer}, summary="Block somebody"
    )
    def create(self, request: Request) -> Response:
        """A second time changes nothing."""
        number = self.given(BlockRequestSerializer)["person"]
        people = Profile.objects.blockable_by(self.reader).select_related("organisation", "user")
        person = people.filter(pk=number).first()
        if person is None:
            words = _("There is no such person, or none whom you may block.")
            raise serializers.ValidationError({"person": [words]}, "does_not_exist")
        block = block_profile(ensure_profile(self.reader), person, actor=self.reader)
        return Response(self.shown(block), status.HTTP_201_CREATED)

    @extend_schema(responses={204: None}, summary="Take a block back")
    def destroy(self, request: Request, pk: int) -> Response:
        """The number is that of the block."""
        block = get_object_or_404(self.rows(), pk=pk)
        unblock_profile(ensure_profile(self.reader), block.blocked, actor=self.reader)
        return Response(status=status.HTTP_204_NO_CONTENT)
