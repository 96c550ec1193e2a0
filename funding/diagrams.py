"""Diagrams of the state machines, drawn from the tables that the code obeys.

Pure. Mermaid, because forges and editors show it and a difference of two of them can be read.
"""

from __future__ import annotations

from itertools import groupby

from funding.machines import MACHINES, STARTS, Move, states

BEGIN, END = "<!-- machine: {name} -->", "<!-- end of machine -->"


def diagram(name: str) -> str:
    """Return the diagram of one machine; moves between the same two states share an arrow."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {STARTS[name]}"]
    for (source, target), moves in groupby(sorted(arrows(name), key=pair), key=pair):
        events = ", ".join(each[2] for each in moves)
        lines.append(f"    {source} --> {target}: {events}")
    lines += [f"    {state} --> [*]" for state in states(name) if not leaves(name, state)]
    return "\n".join([*lines, "```"])


def arrows(name: str) -> list[tuple[str, str, str]]:
    """Return every move of a machine: from where, to where, and its event."""
    return [
        (source, move.target, move.event) for move in MACHINES[name] for source in move.sources
    ]


def pair(arrow: tuple[str, str, str]) -> tuple[str, str]:
    """Return between which states an arrow goes."""
    return arrow[:2]


def leaves(name: str, state: str) -> bool:
    """Tell whether anything leads away from a state."""
    return any(source == state for source, _target, _event in arrows(name))


def table(name: str) -> str:
    """Return the table of a machine: event, from, to, who, what must hold."""
    head = ["| event | from | to | who | what must hold |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *(row(move) for move in MACHINES[name])])


def row(move: Move) -> str:
    """Return one line of the table."""
    holds = [move.guard.replace("_", " ")] if move.guard else []
    holds += ["a reason is given"] if move.needs_reason else []
    sources = ", ".join(move.sources)
    return f"| {move.event} | {sources} | {move.target} | {', '.join(move.roles)} | {'; '.join(holds)} |"


def block(name: str) -> str:
    """Return what stands in the documentation about one machine, its marks included."""
    return "\n\n".join([BEGIN.format(name=name), diagram(name), table(name), END])


def drawn(text: str) -> str:
    """Return a text with the block of every machine drawn anew between its marks.

    Raises:
        ValueError: a machine has no marks in the text.
    """
    for name in MACHINES:
        begin = text.index(BEGIN.format(name=name))
        end = text.index(END, begin) + len(END)
        text = text[:begin] + block(name) + text[end:]
    return text
