"""The map of Europe and Korea."""

from xml.etree import ElementTree

import pytest

from matching.maps import Country, Place, Tie, draw_map, level_of, steps
from matching.outlines import INSETS, clipped, inset_of, land, middle_of
from matching.regions import EUROPE, KOREA

SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ElementTree.Element:
    """Return the picture as a tree: it is well-formed once the page's namespace is given."""
    return ElementTree.fromstring(text.replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


def drawn(*countries: Country, **extra: object) -> ElementTree.Element:
    return parsed(draw_map(countries, title="Ties", description="Who works with whom", **extra))


@pytest.mark.parametrize("code", sorted(EUROPE | KOREA))
def test_every_country_has_a_place_inside_its_frame(code: str) -> None:
    inset, middle = inset_of(code), middle_of(code)
    assert inset is not None
    assert middle is not None
    assert inset.holds(middle)


def test_only_the_smallest_countries_are_dots() -> None:
    europe, korea = INSETS
    assert EUROPE - set(land(europe)) == {"LI", "FO"}
    assert set(land(korea)) >= KOREA


def test_hungary_joins_its_neighbours_without_a_gap() -> None:
    """Whatever the package lacks was drawn from the same source: shared corners are the same."""
    paths = land(INSETS[0])
    corners = {code: set(paths[code].strip("MZ").replace("M", "L").split("L")) for code in paths}
    for neighbour in ("AT", "SK", "RO", "RS", "HR", "SI"):
        assert len(corners["HU"] & corners[neighbour]) >= 2, neighbour


def test_a_ring_is_cut_at_the_frame() -> None:
    inset = INSETS[0]
    ring = clipped([(-100, 100), (250, 100), (250, 900), (-100, 900)], inset)
    assert sorted(ring) == [(0, 100), (0, 470), (250, 100), (250, 470)]


def test_labels_are_read_aloud_and_escaped() -> None:
    tree = drawn(
        Country("FR", '<b>"France"</b>: 3', 3, "/map/?country=FR&x=1"), Country("DE", "0")
    )
    assert tree.find(f"{SVG}title").text == "Ties"
    link = tree.find(f"{SVG}a")
    assert link.get("aria-label") == '<b>"France"</b>: 3'
    assert link.get("href") == "/map/?country=FR&x=1"
    groups = [group.get("class") for group in tree.iter(f"{SVG}g") if group.get("role") == "img"]
    assert groups == ["map-country map-level-0"]


def test_countries_far_away_are_left_to_the_table() -> None:
    assert not list(drawn(Country("US", "5", 5)).iter(f"{SVG}a"))


def test_places_lie_where_they_are() -> None:
    tree = drawn(places=[Place(37.57, 126.98, "Seoul", 4), Place(40.7, -74.0, "New York", 9)])
    marks = [group for group in tree.iter(f"{SVG}g") if group.get("class") == "map-place"]
    assert [mark.get("aria-label") for mark in marks] == ["Seoul"]
    circle = marks[0].find(f"{SVG}circle")
    assert INSETS[1].holds((float(circle.get("cx")), float(circle.get("cy"))))


def test_wider_bows_for_more_ties_and_none_for_nothing() -> None:
    tree = drawn(ties=[Tie("FR", 9), Tie("DE", 1), Tie("PL", 0), Tie("US", 4)])
    bows = [path for path in tree.iter(f"{SVG}path") if path.get("class") == "map-tie"]
    widths = [float(bow.get("stroke-width")) for bow in bows]
    assert widths == [2.0, 4.0]


def test_the_same_input_draws_the_same_picture_in_any_order() -> None:
    countries = [Country("FR", "a", 3), Country("DE", "b", 3), Country("KR", "c", 1)]
    first = draw_map(countries, title="t", description="d")
    assert first == draw_map(countries[::-1], title="t", description="d")


def test_marks_lie_above_every_country_and_the_smallest_countries_above_their_neighbours():
    tree = drawn(Country("LU", "1", 1), Country("DE", "9", 9), Country("FR", "0"), has_marks=True)
    kinds = [part.get("class").split()[0] for part in tree if part.get("class")]
    assert kinds == ["map-country"] * 3 + ["map-mark"] * 2
    labels = [part.get("aria-label") for part in tree if part.get("aria-label")]
    assert labels == ["9", "0", "1"]


@pytest.mark.parametrize("largest", (0, 1, 2, 3, 4, 7, 15, 16, 80, 81, 255, 624, 1000, 9999))
def test_steps_of_the_legend_are_the_first_numbers_of_each_shade(largest: int) -> None:
    first: dict[int, int] = {}
    for number in range(1, largest + 1):
        first.setdefault(level_of(number, largest), number)
    assert steps(largest) == sorted(first.items())
