"""What every request needs to know of its reader."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from konnect.accounts.zones import zone_named

Response = Callable[[HttpRequest], HttpResponse]


def preferences(get_response: Response) -> Response:
    """Speak the signed-in person's language, in their time zone; keep their pages out of caches."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            response = personal_response(request)
        else:
            response = get_response(request)
        # One address has two languages, and a whole page or a part of it for htmx.
        patch_vary_headers(response, ("Cookie", "HX-Request"))
        return response

    def personal_response(request: HttpRequest) -> HttpResponse:
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = request.user.language
        with timezone.override(zone_named(request.user.time_zone)):
            response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Content-Language"] = request.user.language
        return response

    return middleware
