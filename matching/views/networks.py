"""One's own network, and the map of ties of Europe and Korea."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from matching.countries import country_name
from matching.maps import Country, Tie, draw_map
from matching.models import Area
from matching.networks import Edge, Node, draw_network
from matching.regions import EUROPE, KOREA
from matching.services.networks import CountryTies, OwnNetwork, Tied, Ties, own_network, ties
from matching.services.profiles import ensure_profile
from matching.small_numbers import SMALLEST_SHOWN, Told
from matching.templatetags.people import first_name_shown
from matching.views.asked import MemberRequest


@login_required
@require_GET
def network(request: MemberRequest) -> HttpResponse:
    """Show whom one knows, as a picture and a table."""
    found = own_network(request.user)
    picture = own_picture(found, ensure_profile(request.user).name)
    context = {"tied": found.tied, "picture": picture}
    return render(request, "matching/network.html", context)


def own_picture(found: OwnNetwork, own_name: str) -> str:
    """Return the drawing of one's own network; '' for nobody."""
    if not found.tied:
        return ""
    number = len(found.tied)
    text = ngettext("%(number)d person; the table below says the same.",
                    "%(number)d people; the table below says the same.", number)  # fmt: skip
    picture = draw_network(
        [node_of(one) for one in found.tied], edges_of(found), own_label=own_name,
        title=_("My network"), description=text % {"number": number},
    )  # fmt: skip
    return mark_safe(picture)  # noqa: S308 - the drawing escapes every text


def node_of(one: Tied) -> Node:
    """Return the point of a person."""
    person = one.person
    note = str(person.organisation or person.organisation_unlisted)
    address = person.get_absolute_url()
    return Node(person.pk, first_name_shown(person), note, person.side, address)


def edges_of(found: OwnNetwork) -> list[Edge]:
    """Return the lines: joint works below, contacts above them."""
    edges = [Edge(one, other, is_work=True) for one, other in found.worked_together]
    edges += [Edge(0, one.person.pk, is_work=True) for one in found.tied if one.works]
    return edges + [Edge(0, one.person.pk) for one in found.tied if one.is_contact]


@require_GET
def ties_map(request: HttpRequest) -> HttpResponse:
    """Show how Europe and Korea are tied, by country and area, to everybody."""
    areas = list(Area.objects.filter(version=Area.CURRENT_VERSION))
    area = next((area for area in areas if area.code == request.GET.get("area")), None)
    found = ties(area)
    rows = [
        (country_name(row.code), [words(number) for number in row.numbers])
        for row in found.countries
    ]
    context = {
        "areas": areas, "area": area, "rows": sorted(rows),
        "totals": [words(number) for number in found.totals],
        "picture": ties_picture(found),
    }  # fmt: skip
    return render(request, "matching/ties_map.html", context)


def words(number: Told) -> str:
    """Return what is told of a number, in words."""
    if number.is_exact:
        return str(number.low)
    if number.is_small:
        return _("fewer than %(number)d") % {"number": SMALLEST_SHOWN}
    return _("%(low)d to %(high)d") % {"low": number.low, "high": number.high}


def ties_picture(found: Ties) -> str:
    """Return the map: shade, mark and bow say how many ties there are at least."""
    known = {row.code: row for row in found.countries}
    countries = [place_of(code, known.get(code)) for code in sorted(EUROPE | KOREA)]
    bows = [Tie(row.code, strength(row)) for row in found.countries]
    picture = draw_map(
        countries, ties=bows, has_marks=True, title=_("Ties of Europe and Korea"),
        description=_("Countries with more ties are darker; the table below has the numbers."),
    )  # fmt: skip
    return mark_safe(picture)  # noqa: S308 - the drawing escapes every text


def place_of(code: str, row: CountryTies | None) -> Country:
    """Return a country with its numbers in words."""
    name = country_name(code)
    if row is None:
        return Country(code, name)
    contacts, works, twinnings = (words(number) for number in row.numbers)
    label = _("%(name)s: contacts %(contacts)s, joint works %(works)s, twinnings %(twinnings)s") % {
        "name": name, "contacts": contacts, "works": works, "twinnings": twinnings,
    }  # fmt: skip
    return Country(code, label, strength(row))


def strength(row: CountryTies) -> int:
    """Return how many ties there are at least: what the picture shows says no more than the table."""
    return sum(number.low for number in row.numbers)
