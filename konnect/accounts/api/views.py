"""What every endpoint does: language, headers, tags, and lists that start from the reader."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from konnect.accounts.api.answers import POLICY
from konnect.accounts.api.conditions import check_precondition, with_tag
from konnect.accounts.models import Language, User


class Endpoint(APIView):
    """Labels in the wanted language, private answers, entity tags."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Speak the language that the request asks for, else the person's own."""
        asked = asked_language(request)
        translation.activate(asked or Language.ENGLISH.value)
        super().initial(request, *args, **kwargs)
        if asked is None and isinstance(request.user, User):
            translation.activate(request.user.language)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Write the headers that every answer has."""
        found: Any = super().finalize_response(request, response, *args, **kwargs)
        found.headers["Content-Security-Policy"] = POLICY
        found.headers["Cache-Control"] = "private, no-store"
        found.headers["Content-Language"] = translation.get_language() or "en"
        patch_vary_headers(found, ("Authorization", "Cookie", "Accept-Language"))
        is_read = request.method in ("GET", "HEAD") and found.status_code == 200
        if is_read and isinstance(found, Response):
            found.add_post_render_callback(with_tag)
        return found

    @property
    def reader(self) -> User:
        """Who asks, where only people who signed in may ask."""
        user = self.request.user
        if not isinstance(user, User):
            raise Http404
        return user


def asked_language(request: Request) -> str | None:
    """Return the language of ours that Accept-Language likes best."""
    for code, _ in parse_accept_lang_header(request.headers.get("accept-language", "")):
        with suppress(LookupError):
            return get_supported_language_variant(code)
    return None


class Resource(Endpoint, GenericViewSet[Any]):
    """One noun. A subclass says who sees which rows (`rows`) and how they are shown (`present`)."""

    lookup_value_converter = "int"

    def rows(self) -> QuerySet[Any]:
        """Return what this reader may see."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows, none while the API is only being described."""
        if getattr(self, "swagger_fake_view", False):
            described: Any = type(self).queryset
            nothing: QuerySet[Any] = described.none()
            return nothing
        return self.rows()

    def present(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return what the serializer reads of these rows."""
        return rows

    def get_object(self) -> Any:
        """Return the row of the address; what the reader may not see is not there."""
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def shown(self, row: Any) -> Any:
        """Return one row as it is answered."""
        return self.answer_serializer(self.present([row])[0]).data

    def answer_serializer(self, value: Any, **options: Any) -> BaseSerializer[Any]:
        """Return the serializer of answers, whatever the action takes in."""
        kind: Any = self.serializer_class
        serializer: BaseSerializer[Any] = kind(
            value, context=self.get_serializer_context(), **options
        )
        return serializer

    def given(self, kind: type[BaseSerializer[Any]], **options: Any) -> dict[str, Any]:
        """Return what the body says, checked.

        Raises:
            ValidationError: something in it is not valid.
        """
        context = self.get_serializer_context()
        serializer = kind(data=self.request.data, context=context, **options)
        serializer.is_valid(raise_exception=True)
        found: dict[str, Any] = serializer.validated_data
        return found

    def locked(self, row: Any) -> Any:
        """Lock a row and read it again; refuse when If-Match names another state of it."""
        type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
        fresh = self.get_object()
        check_precondition(self.request, self.shown(fresh))
        return fresh


class Listed:
    """A noun that is read as a list."""

    def list(self: Any, request: Request, **place: int) -> Response:
        # No docstring: the description says what the class says.
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        shown = self.answer_serializer(self.present(page), many=True)
        found: Response = self.get_paginated_response(shown.data)
        return found


class Retrieved:
    """A noun that is read by its number."""

    def retrieve(self: Any, request: Request, pk: int) -> Response:
        # No docstring: the description says what the class says.
        return Response(self.shown(self.get_object()))


class NothingHere(Endpoint):
    """Every other address below /api/."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say that there is nothing, whatever the method.

        Raises:
            Http404: always.
        """
        super().initial(request, *args, **kwargs)
        raise Http404
