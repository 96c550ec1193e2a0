"""A map of Europe and Korea as SVG text: countries with numbers, places, ties across.

`draw_map` takes what to say and gives a picture that CSS colours (static/css/figures.css):
`.map-land`, `.map-country`, `.map-level-1` to `-4`, `.map-mark`, `.map-place`, `.map-tie`. The page puts a
table beside it; nothing is said by colour alone. Pure: no framework, no clock, no chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from matching.outlines import (
    DOTS,
    HEIGHT,
    INSETS,
    WIDTH,
    Inset,
    Position,
    inset_of,
    land,
    middle_of,
)

LEVELS = 4
SMALLEST_MARK, LARGEST_MARK = 4.0, 12.0
KOREA = "KR"


@dataclass(frozen=True)
class Country:
    """What the map says of a country.

    code: ISO 3166, two letters; label: a sentence that is read aloud and shown on hovering;
    value: what shade and mark stand for, 0 for none; address: where a click leads, if anywhere.
    """

    code: str
    label: str
    value: float = 0
    address: str = ""
    is_chosen: bool = False


@dataclass(frozen=True)
class Place:
    """One place, such as a city with its results. latitude, longitude: degrees."""

    latitude: float
    longitude: float
    label: str
    value: float = 1
    address: str = ""


@dataclass(frozen=True)
class Tie:
    """A bow between a country and Korea. value: what its width stands for."""

    code: str
    value: float


def draw_map(
    countries: Iterable[Country], *, title: str, description: str, places: Iterable[Place] = (),
    ties: Iterable[Tie] = (), has_marks: bool = False, name: str = "map",
) -> str:  # fmt: skip
    """Return a picture of Europe and, in a frame of its own, Korea.

    title, description: read aloud for the whole; has_marks: whether countries with a value carry
    a round mark besides their shade; name: prefix of the ids, different for each map of a page.
    Countries and places that lie on neither inset are left out: the table has them.
    """
    shown = [country for country in countries if inset_of(country.code)]
    spots = list(places)
    parts = [opening(title, description, name)]
    parts.extend(ground(inset, {country.code for country in shown}) for inset in INSETS)
    parts.extend(drawn_countries(shown))
    parts.extend(bows(list(ties)))
    if has_marks:
        parts.extend(drawn_marks(shown))
    parts.extend(drawn_places(spots))
    return "".join([*parts, "</svg>"])


def opening(title: str, description: str, name: str) -> str:
    """Return the beginning of the picture with its name and what it shows."""
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" role="group" '
        f'aria-labelledby="{name}-title {name}-text">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-text">{escape(description)}</desc>'
    )


def ground(inset: Inset, shown: set[str]) -> str:
    """Return the frame of an inset and the land in it about which nothing is said."""
    frame = (
        f'<rect class="map-sea" x="{inset.left:g}" y="{inset.top:g}" '
        f'width="{inset.width:g}" height="{inset.height:g}" rx="8"/>'
    )
    own = "".join(
        f'<path class="map-land{"" if code in inset.codes else " map-around"}" d="{path}"/>'
        for code, path in land(inset).items()
        if code not in shown
    )
    return f'<g aria-hidden="true">{frame}{own}</g>'


def level_of(value: float, largest: float) -> int:
    """Return the shade, 1 to 4 by powers of the share, or 0 for nothing."""
    if value <= 0 or largest <= 0:
        return 0
    share = math.log1p(value) / math.log1p(largest)
    return max(1, min(LEVELS, math.ceil(share * LEVELS - 1e-9)))


def steps(largest: float) -> list[tuple[int, int]]:
    """Return each shade that the picture can have, and the smallest whole number that has it."""
    found = []
    for level in range(1, LEVELS + 1):
        below = math.expm1((level - 1) / LEVELS * math.log1p(max(largest, 0)))
        least = math.floor(below + 1e-6) + 1
        if level_of(least, largest) == level and least <= largest:
            found.append((level, least))
    return found


def size_of(value: float, largest: float) -> float:
    """Return the radius of a mark: its area grows with the value."""
    if largest <= 0:
        return SMALLEST_MARK
    return SMALLEST_MARK + (LARGEST_MARK - SMALLEST_MARK) * math.sqrt(max(value, 0) / largest)


def drawn_countries(countries: Sequence[Country]) -> Iterable[str]:
    """Yield every country with its shade; the smallest ones last, so that none covers them."""
    largest = max((country.value for country in countries), default=0)
    for country in sorted(countries, key=lambda country: (country.code in DOTS, country.code)):
        level = level_of(country.value, largest)
        chosen = " map-chosen" if country.is_chosen else ""
        kind = f"map-country map-level-{level}{chosen}"
        body = f"<title>{escape(country.label)}</title>{shape_of(country.code)}"
        yield linked(body, kind, country)


def drawn_marks(countries: Sequence[Country]) -> Iterable[str]:
    """Yield a mark for every country with a value, great ones first: none covers a small one."""
    marked = [country for country in countries if country.value > 0]
    largest = max((country.value for country in marked), default=0)
    for country in sorted(marked, key=lambda country: (-country.value, country.code)):
        yield mark_at(country.code, size_of(country.value, largest))


def shape_of(code: str) -> str:
    """Return a country's outline, or a dot when it is too small for one."""
    inset = inset_of(code)
    path = land(inset).get(code, "") if inset else ""
    if code in DOTS or not path:
        across, down = middle_of(code) or (0.0, 0.0)
        return f'<circle class="map-shape" cx="{across:.1f}" cy="{down:.1f}" r="4"/>'
    return f'<path class="map-shape" d="{path}"/>'


def mark_at(code: str, radius: float) -> str:
    """Return the round mark of a country."""
    across, down = middle_of(code) or (0.0, 0.0)
    return f'<circle class="map-mark" aria-hidden="true" cx="{across:.1f}" cy="{down:.1f}" r="{radius:.1f}"/>'


def linked(body: str, kind: str, target: Country | Place) -> str:
    """Return what can be clicked and reached by keyboard, or a labelled group."""
    label = escape(target.label)
    if target.address:
        return f'<a class="{kind}" href="{escape(target.address)}" aria-label="{label}">{body}</a>'
    return f'<g class="{kind}" role="img" aria-label="{label}">{body}</g>'


def drawn_places(places: Sequence[Place]) -> Iterable[str]:
    """Yield a mark for every place that lies on one of the insets."""
    largest = max((place.value for place in places), default=0)
    for place in sorted(places, key=lambda place: (-place.value, place.label)):
        spot = spot_of(place)
        if spot:
            radius = size_of(place.value, largest)
            body = f'<circle cx="{spot[0]:.1f}" cy="{spot[1]:.1f}" r="{radius:.1f}"/>'
            title = f"<title>{escape(place.label)}</title>"
            yield linked(title + body, "map-place", place)


def spot_of(place: Place) -> Position | None:
    """Return where a place lies on the picture, or None when it lies outside."""
    for inset in INSETS:
        point = inset.project((place.longitude, place.latitude))
        if inset.holds(point):
            return point
    return None


def bows(ties: Sequence[Tie]) -> Iterable[str]:
    """Yield a bow from each country to Korea, wide for great values."""
    end = middle_of(KOREA)
    largest = max((tie.value for tie in ties), default=0)
    for tie in sorted(ties, key=lambda tie: (tie.value, tie.code)):
        start = middle_of(tie.code)
        if start and end and tie.code != KOREA and tie.value > 0:
            width = 1 + 3 * math.sqrt(tie.value / largest)
            lift = min(start[1], end[1]) - 0.22 * abs(end[0] - start[0])
            yield (
                f'<path class="map-tie" aria-hidden="true" stroke-width="{width:.1f}" '
                f'd="M{start[0]:.1f} {start[1]:.1f}'
                f'Q{(start[0] + end[0]) / 2:.1f} {max(lift, -40):.1f} {end[0]:.1f} {end[1]:.1f}"/>'
            )
