"""What the portal did, in numbers: counted when asked, small numbers hidden.

Charts and tables are made from the same rows. A number of people below five is shown as such
only: with the place beside it, it could tell of one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.models import (
    Area,
    CareerStage,
    ContactRequest,
    ContactRequestState,
    Listing,
    ListingKind,
    Outcome,
    PartnerSearch,
    Profile,
    Side,
)

SMALLEST = 5
MONTHS_SHOWN = 24
Words = str | Promise
SIDES = (Side.EUROPE, Side.KOREA)


@dataclass(frozen=True)
class Point:
    """One number: where it stands, which line or bar it belongs to, and how it is shown."""

    place: str
    series: str
    value: int

    @property
    def shown(self) -> str:
        """The number, unless it is so small that it could tell of single people."""
        return f"<{SMALLEST}" if self.is_hidden else str(self.value)

    @property
    def drawn(self) -> int | None:
        """The number as a chart draws it; None for a hidden one, which is not zero."""
        return None if self.is_hidden else self.value

    @property
    def is_hidden(self) -> bool:
        """Whether the number could tell of single people."""
        return 0 < self.value < SMALLEST


@dataclass(frozen=True)
class Statistic:
    """One chart with its table. kind: `line` over months, or `bar` over places."""

    name: str
    title: Words
    place: Words
    kind: str
    points: tuple[Point, ...]

    @property
    def series(self) -> list[str]:
        """The columns of the table, in order."""
        return list(dict.fromkeys(point.series for point in self.points))

    @property
    def has_hidden(self) -> bool:
        """Whether some of the numbers are hidden."""
        return any(point.is_hidden for point in self.points)

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The table: a place and a number of each series."""
        cells = {(point.place, point.series): point.shown for point in self.points}
        places = dict.fromkeys(point.place for point in self.points)
        return [
            (place, [cells.get((place, series), "0") for series in self.series])
            for place in places
        ]


def statistics() -> list[Statistic]:
    """Count everything, in the language of the reader."""
    return [new_profiles(), by_area(), by_stage(), requests(), listings(), outcomes()]


def new_profiles() -> Statistic:
    """Count the profiles published each month by side."""
    people = Profile.objects.published().filter(side__in=SIDES)
    rows = monthly(people, "published_at", "side")
    points = month_points(rows, dict(Side.choices))
    return Statistic("profiles", _("Profiles published each month"), _("Month"), "line", points)


def monthly(rows: QuerySet[Any], moment: str, series: str) -> list[tuple[Any, str, int]]:
    """Count rows by month and series."""
    months = rows.annotate(month=TruncMonth(moment)).values_list("month", series)
    return list(months.annotate(Count("pk")).order_by("month", series))


def month_points(
    rows: Iterable[tuple[Any, str, int]], labels: dict[str, Words]
) -> tuple[Point, ...]:
    """Return the newest two years as points, months in words, zeros and empty months included."""
    counted = {((month.year, month.month), series): number for month, series, number in rows}
    months = months_until_last({month for month, _series in counted})[-MONTHS_SHOWN:]
    used = [series for series in labels if any((month, series) in counted for month in months)]
    return tuple(
        Point(f"{month[0]}-{month[1]:02}", str(labels[series]), counted.get((month, series), 0))
        for month in months
        for series in used
    )


def months_until_last(months: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return every month from the first to the last one, as year and month."""
    if not months:
        return []
    first, last = (12 * year + month - 1 for year, month in (min(months), max(months)))
    return [(number // 12, number % 12 + 1) for number in range(first, last + 1)]


def by_area() -> Statistic:
    """Count people by area and side; somebody may be in several areas."""
    people = Profile.objects.published().filter(
        side__in=SIDES, areas__version=Area.CURRENT_VERSION
    )
    areas = Area.objects.filter(version=Area.CURRENT_VERSION)
    labels = {area.pk: str(area) for area in areas}
    points = place_points(people, "areas", labels)
    return Statistic("areas", _("Researchers by area"), _("Area"), "bar", points)


def by_stage() -> Statistic:
    """Count people by career stage and side."""
    people = Profile.objects.published().filter(side__in=SIDES).exclude(career_stage="")
    labels = {value: str(label) for value, label in CareerStage.choices}
    points = place_points(people, "career_stage", labels)
    return Statistic("stages", _("Researchers by career stage"), _("Stage"), "bar", points)


def place_points(
    people: QuerySet[Profile], column: str, labels: dict[Any, str]
) -> tuple[Point, ...]:
    """Count people by a column and their side."""
    found = people.order_by().values_list(column, "side").annotate(Count("pk", distinct=True))
    counted = {(place, side): number for place, side, number in found}
    return tuple(
        Point(label, str(side.label), counted.get((place, side.value), 0))
        for place, label in labels.items()
        for side in SIDES
    )


def requests() -> Statistic:
    """Count contact requests of each month by what became of them."""
    rows = monthly(ContactRequest.objects.all(), "created_at", "state")
    points = month_points(rows, dict(ContactRequestState.choices))
    return Statistic("requests", _("Contact requests each month"), _("Month"), "line", points)


def listings() -> Statistic:
    """Count the listings begun each month by kind."""
    rows = monthly(Listing.objects.exclude(state="draft"), "created_at", "kind")
    points = month_points(rows, dict(ListingKind.choices))
    return Statistic("listings", _("Offers and requests each month"), _("Month"), "line", points)


def outcomes() -> Statistic:
    """Count partner searches by their outcome."""
    found = PartnerSearch.objects.exclude(outcome="").values_list("outcome").annotate(Count("pk"))
    counted = dict(found.order_by())
    series = str(_("Partner searches"))
    points = tuple(
        Point(str(label), series, counted.get(value, 0)) for value, label in Outcome.choices
    )
    return Statistic("outcomes", _("What became of partner searches"), _("Outcome"), "bar", points)
