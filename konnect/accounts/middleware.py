"""What every request needs to know of its reader."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

Response = Callable[[HttpRequest], HttpResponse]


def preferences(get_response: Response) -> Response:
    """Speak the signed-in person's language, in their time zone; keep their pages out of caches."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = request.user.language
        with timezone.override(zoneinfo.ZoneInfo(request.user.time_zone)):
            response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Content-Language"] = request.user.language
        return response

    return middleware
