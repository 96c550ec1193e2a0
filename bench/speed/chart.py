"""The results as one SVG: a panel a case, a bar a contender, CPU seconds on a log scale."""

from __future__ import annotations

import math
from typing import Any
from xml.sax.saxutils import escape

LABEL, BAR, FIGURE, LINE, HEAD = 330, 420, 150, 22, 44
OURS, THEIRS, APPROXIMATE = "#1a5fb4", "#8a8f98", "#c9ccd1"
# A recall below this is shown as approximate.
EXACT = 0.9995


def chart(cases: list[dict[str, Any]]) -> str:
    """Return the drawing."""
    panels, top = [], 0
    for case in cases:
        drawn, height = panel(case, top)
        panels.append(drawn)
        top += height
    width = LABEL + BAR + FIGURE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" role="img"'
        f' font-family="sans-serif" font-size="13" fill="#1d2025">'
        f"<title>CPU seconds of matching everybody, by library</title>"
        f'<rect width="{width}" height="{top}" fill="#fff"/>{"".join(panels)}</svg>\n'
    )


def panel(case: dict[str, Any], top: int) -> tuple[str, int]:
    """Return one case's bars and how high they stand."""
    ran = sorted(
        (row for row in case["results"].values() if "cpu" in row), key=lambda row: row["cpu"]
    )
    heading = (
        f"{case['count']:,} + {case['count']:,} people, {case['dimension']} dimensions:"
        " CPU seconds, logarithmic"
    )
    parts = [f'<text x="8" y="{top + 26}" font-weight="bold">{heading}</text>']
    low, high = limits([row["cpu"] for row in ran])
    for number, row in enumerate(ran):
        share = (math.log10(row["cpu"]) - low) / (high - low)
        parts.append(bar(row, top + HEAD + number * LINE, round(BAR * share)))
    return "".join(parts), HEAD + LINE * len(ran) + 12


def limits(seconds: list[float]) -> tuple[float, float]:
    """Return the powers of ten between which all bars end."""
    if not seconds:
        return 0.0, 1.0
    low, high = math.floor(math.log10(min(seconds)) - 0.3), math.ceil(math.log10(max(seconds)))
    return float(low), float(max(high, low + 1))


def bar(row: dict[str, Any], y: int, length: int) -> str:
    """Return one contender."""
    recall = row.get("recall")
    is_approximate = isinstance(recall, float) and recall < EXACT
    colour = OURS if row["title"].startswith("KONNECT") else THEIRS
    figure = f"{row['cpu']:,.3g}" if row["cpu"] < 1000 else f"{row['cpu']:,.0f}"
    if is_approximate:
        colour, figure = APPROXIMATE, f"{figure} (recall {recall:.3f})"
    return (
        f'<text x="{LABEL - 8}" y="{y + 14}" text-anchor="end">{escape(row["title"])}</text>'
        f'<rect x="{LABEL}" y="{y + 2}" width="{max(length, 1)}" height="{LINE - 6}"'
        f' fill="{colour}"/><text x="{LABEL + max(length, 1) + 6}" y="{y + 14}">{figure}</text>'
    )
