"""Who asks, and what for."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from konnect.accounts import requests

# The largest id that the database can hold.
LARGEST = 2**63 - 1


class MemberRequest(requests.MemberRequest):
    """A request after `login_required` that may come from htmx; only types name it."""

    htmx: HtmxDetails


def asked_number(request: HttpRequest, name: str) -> int | None:
    """Return a number of the query string; None when it is missing or none that can be an id."""
    text = request.GET.get(name) or request.POST.get(name) or ""
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        return None
    number = int(text)
    return number if number <= LARGEST else None
