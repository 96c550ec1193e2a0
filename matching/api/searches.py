"""Search, and searches that one keeps."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api.authentication import MayWrite, SignedInToWrite
from konnect.accounts.api.bodies import Changes, Given, TimeField
from konnect.accounts.api.views import Endpoint, Listed, Resource, Retrieved
from konnect.accounts.models import Rhythm
from matching.facets import Vocabulary, read
from matching.filters import SavedSearchFilter
from matching.models import SavedSearch, SearchKind
from matching.questions import FACETS, Cause, Found, Sort
from matching.services.finding import find
from matching.services.saved_searches import change_search, delete_search, save_search

LARGEST_PAGE = 10_000
FOUND = {
    "count": 1,
    "is_exact": True,
    "page": 1,
    "facets": {"country": {"KR": 1}},
    "results": [{"id": 3, "cause": "text", "snippet": "We make perovskite solar cells."}],
}


class HitSerializer(serializers.Serializer[Any]):
    """Something that was found."""

    id = serializers.IntegerField(help_text="Read it at the address of its noun.")
    cause = serializers.ChoiceField(Cause.choices, help_text="Why it was found.")
    snippet = serializers.CharField(allow_blank=True, help_text="The text that shows it.")


@extend_schema_serializer(examples=[OpenApiExample("Hits", FOUND, response_only=True)])
class FoundSerializer(serializers.Serializer[Any]):
    """A page of hits, with what each facet would leave."""

    count = serializers.IntegerField()
    is_exact = serializers.BooleanField(help_text="False: there are more than `count`.")
    page = serializers.IntegerField()
    facets = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))
    results = HitSerializer(many=True)


def facet_parameters() -> list[OpenApiParameter]:
    """Return the parameters of a search."""
    texts = {"type": "array", "items": {"type": "string"}}
    facets = [
        OpenApiParameter(name, texts, description=f"For {', '.join(sorted(kinds))}.")
        for name, kinds in FACETS.items()
    ]
    page = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 1}
    return [
        OpenApiParameter("q", OpenApiTypes.STR, description="Words in either language."),
        *facets,
        OpenApiParameter("sort", OpenApiTypes.STR, enum=Sort.values),
        OpenApiParameter("page", page, description="One behind the last is the last."),
    ]


@extend_schema(tags=["searches"])
class Search(Endpoint):
    """Words and facets find people, organisations or listings in both languages, best first."""

    permission_classes = (SignedInToWrite, MayWrite)
    kind = SearchKind.PEOPLE

    @extend_schema(parameters=facet_parameters(), responses=FoundSerializer)
    def get(self, request: Request) -> Response:
        # No docstring: the description says what the class says.
        asked = read(self.kind, request.query_params, Vocabulary.read(self.kind))
        if errors := {f"?{facet}": [f"There is no {value!r}."] for facet, value in asked.dropped}:
            raise ValidationError(errors)
        check_page(request.query_params.get("page", "1"))
        return Response(hits(find(asked.question, reader=request.user)))


class PeopleSearch(Search):
    """Find people by words and facets, in both languages, best first."""


class OrganisationSearch(Search):
    """Find organisations by words and facets, in both languages, best first."""

    kind = SearchKind.ORGANISATIONS


class ListingSearch(Search):
    """Find offers, requests and partner searches by words and facets, best first."""

    kind = SearchKind.LISTINGS


def check_page(text: str) -> None:
    """Refuse what is no number of a page.

    Raises:
        ValidationError: it is none.
    """
    is_number = text.isascii() and text.isdigit() and len(text) < 6
    if not is_number or not 1 <= int(text) <= LARGEST_PAGE:
        raise ValidationError({"?page": [f"A number from 1 to {LARGEST_PAGE}."]})


def hits(found: Found) -> dict[str, Any]:
    """Return a page of hits as it is answered."""
    results = [
        {"id": pk, "cause": found.why[pk].cause.value, "snippet": found.why[pk].snippet}
        if pk in found.why
        else {"id": pk, "cause": Cause.TEXT.value, "snippet": ""}
        for pk in found.ids
    ]
    return {
        "count": found.count, "is_exact": found.is_exact, "page": found.page,
        "facets": found.facets, "results": results,
    }  # fmt: skip


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Saved search",
            {
                "id": 2,
                "name": "Graphene in Germany",
                "kind": "people",
                "query": "q=graphene&country=DE",
                "rhythm": "weekly",
                "has_feed": False,
                "created_at": "2026-11-02T08:15:00Z",
                "looked_at": "2026-11-09T08:15:00Z",
            },
            response_only=True,
        )
    ]
)
class SavedSearchSerializer(serializers.Serializer[SavedSearch]):
    """A search that one wants news of."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(SearchKind.choices)
    query = serializers.CharField(allow_blank=True, help_text="As the address has it.")
    rhythm = serializers.ChoiceField(Rhythm.choices)
    has_feed = serializers.SerializerMethodField(help_text="Its address is secret: see the page.")
    created_at = TimeField()
    looked_at = TimeField()

    def get_has_feed(self, row: SavedSearch) -> bool:
        """Tell whether it has an Atom feed."""
        return row.feed_token is not None


class SavedSearchRequestSerializer(Given):
    """A search to keep."""

    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(SearchKind.choices)
    query = serializers.CharField(max_length=1000, allow_blank=True)
    rhythm = serializers.ChoiceField(Rhythm.choices, default=Rhythm.DAILY.value)


class SavedSearchChangesSerializer(Changes):
    """Changes to a kept search."""

    name = serializers.CharField(max_length=100)
    rhythm = serializers.ChoiceField(Rhythm.choices)


@extend_schema(tags=["searches"])
class SavedSearches(Listed, Retrieved, Resource):
    """The searches that one keeps."""

    queryset = SavedSearch.objects.all()
    serializer_class = SavedSearchSerializer
    filterset_class = SavedSearchFilter

    def rows(self) -> QuerySet[Any]:
        """Return one's own."""
        return SavedSearch.objects.filter(user=self.reader)

    @extend_schema(
        request=SavedSearchRequestSerializer, responses={201: SavedSearchSerializer},
        summary="Keep a search",
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """The same search again keeps the one that is there, with its new name and rhythm."""
        values = self.given(SavedSearchRequestSerializer)
        kind = SearchKind(values.pop("kind"))
        search = save_search(self.reader, actor=self.reader, kind=kind, **values)
        self.kwargs["pk"] = search.pk
        return Response(self.shown(self.get_object()), status.HTTP_201_CREATED)

    @extend_schema(
        request=SavedSearchChangesSerializer, responses=SavedSearchSerializer,
        summary="Rename a search, or be told at another rhythm",
    )  # fmt: skip
    @transaction.atomic
    def partial_update(self, request: Request, pk: int) -> Response:
        """What is named is replaced; the rest stays."""
        search = self.locked(self.get_object())
        values = {"name": search.name, "rhythm": search.rhythm}
        values |= self.given(SavedSearchChangesSerializer)
        change_search(search, actor=self.reader, **values)
        return Response(self.shown(self.get_object()))

    @extend_schema(responses={204: None}, summary="Delete a kept search")
    def destroy(self, request: Request, pk: int) -> Response:
        """What it found stays where it is."""
        delete_search(self.get_object(), actor=self.reader)
        return Response(status=status.HTTP_204_NO_CONTENT)
