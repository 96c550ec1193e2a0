"""Charts as SVG, drawn on the server by Altair.

Texts and lines take the colour of the text around them, so that one picture serves light and
dark; the two fills have enough contrast against both grounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any
from unicodedata import east_asian_width

# Europe, Korea, and two more: told apart also by those who see few colours.
COLOURS = ("#3b7dd8", "#d9772b", "#4f9d69", "#9467bd", "#8c7a3f")
TEXT = "currentColor"
# Narrow, so that its words can be read on a phone too.
WIDTH, HEIGHT = 340, 210
# Bars leave room at their left for words: at most so many letters a line, Hangul counts double.
BAR_WIDTH, LETTERS_A_LINE = 210, 22
# Readers' letters may be wider than those of the machine that draws: the widest in use, in pixels.
LETTER, LINE_HEIGHT = 7.6, 15
HIDDEN = "<5"
# vega writes its own width and height: the page decides.
SIZE = re.compile(r'(<svg[^>]*?) class="marks" width="[^"]*" height="[^"]*"')
# Names inside the picture; a page has several pictures.
NAMES = re.compile(r'(id="|url\(#)')
LINE, BAR = "line", "bar"


def draw_chart(
    rows: Sequence[dict[str, Any]],
    *,
    kind: str,
    name: str,
    place: str,
    title: str,
    series: Sequence[str],
) -> str:
    """Return a chart of `place`, `series` and `value` as SVG; a value of None is a small number.

    kind: `line` for months, `bar` for anything else; name: of the chart, once a page; title: what it shows, for those who do not
    see it; series: the order of the lines or bars.
    """
    # Imported here: a slow import, and only this page draws charts.
    altair: Any = import_module("altair")
    vl_convert: Any = import_module("vl_convert")
    base = altair.Chart(altair.Data(values=with_lines(rows)))
    draw = lines if kind == LINE else bars
    chart = draw(altair, base, place, list(series)).configure(
        background="transparent",
        axis={"labelColor": TEXT, "titleColor": TEXT, "domainColor": TEXT, "tickColor": TEXT,
              "gridColor": TEXT, "gridOpacity": 0.15, "labelFontSize": 12, "titlePadding": 10},
        legend=legend_of(series),
        view={"stroke": None},
        font="sans-serif",
    )  # fmt: skip
    drawn = vl_convert.vegalite_to_svg(chart.to_json(), show_warnings=False)
    return accessible(str(drawn), name, title)


def legend_of(series: Iterable[str]) -> dict[str, Any]:
    """Return how the legend stands: two names a line, the room between them growing with them."""
    longest = max((room_of(name) for name in series), default=0)
    return {"labelColor": TEXT, "titleColor": TEXT, "labelFontSize": 12, "labelLimit": 0,
            "orient": "top", "columns": 2, "columnPadding": 12 + 2 * longest}  # fmt: skip


def lines(altair: Any, base: Any, place: str, series: list[str]) -> Any:
    """Return a line for each series, with a gap where a number is small."""
    where = altair.X("place:O", title=place, axis=altair.Axis(labelAngle=-45))
    value = altair.Y("value:Q", title=None, axis=altair.Axis(tickMinStep=1, format="d"))
    marks = base.mark_line(point=True, strokeWidth=2, invalid="break-paths-show-domains")
    colour = colour_of(altair, series)
    return marks.encode(x=where, y=value, color=colour).properties(width=WIDTH, height=HEIGHT)


def bars(altair: Any, base: Any, place: str, series: list[str]) -> Any:
    """Return bars beside each other, with words instead of one where a number is small."""
    places = list({row["place"]: row["lines"] for row in base.data.values}.values())
    longest = max((room_of(line) for each in places for line in each.split("\n")), default=0)
    axis = altair.Axis(
        labelLimit=0, labelExpr="split(datum.label, '\\n')", labelLineHeight=LINE_HEIGHT,
        labelOffset=raised(places), minExtent=longest * LETTER,
    )  # fmt: skip
    down = altair.Y("lines:N", title=None, sort=None, axis=axis)
    offset = altair.YOffset("series:N", sort=series)
    numbers = altair.Axis(tickMinStep=1, tickCount=5, labelFlush=False, format="d")
    across = altair.X("value:Q", title=None, axis=numbers)
    drawn = base.mark_bar(cornerRadiusEnd=3).encode(x=across, color=colour_of(altair, series))
    small = base.transform_filter("datum.value === null").mark_text(
        align="left", dx=4, fontSize=12, fill=TEXT
    )
    words = small.encode(x=altair.datum(0), text=altair.value(HIDDEN))
    layers = [layer.encode(y=down, yOffset=offset) for layer in (drawn, words)]
    return altair.layer(*layers).properties(width=BAR_WIDTH, height=height_of(places, len(series)))


def raised(places: Iterable[str]) -> dict[str, Any]:
    """Return how far words are raised: by half of the lines after their first, so that they stand in the middle."""
    further = {each.count("\n") for each in places} - {0}
    test = "length(split(datum.value, '\\n')) == {}"
    return {"value": 0, "condition": [
        {"test": test.format(number + 1), "value": -number * LINE_HEIGHT / 2} for number in sorted(further)
    ]}  # fmt: skip


def height_of(places: Sequence[str], series: int) -> int:
    """Return how high bars of places are: room for every line of words, and for every bar."""
    most = max((each.count("\n") + 1 for each in places), default=1)
    return max(HEIGHT, len(places) * (max(most, series) * LINE_HEIGHT + 10))


def colour_of(altair: Any, series: list[str]) -> Any:
    """Return which colour each series has."""
    scale = altair.Scale(domain=series, range=list(COLOURS[: len(series)]))
    return altair.Color("series:N", title=None, sort=series, scale=scale)


def with_lines(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with the names of their places in short lines."""
    return [{**row, "lines": "\n".join(in_lines(row["place"]))} for row in rows]


def in_lines(words: str) -> list[str]:
    """Return words in lines that are short enough to stand beside a bar."""
    found: list[str] = []
    for word in words.split():
        longer = f"{found[-1]} {word}" if found else word
        if found and room_of(longer) <= LETTERS_A_LINE:
            found[-1] = longer
        else:
            found.append(word)
    return found


def room_of(words: str) -> int:
    """Return how many letters wide words are: Hangul takes the room of two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in words)


def accessible(svg: str, name: str, title: str) -> str:
    """Return the picture with its title, without a size, its inner names made its own."""
    named = title.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    head = rf'\1 role="img" aria-label="{named}" class="chart"'
    return NAMES.sub(rf"\g<1>{name}-", SIZE.sub(head, svg, count=1))
