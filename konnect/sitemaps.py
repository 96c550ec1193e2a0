"""What search engines may read: public people, organisations with such people, open listings, events, calls, projects.

The addresses of pages are the same in both languages (the reader's choice decides), so there are
no alternates to name. Addresses begin with what the operator calls the portal, whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import InvalidPage, Paginator
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from events.models import Event
from funding.models import Call
from funding.services.projects import projects_with_summary
from matching.models import Listing, Organisation, Profile

ADDRESSES_A_FILE = 10_000
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = (
    "home", "about", "privacy", "terms", "accessibility", "api_reference", "events:event_list",
    "funding:call_list",
)  # fmt: skip
# Pages that are of no use to anybody who is not signed in, or that never end.
CLOSED = (
    "/accounts/", "/administration/", "/settings/", "/dashboard/", "/messages/", "/contacts/",
    "/suggestions/", "/profile/", "/blocks/", "/matching/", "/invitation/", "/search/", "/api/v1/",
    "/appearance/", "/funding/", "/applications/", "/reviews/", "/grants/", "/trips/", "/reports/",
)  # fmt: skip


def people() -> QuerySet[Any]:
    """Return whom anybody may read about, with the time of their last change."""
    return Profile.objects.visible_to(AnonymousUser()).values_list("pk", "updated_at")


def organisations() -> QuerySet[Any]:
    """Return organisations where somebody public works: others are pages without a content."""
    public = Profile.objects.visible_to(AnonymousUser())
    known = Organisation.objects.active().filter(profiles__in=public)
    return known.annotate(newest=Max("profiles__updated_at")).values_list("pk", "newest")


def listings() -> QuerySet[Any]:
    """Return open offers and requests of public people."""
    return Listing.objects.visible_to(AnonymousUser()).open().values_list("pk", "updated_at")


def events() -> QuerySet[Any]:
    """Return the events that everybody may read."""
    return Event.objects.shown().values_list("pk", "updated_at")


def calls() -> QuerySet[Any]:
    """Return the calls that everybody may read."""
    return Call.objects.public().values_list("pk", "updated_at")


def projects() -> QuerySet[Any]:
    """Return the funded projects that say what came of them."""
    return projects_with_summary().values_list("pk", "told_at")


# By part: the name of the page, and whom or what it shows.
PARTS: dict[str, tuple[str, Callable[[], QuerySet[Any]]]] = {
    "people": ("matching:profile_detail", people),
    "organisations": ("matching:organisation_detail", organisations),
    "listings": ("matching:listing_detail", listings),
    "events": ("events:event_detail", events),
    "calls": ("funding:call_detail", calls),
    "projects": ("funding:project_detail", projects),
}


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """Name every file of the map."""
    files = [reverse("sitemap_part", args=["pages", 1])]
    for part, (_name, rows) in PARTS.items():
        pages = Paginator(rows().order_by("pk"), ADDRESSES_A_FILE).page_range
        files += [reverse("sitemap_part", args=[part, page]) for page in pages]
    return xml("sitemapindex", [element("sitemap", path, None) for path in files])


@require_safe
def sitemap_part(request: HttpRequest, part: str, page: int) -> HttpResponse:
    """Name the addresses of one file."""
    if part == "pages" and page == 1:
        return xml("urlset", [element("url", reverse(name), None) for name in PAGES])
    if part not in PARTS:
        raise Http404
    name, rows = PARTS[part]
    try:
        found = Paginator(rows().order_by("pk"), ADDRESSES_A_FILE).page(page)
    except InvalidPage as error:
        raise Http404 from error
    return xml("urlset", [element("url", reverse(name, args=[pk]), at) for pk, at in found])


def element(name: str, path: str, changed_at: datetime | None) -> str:
    """Return one address with the time of its last change."""
    changed = changed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if changed_at else ""
    lastmod = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<{name}><loc>{escape(settings.SITE_URL + path)}</loc>{lastmod}</{name}>"


def xml(root: str, elements: Iterable[str]) -> HttpResponse:
    """Return a file of the map."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{root} xmlns="{NAMESPACE}">',
             *elements, f"</{root}>", ""]  # fmt: skip
    return HttpResponse("\n".join(lines), content_type="application/xml; charset=utf-8")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines what is of use to their readers."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), "",
             f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}", ""]  # fmt: skip
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
