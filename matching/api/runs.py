"""Runs of matching, for the portal's staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.administration import lacks_second_factor
from konnect.accounts.api.bodies import TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved
from konnect.accounts.doorbell import ring
from konnect.states import TransitionError
from matching.models import BlockKind, MatchRun, MatchRunState
from matching.permissions.runs import may_steer_runs
from matching.services.run_progress import Progress, progress_of
from matching.services.run_states import cancel_run, start_run

EXAMPLE = {
    "id": 4,
    "state": "published",
    "embedder": "use-multilingual@3",
    "weights_version": "2026-11",
    "people": 40000,
    "started_at": "2026-11-02T08:15:00Z",
    "ended_at": "2026-11-02T08:19:21Z",
    "reason": "",
    "cpu_seconds": 480.2,
    "can_repeat": True,
    "stages": [{"kind": "score", "total": 20, "done": 20, "pairs": 400000000, "percent": 100}],
}


class StageSerializer(serializers.Serializer[Any]):
    """One kind of a run's blocks."""

    kind = serializers.ChoiceField(BlockKind.choices)
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    pairs = serializers.IntegerField()
    percent = serializers.IntegerField()


@extend_schema_serializer(examples=[OpenApiExample("Run", EXAMPLE, response_only=True)])
class MatchingRunSerializer(serializers.Serializer[Progress]):
    """One computation of everybody's suggestions."""

    id = serializers.IntegerField(source="run.pk")
    state = serializers.ChoiceField(MatchRunState.choices, source="run.state")
    embedder = serializers.CharField(source="run.embedder")
    weights_version = serializers.CharField(source="run.weights_version")
    people = serializers.IntegerField()
    started_at = TimeField(source="run.started_at")
    ended_at = TimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    cpu_seconds = serializers.FloatField()
    can_repeat = serializers.BooleanField()
    stages = StageSerializer(many=True)


@extend_schema(tags=["matching runs"])
class MatchingRuns(Listed, Retrieved, Resource):
    """Runs of matching, for staff with a second factor; for everybody else there are none."""

    queryset = MatchRun.objects.all()
    serializer_class = MatchingRunSerializer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the portal's staff in.

        Raises:
            Http404: the reader is not of the staff.
            PermissionDenied: they have to set up a second factor first.
        """
        super().initial(request, *args, **kwargs)
        if not may_steer_runs(request.user):
            raise Http404
        if lacks_second_factor(request._request):  # noqa: SLF001 - Django's own request
            raise PermissionDenied(_("Please set up a second factor to administer KONNECT."))

    def rows(self) -> QuerySet[Any]:
        """Return every run."""
        return MatchRun.objects.select_related("repeats")

    def present(self, rows: Sequence[MatchRun]) -> Sequence[Progress]:
        """Return how far they are."""
        return progress_of(rows)

    @extend_schema(request=None, responses=MatchingRunSerializer, summary="Stop a run")
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Nothing of it is shown."""
        cancel_run(self.get_object(), actor=self.reader)
        return Response(self.shown(self.get_object()))

    @extend_schema(
        request=None, responses={201: MatchingRunSerializer}, summary="Compute a run again"
    )
    @action(detail=True, methods=["post"])
    def repeat(self, request: Request, pk: int) -> Response:
        """From its frozen input, as long as that is kept and no other run goes on."""
        run = self.get_object()
        (known,) = progress_of([run])
        again = start_run(repeats=run) if known.can_repeat else None
        if again is None:
            raise TransitionError("the input is gone, or another run goes on")
        ring("matching.tasks.run_due_matching")
        return Response(self.shown(again), status.HTTP_201_CREATED)
