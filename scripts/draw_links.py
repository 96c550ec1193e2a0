"""Draw the illustration of the home page: Europe and Korea in two lenses of one size, linked.

The land is a coarse outline made for this drawing; the nodes are the cities of the organisations
that the portal ships. Run it again after changing either:

    python scripts/draw_links.py > templates/components/links.html
"""

import csv
import math
import sys
from collections.abc import Iterator
from pathlib import Path

ORGANISATIONS = Path(__file__).parent.parent / "matching" / "data" / "organisations.csv"
Point = tuple[float, float]

# Longitude, latitude.
EUROPE = [
    [(-9.3, 37), (-8.9, 43.2), (-2, 43.4), (-1.3, 46), (-4.6, 48.4), (-1.6, 49.6), (2.5, 51), (4.8, 53.2),
     (8.5, 53.8), (8.2, 57), (10.5, 57.6), (12.3, 54.3), (18.5, 54.7), (21, 55.5), (21.5, 57.5), (24.2, 57.2),
     (23.6, 59.2), (28, 59.4), (28, 56), (32, 52), (38, 49.5), (38, 47.2), (31, 46.5), (28.7, 44), (28, 41.2),
     (36, 41.8), (42, 41.3), (43.5, 37.5), (36, 36.3), (30.5, 36.5), (27.5, 36.8), (26.3, 39.5), (23.7, 40.3),
     (24, 37.7), (22.6, 36.6), (21, 38.5), (19.4, 41.5), (15.2, 44.2), (13.6, 45.5), (12.4, 44.3), (18.4, 40),
     (16.5, 39.7), (15.7, 38), (15.6, 40), (11.2, 42.4), (8.7, 44.4), (3.1, 43.1), (0.3, 40), (-0.5, 37.8),
     (-2, 36.8), (-5.6, 36)],
    [(5, 58.5), (5, 61.8), (11, 64.3), (15, 68.2), (21, 70), (28, 71), (30, 69.5), (30, 65), (31, 62.5), (28, 60.5),
     (23, 59.9), (21.3, 61.5), (24.5, 65), (22, 65.7), (17.5, 62), (18.5, 59.8), (16.5, 57), (14.2, 55.4),
     (12.8, 55.5), (11.2, 59), (8, 58.1)],
    [(-5.5, 50.1), (-3.2, 51.3), (-5, 51.8), (-4.6, 53.3), (-3, 53.5), (-3.4, 54.9), (-5, 55.5), (-6, 57.5), (-4.9, 58.6),
     (-3, 58.6), (-2, 57.5), (-1.5, 55), (0.3, 53), (1.7, 52.6), (1.4, 51.2)],
    [(-10, 51.6), (-10, 54.2), (-7.5, 55.3), (-5.6, 54.4), (-6.2, 52.2)],
    [(-24, 65.5), (-22, 64), (-18.5, 63.4), (-14, 64.7), (-15, 66.3), (-21, 66)],
    [(12.5, 38), (15.5, 38.2), (15.1, 36.7)], [(8.2, 39), (8.3, 41), (9.7, 41), (9.5, 39.2)],
    [(23.5, 35.3), (26.2, 35.2), (24, 34.9)], [(32.3, 34.8), (34.4, 35.6), (33.9, 34.9)],
]  # fmt: skip
KOREA = [
    [(126.4, 34.4), (126.3, 36.6), (126.9, 37.2), (125.2, 37.7), (124.8, 38.2), (125.3, 39.3), (124.4, 40),
     (126.5, 41.5), (128.2, 41.5), (129.4, 42.4), (130.6, 42.4), (129.7, 41), (127.6, 39.8), (127.5, 39.2),
     (128.4, 38.5), (129.4, 37), (129.5, 35.6), (128.6, 34.9), (127.5, 34.6)],
    [(126.15, 33.25), (126.5, 33.6), (126.95, 33.5), (126.6, 33.2)],
]  # fmt: skip

RADIUS = 148.0
LENSES = {
    # name: outlines, centre of the map, degrees of latitude across the lens, centre of the lens
    "europe": (EUROPE, (12.5, 52.0), 44.0, (158.0, 170.0)),
    "korea": (KOREA, (127.5, 37.55), 11.2, (402.0, 170.0)),
}
LINKS = [
    ("Leuven", "Seoul"), ("Helsinki", "Daejeon"), ("Madrid", "Busan"), ("Vienna", "Pohang"),
    ("Athens", "Gwangju"), ("Dublin", "Ulsan"), ("Warsaw", "Daegu"),
]  # fmt: skip


def project(place: Point, lens: str) -> Point:
    """Return where a longitude and latitude lie in the drawing."""
    _, (longitude, latitude), span, (x, y) = LENSES[lens]
    scale = 2 * RADIUS / span
    shrink = math.cos(math.radians(latitude))
    return x + (place[0] - longitude) * shrink * scale, y - (place[1] - latitude) * scale


def inside(point: Point, outline: list[Point]) -> bool:
    """Tell whether a point lies in a polygon: count the edges to its right."""
    x, y = point
    edges = zip(outline, outline[1:] + outline[:1], strict=True)
    crossings = [
        True
        for (ax, ay), (bx, by) in edges
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax
    ]
    return len(crossings) % 2 == 1


def land(lens: str, step: float = 7.4) -> Iterator[Point]:
    """Yield a honeycomb of dots over the land that the lens shows."""
    outlines, _, _, (x, y) = LENSES[lens]
    drawn = [[project(place, lens) for place in outline] for outline in outlines]
    rows = int(RADIUS / (step * 0.866))
    for row in range(-rows, rows + 1):
        for column in range(-40, 41):
            dot = (x + (column + (row % 2) / 2) * step, y + row * step * 0.866)
            in_lens = math.dist(dot, (x, y)) < RADIUS - 5
            if in_lens and any(inside(dot, outline) for outline in drawn):
                yield dot


def cities(lens: str) -> dict[str, Point]:
    """Return the cities of the shipped organisations on one side."""
    with ORGANISATIONS.open(encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if (row["country_code"] == "KR") == (lens == "korea")
        ]
    places = {row["city"]: project((float(row["lng"]), float(row["lat"])), lens) for row in rows}
    centre = LENSES[lens][3]
    return {city: at for city, at in places.items() if math.dist(at, centre) < RADIUS - 6}


def dots(points: Iterator[Point] | list[Point]) -> str:
    """Return a path of lines without length, which round caps turn into dots."""
    return "".join(f"M{x:.0f} {y:.0f}h0" for x, y in points)


def link(start: Point, end: Point) -> str:
    """Return an arc between two cities."""
    lift = 46 + 0.12 * abs(end[0] - start[0])
    middle = ((start[0] + end[0]) / 2, min(start[1], end[1]) - lift)
    return (
        f"M{start[0]:.0f} {start[1]:.0f}Q{middle[0]:.0f} {middle[1]:.0f} {end[0]:.0f} {end[1]:.0f}"
    )


def picture() -> str:
    """Return the whole drawing."""
    europe, korea = cities("europe"), cities("korea")
    arcs = "".join(link(europe[a], korea[b]) for a, b in LINKS if a in europe and b in korea)
    ends = [europe[a] for a, b in LINKS if a in europe and b in korea]
    others = [korea[b] for a, b in LINKS if a in europe and b in korea]
    circles = "".join(
        f'<circle class="links-{part}" cx="{x:.0f}" cy="{y:.0f}" r="{RADIUS:.0f}"/>'
        for part in ("lens", "rim")
        for _, _, _, (x, y) in LENSES.values()
    )
    return (
        '<svg class="links" viewBox="0 0 560 340" width="560" height="340" aria-hidden="true" fill="none">'
        '<defs><linearGradient id="links-gradient" gradientUnits="userSpaceOnUse" x1="120" x2="440" y1="0" y2="0">'
        '<stop class="links-from" offset="0.2"/><stop class="links-to" offset="0.8"/></linearGradient></defs>'
        f"{circles}"
        f'<path class="links-land" d="{dots(land("europe"))}{dots(land("korea"))}"/>'
        f'<path class="links-arcs" stroke="url(#links-gradient)" d="{arcs}"/>'
        f'<path class="links-cities links-blue" d="{dots(list(europe.values()))}"/>'
        f'<path class="links-cities links-copper" d="{dots(list(korea.values()))}"/>'
        f'<path class="links-ends links-blue" d="{dots(ends)}"/>'
        f'<path class="links-ends links-copper" d="{dots(others)}"/></svg>\n'
    )


if __name__ == "__main__":
    sys.stdout.write(picture())
