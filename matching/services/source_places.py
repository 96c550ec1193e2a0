"""Which organisations of the portal a place of work in another source may be."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from matching.models import Organisation
from matching.names import folded
from matching.sources import FoundPlace

MOST_CANDIDATES = 5


def candidates_of(places: Sequence[FoundPlace]) -> dict[FoundPlace, list[Organisation]]:
    """Return the organisations that each place may be, by ids, else by name; with one query."""
    wanted = Q(pk__in=())
    for place in places:
        wanted |= by_ids(place) | by_name(place)
    found = list(Organisation.objects.active().filter(wanted).order_by("pk")) if places else []
    return {place: best(place, found) for place in places}


def by_ids(place: FoundPlace) -> Q:
    """Return the condition that one of the ids is the organisation's."""
    condition = Q(pk__in=())
    for scheme, value in place.ids:
        if scheme == "ror":
            condition |= Q(ror_id=value.lower())
        else:
            condition |= Q(external_ids__contains={scheme: [value]})
    return condition


def by_name(place: FoundPlace) -> Q:
    """Return the condition that one of the organisation's names is exactly this."""
    # `search_text` has every name, folded, one a line.
    name = folded(place.name)
    if not name:
        return Q(pk__in=())
    lines = Q(search_text=name) | Q(search_text__startswith=f"{name}\n")
    lines |= Q(search_text__endswith=f"\n{name}") | Q(search_text__contains=f"\n{name}\n")
    return lines & Q(country_code=place.country_code) if place.country_code else lines


def best(place: FoundPlace, found: list[Organisation]) -> list[Organisation]:
    """Return those with one of the ids; when there is none, those with the name."""
    known = [row for row in found if has_id(row, place)]
    return (known or [row for row in found if has_name(row, place)])[:MOST_CANDIDATES]


def has_id(organisation: Organisation, place: FoundPlace) -> bool:
    """Say whether one of the ids is the organisation's."""
    return any(
        value.lower() == organisation.ror_id
        if scheme == "ror"
        else value in organisation.external_ids.get(scheme, [])
        for scheme, value in place.ids
    )


def has_name(organisation: Organisation, place: FoundPlace) -> bool:
    """Say whether this is one of the organisation's names, in the place's country."""
    is_there = place.country_code in {"", organisation.country_code}
    return is_there and folded(place.name) in organisation.search_text.split("\n")
