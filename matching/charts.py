"""Charts as SVG, drawn on the server by Altair.

Texts and lines take the colour of the text around them, so that one picture serves light and
dark; the two fills have enough contrast against both grounds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any

# Europe, Korea, and two more: told apart also by those who see few colours.
COLOURS = ("#3b7dd8", "#d9772b", "#4f9d69", "#9467bd", "#8c7a3f")
TEXT = "currentColor"
# Narrow, so that its words can be read on a phone too.
WIDTH, HEIGHT = 340, 210
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
    """Return a chart of `place`, `series` and `value` as SVG.

    kind: `line` for months, `bar` for anything else; name: of the chart, once a page; title: what it shows, for those who do not
    see it; series: the order of the lines or bars.
    """
    # Imported here: a slow import, and only this page draws charts.
    altair: Any = import_module("altair")
    vl_convert: Any = import_module("vl_convert")
    base = altair.Chart(altair.Data(values=list(rows)), width=WIDTH, height=HEIGHT)
    chart = marked(altair, base, kind, place, list(series)).configure(
        background="transparent",
        axis={"labelColor": TEXT, "titleColor": TEXT, "domainColor": TEXT, "tickColor": TEXT,
              "gridColor": TEXT, "gridOpacity": 0.15, "labelFontSize": 12},
        legend={"labelColor": TEXT, "titleColor": TEXT, "labelFontSize": 12, "orient": "top"},
        view={"stroke": None},
        font="sans-serif",
    )  # fmt: skip
    drawn = vl_convert.vegalite_to_svg(chart.to_json(), show_warnings=False)
    return accessible(str(drawn), name, title)


def marked(altair: Any, base: Any, kind: str, place: str, series: list[str]) -> Any:
    """Return the chart with its marks."""
    colour = altair.Color(
        "series:N", title=None, sort=series,
        scale=altair.Scale(domain=series, range=list(COLOURS[: len(series)])),
    )  # fmt: skip
    value = altair.Y("value:Q", title=None, axis=altair.Axis(tickMinStep=1, format="d"))
    if kind == LINE:
        where = altair.X("place:O", title=place, axis=altair.Axis(labelAngle=-45))
        return base.mark_line(point=True, strokeWidth=2).encode(x=where, y=value, color=colour)
    across = altair.X("value:Q", title=None, axis=altair.Axis(tickMinStep=1, format="d"))
    down = altair.Y("place:N", title=None, sort=None, axis=altair.Axis(labelLimit=150))
    bars = base.mark_bar(cornerRadiusEnd=3)
    offset = altair.YOffset("series:N", sort=series)
    return bars.encode(x=across, y=down, color=colour, yOffset=offset)


def accessible(svg: str, name: str, title: str) -> str:
    """Return the picture with its title, without a size, its inner names made its own."""
    named = title.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    head = rf'\1 role="img" aria-label="{named}" class="chart"'
    return NAMES.sub(rf"\g<1>{name}-", SIZE.sub(head, svg, count=1))
