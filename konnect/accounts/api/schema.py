"""The description of the API, made once a process."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api import description
from konnect.accounts.api.views import Endpoint

__all__ = ["Description", "described", "description"]


class Description(Endpoint):
    """The description of the API by OpenAPI 3.1."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    renderer_classes = (OpenApiJsonRenderer2, JSONRenderer)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Return it as JSON."""
        return Response(described())


def described() -> dict[str, Any]:
    """Return the description; English, whoever reads it first."""
    return copy.deepcopy(made())


@cache
def made() -> dict[str, Any]:
    """Make the description: it takes a second or two."""
    with translation.override("en"):
        # The library has no types.
        make_generator: Any = SchemaGenerator
        found: dict[str, Any] = make_generator().get_schema(request=None, public=True)
    return found
