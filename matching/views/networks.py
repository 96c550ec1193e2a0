"""One's own network, and the map of ties of Europe and Korea."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from matching.countries import country_name
from matching.maps import Country, Tie, draw_map, level_of, steps
from matching.models import Area
from matching.networks import Edge, Node, draw_network
from matching.regions import EUROPE, KOREA
from matching.services.networks import CountryTies, OwnNetwork, Tied, Ties, own_network, ties
from matching.services.profiles import ensure_profile
from matching.small_numbers import SMALLEST_SHOWN, Told, total
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


@dataclass(frozen=True)
class MapRow:
    """A line of the table beside the map. shade: of the country on the map, 0 to 4."""

    name: str
    numbers: list[str]
    together: str
    shade: int


@require_GET
def ties_map(request: HttpRequest) -> HttpResponse:
    """Show how Europe and Korea are tied, by country and area, to everybody."""
    areas, area = area_asked(request)
    found = ties(area)
    context = {
        "areas": areas, "area": area, "rows": rows_of(found),
        "totals": totals_of(found), "picture": ties_picture(found),
        "steps": steps(strongest(found)),
    }  # fmt: skip
    return render(request, "matching/ties_map.html", context)


@require_GET
def ties_export(request: HttpRequest) -> HttpResponse:
    """Hand the table out as a CSV file that tells no more than the page."""
    _areas, area = area_asked(request)
    found = ties(area)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_("Country"), _("Contacts"), _("Joint works"), _("Twinnings"), _("Together")])
    writer.writerows([row.name, *row.numbers, row.together] for row in rows_of(found))
    writer.writerow([_("Together"), *totals_of(found)])
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"konnect-map-{area.code.lower()}.csv" if area else "konnect-map.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def area_asked(request: HttpRequest) -> tuple[list[Area], Area | None]:
    """Return all areas, and the one that the address names."""
    areas = list(Area.objects.filter(version=Area.CURRENT_VERSION))
    return areas, next((area for area in areas if area.code == request.GET.get("area")), None)


def rows_of(found: Ties) -> list[MapRow]:
    """Return the lines of the table by the names of the countries."""
    largest = strongest(found)
    rows = [
        MapRow(
            country_name(row.code),
            [words(number) for number in row.numbers],
            words(total(row.numbers)),
            level_of(strength(row), largest),
        )
        for row in found.countries
    ]
    return sorted(rows, key=lambda row: row.name)


def totals_of(found: Ties) -> list[str]:
    """Return the last line of the table: the sums of each kind, and of all."""
    return [words(number) for number in (*found.totals, total(found.totals))]


def strongest(found: Ties) -> int:
    """Return the number that the darkest country of the map stands for."""
    drawn = EUROPE | KOREA
    return max((strength(row) for row in found.countries if row.code in drawn), default=0)


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
    return total(row.numbers).low
