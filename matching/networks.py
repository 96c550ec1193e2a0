"""A person's network as SVG text: the person in the middle, Europe on the left, Korea on the right.

The layout is computed from the order of the input alone, so the same people always stand at the
same places. Names stand beside their points on the outer side, where nothing covers them. The page
puts a table beside it. Pure: no framework.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, ROW, MARGIN = 380, 40, 34
LEFT, MIDDLE, RIGHT = 132, 190, 248
MOST_A_COLUMN = 14
LONGEST_LABEL = 17


@dataclass(frozen=True)
class Node:
    """One person. side: europe, korea or elsewhere; label, note: name and organisation."""

    key: int
    label: str
    note: str
    side: str
    address: str


@dataclass(frozen=True)
class Edge:
    """What ties two people, 0 for the person in the middle; is_work: a joint work, else a contact."""

    one: int
    other: int
    is_work: bool = False


@dataclass(frozen=True)
class Spot:
    """Where a node stands, in units of the picture."""

    node: Node
    across: float
    down: float
    is_left: bool


def columns_of(nodes: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Return who stands left and right, each by organisation; the rest fills the shorter column."""
    ordered = sorted(nodes, key=lambda node: (node.note, node.label, node.key))
    left = [node for node in ordered if node.side == "europe"]
    right = [node for node in ordered if node.side == "korea"]
    for node in ordered:
        if node.side not in {"europe", "korea"}:
            (left if len(left) <= len(right) else right).append(node)
    return left[:MOST_A_COLUMN], right[:MOST_A_COLUMN]


def spots_of(nodes: Sequence[Node]) -> tuple[list[Spot], float]:
    """Return where everybody stands, and the height of the picture."""
    left, right = columns_of(nodes)
    height = 2 * MARGIN + ROW * max(len(left), len(right), 2)
    spots = []
    for column, across, is_left in ((left, LEFT, True), (right, RIGHT, False)):
        top = (height - ROW * (len(column) - 1)) / 2
        spots += [Spot(node, across, top + ROW * row, is_left) for row, node in enumerate(column)]
    return spots, height


def draw_network(
    nodes: Sequence[Node], edges: Sequence[Edge], *, own_label: str, title: str, description: str
) -> str:
    """Return the picture: people as links, contacts as lines, joint works as broken bows."""
    spots, height = spots_of(nodes)
    places = {spot.node.key: (spot.across, spot.down) for spot in spots}
    places[0] = (MIDDLE, height / 2)
    parts = [
        f'<svg class="network" viewBox="0 0 {WIDTH} {height:g}" role="group" '
        'aria-labelledby="network-title network-text">'
        f'<title id="network-title">{escape(title)}</title>'
        f'<desc id="network-text">{escape(description)}</desc>'
    ]
    parts += [line(edge, places) for edge in edges if {edge.one, edge.other} <= set(places)]
    parts.append(
        f'<g class="network-self"><circle cx="{MIDDLE}" cy="{height / 2:g}" r="9"/>'
        f'<text x="{MIDDLE}" y="{height / 2 + 26:g}">{escape(shortened(own_label, 16))}</text></g>'
    )
    parts += [person(spot) for spot in spots]
    return "".join([*parts, "</svg>"])


def line(edge: Edge, places: dict[int, tuple[float, float]]) -> str:
    """Return the line between two people, bent so that lines in one column can be told apart."""
    (across, down), (to_across, to_down) = places[edge.one], places[edge.other]
    kind = "network-work" if edge.is_work else "network-contact"
    bend = MIDDLE if across == to_across else (across + to_across) / 2
    lift = -14 if edge.is_work and across != to_across else 0
    return (
        f'<path class="{kind}" aria-hidden="true" d="M{across:g} {down:g}'
        f'Q{bend:g} {(down + to_down) / 2 + lift:g} {to_across:g} {to_down:g}"/>'
    )


def person(spot: Spot) -> str:
    """Return a person's point and name as one link."""
    node = spot.node
    away = -14 if spot.is_left else 14
    anchor = "end" if spot.is_left else "start"
    label = f"{node.label}, {node.note}" if node.note else node.label
    note = (
        f'<text class="network-note" x="{spot.across + away:g}" y="{spot.down + 13:g}" '
        f'text-anchor="{anchor}">{escape(shortened(node.note, LONGEST_LABEL + 3))}</text>'
    )
    return (
        f'<a class="network-person network-{escape(node.side)}" href="{escape(node.address)}" '
        f'aria-label="{escape(label)}"><title>{escape(label)}</title>'
        f'<circle cx="{spot.across:g}" cy="{spot.down:g}" r="7"/>'
        f'<text x="{spot.across + away:g}" y="{spot.down + (0 if node.note else 4):g}" '
        f'text-anchor="{anchor}">{escape(shortened(node.label, LONGEST_LABEL))}</text>'
        f"{note if node.note else ''}</a>"
    )


def shortened(text: str, longest: int) -> str:
    """Return a text that fits; wide letters count double."""
    room, kept = longest, ""
    for letter in text:
        room -= 2 if letter > "\u1100" else 1
        if room < 1 and len(kept) + 1 < len(text):
            return f"{kept.rstrip()}…"
        kept += letter
    return kept
