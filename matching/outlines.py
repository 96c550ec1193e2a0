"""Outlines of countries on a flat picture: projected, clipped and rounded once a process.

From the countryinfo package and `data/outlines.json`, which holds what the package lacks. Degrees
in, units of the picture out. Pure: no framework.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from countryinfo import CountryInfo

from matching.regions import EUROPE, KOREA

Position = tuple[float, float]
Ring = list[Position]

SUPPLEMENT = Path(__file__).parent / "data" / "outlines.json"
# Land around that gives the eye its bearings and is not counted.
AROUND = ("RU", "BY", "MA", "DZ", "LY", "EG", "SY", "LB", "JO", "IQ", "IR", "AZ", "KP", "CN", "JP")
# Too small for an outline at this size, with longitude and latitude of the middle.
DOTS = {"LI": (9.55, 47.15), "MT": (14.4, 35.9), "LU": (6.1, 49.75), "FO": (-6.9, 62.0)}
# Where the middle of the outline would lie in the sea, or far from where people live.
MIDDLES = {
    "FR": (2.5, 46.6), "NO": (9.3, 61.0), "GB": (-1.6, 52.9), "GR": (22.4, 39.4),
    "HR": (16.2, 45.4), "SE": (15.2, 60.5), "DK": (9.4, 56.1), "IT": (12.2, 43.2),
    "PT": (-8.1, 39.6), "TN": (9.5, 35.0), "FI": (26.0, 62.5), "KR": (127.9, 36.4),
}  # fmt: skip


@dataclass(frozen=True)
class Inset:
    """One piece of the world in a rectangle of the picture.

    longitude, latitude: the middle, in degrees; scale: units of the picture for one radius of the
    Earth; left, top, width, height: units of the picture.
    """

    name: str
    codes: frozenset[str]
    longitude: float
    latitude: float
    scale: float
    left: float
    top: float
    width: float
    height: float

    def project(self, position: Position) -> Position:
        """Return where a place (longitude, latitude) lies: Lambert's equal areas (Snyder 24)."""
        east = math.radians(position[0] - self.longitude)
        north, middle = math.radians(position[1]), math.radians(self.latitude)
        closeness = 1 + math.sin(middle) * math.sin(north)
        closeness += math.cos(middle) * math.cos(north) * math.cos(east)
        factor = self.scale * math.sqrt(2 / max(closeness, 1e-6))
        across = factor * math.cos(north) * math.sin(east)
        up = math.cos(middle) * math.sin(north)
        up -= math.sin(middle) * math.cos(north) * math.cos(east)
        return (
            self.left + self.width / 2 + across,
            self.top + self.height / 2 - factor * up,
        )

    def holds(self, point: Position) -> bool:
        """Tell whether a point of the picture lies in the rectangle."""
        across, down = point[0] - self.left, point[1] - self.top
        return 0 <= across <= self.width and 0 <= down <= self.height


WIDTH, HEIGHT = 720, 470
INSETS = (
    Inset("europe", EUROPE, 16.0, 51.2, 640, 0, 0, 510, 470),
    Inset("korea", KOREA, 127.8, 35.95, 2300, 526, 110, 194, 250),
)


@cache
def rings_by_code() -> Mapping[str, list[Ring]]:
    """Return the rings (longitude, latitude) of every country that is drawn."""
    supplement = json.loads(SUPPLEMENT.read_text(encoding="utf-8"))
    codes = sorted(EUROPE | KOREA | set(AROUND))
    return {code: package_rings(code) + supplement.get(code, []) for code in codes}


def package_rings(code: str) -> list[Ring]:
    """Return the outer rings that the package has of a country: none when it lacks it."""
    if code == "XK":
        return []
    rings: list[Ring] = []
    for feature in CountryInfo(code).geo_json().get("features", []):
        geometry = feature["geometry"]
        polygons = geometry["coordinates"]
        if geometry["type"] == "Polygon":
            polygons = [polygons]
        rings.extend([(place[0], place[1]) for place in polygon[0]] for polygon in polygons)
    return rings


def clipped(ring: Sequence[Position], inset: Inset) -> Ring:
    """Return the part of a ring inside the rectangle (Sutherland and Hodgman)."""
    points = list(ring)
    edges = (
        (0, inset.left, 1), (0, inset.left + inset.width, -1),
        (1, inset.top, 1), (1, inset.top + inset.height, -1),
    )  # fmt: skip
    for axis, limit, sign in edges:
        points = clipped_at(points, axis, limit, sign)
    return points


def clipped_at(points: Ring, axis: int, limit: float, sign: int) -> Ring:
    """Return the part of a ring on one side of a line: where sign * (value - limit) >= 0."""
    kept: Ring = []
    for before, here in zip(points[-1:] + points[:-1], points, strict=True):
        inside, was_inside = (sign * (point[axis] - limit) >= 0 for point in (here, before))
        if inside != was_inside:
            share = (limit - before[axis]) / (here[axis] - before[axis])
            across = before[0] + share * (here[0] - before[0])
            kept.append((across, before[1] + share * (here[1] - before[1])))
        if inside:
            kept.append(here)
    return kept


def path_of(rings: Iterable[Sequence[Position]]) -> str:
    """Return the `d` of a path, in whole tenths of a unit."""
    corners = (
        "L".join(f"{across:.1f} {down:.1f}" for across, down in ring)
        for ring in rings
        if len(ring) > 2
    )
    return "".join(f"M{ring}Z" for ring in corners)


@cache
def land(inset: Inset) -> Mapping[str, str]:
    """Return the path of every country that reaches into the rectangle, by code."""
    paths = {}
    for code, rings in rings_by_code().items():
        path = path_of(clipped([inset.project(place) for place in ring], inset) for ring in rings)
        if path:
            paths[code] = path
    return paths


def inset_of(code: str) -> Inset | None:
    """Return the inset that a country belongs to."""
    return next((inset for inset in INSETS if code in inset.codes), None)


@cache
def middle_of(code: str) -> Position | None:
    """Return the point of the picture where a country's marks stand."""
    inset = inset_of(code)
    if inset is None:
        return None
    place = MIDDLES.get(code) or DOTS.get(code)
    if place is None:
        ring = max(rings_by_code()[code], key=len)
        sums = [sum(values) / len(ring) for values in zip(*ring, strict=True)]
        place = (sums[0], sums[1])
    return inset.project(place)
