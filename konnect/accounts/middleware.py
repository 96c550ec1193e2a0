"""What every request needs to know of its reader."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from konnect.accounts.models import User
from konnect.accounts.presence import notice
from konnect.accounts.zones import zone_named

Response = Callable[[HttpRequest], HttpResponse]


def preferences(get_response: Response) -> Response:
    """Speak the signed-in person's language, in their time zone; keep their pages out of caches."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            response = personal_response(request, request.user)
        else:
            response = get_response(request)
        # One address has two languages, and a whole page or a part of it for htmx.
        patch_vary_headers(response, ("Cookie", "HX-Request"))
        return response

    def personal_response(request: HttpRequest, reader: User) -> HttpResponse:
        # Somebody of the staff who looks as this person is not this person.
        if not hasattr(request, "impersonation"):
            notice(reader)
        translation.activate(reader.language)
        request.LANGUAGE_CODE = reader.language
        with timezone.override(zone_named(reader.time_zone)):
            response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Content-Language", reader.language)
        return response

    return middleware
