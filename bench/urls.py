"""The portal's addresses and a view that does nothing but answer."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

BODY = {"bytes": b""}


def bare(request: HttpRequest) -> HttpResponse:
    """Return the same bytes as the page that it is compared with."""
    return HttpResponse(BODY["bytes"])


urlpatterns = [path("bare/", bare), path("", include("konnect.urls"))]
