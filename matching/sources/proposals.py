"""What may be taken over into a profile, as values; stored as JSON until the person chooses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

# Who says so, when the person entered it at the source.
ONESELF = ""
# What a proposal is told apart by; who says so and what only helps to recognise it are no part.
BESIDE = frozenset({"by", "abstract", "because", "city"})


@dataclass(frozen=True)
class FoundText:
    """A text for one column of the profile, of which there can be only one."""

    column: str
    text: str
    by: str = ONESELF


@dataclass(frozen=True)
class FoundWord:
    """One entry for a column that holds several."""

    column: str
    text: str
    by: str = ONESELF


@dataclass(frozen=True)
class FoundPlace:
    """Where the person works now; `ids` are (scheme, id), the scheme ror, grid or fundref."""

    name: str
    ids: tuple[tuple[str, str], ...] = ()
    country_code: str = ""
    city: str = ""
    unit: str = ""
    position: str = ""
    since: int | None = None
    by: str = ONESELF


@dataclass(frozen=True)
class FoundWork:
    """A work; the abstract only helps to recognise it and is not taken over."""

    title: str
    doi: str = ""
    year: int | None = None
    venue: str = ""
    source_id: str = ""
    abstract: str = ""
    by: str = ONESELF


@dataclass(frozen=True)
class FoundProject:
    """A funded project."""

    title: str
    identifier: str = ""
    funder: str = ""
    started_in: int | None = None
    ended_in: int | None = None
    source_id: str = ""
    by: str = ONESELF


@dataclass(frozen=True)
class FoundSubject:
    """An area or a topic of the portal, and the subjects of the source that it follows from."""

    relation: str
    code: str
    because: tuple[str, ...] = ()
    by: str = ONESELF


Proposal = FoundText | FoundWord | FoundPlace | FoundWork | FoundProject | FoundSubject
KINDS: dict[str, type[Any]] = {
    "text": FoundText,
    "word": FoundWord,
    "place": FoundPlace,
    "work": FoundWork,
    "project": FoundProject,
    "subject": FoundSubject,
}
KIND_OF = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True)
class Refused:
    """One line that could not be read: its number from 1, and why, as a code."""

    line: int
    reason: str
    excerpt: str = ""


@dataclass(frozen=True)
class Reading:
    """All that was found, and what could not be read."""

    proposals: tuple[Proposal, ...] = ()
    refused: tuple[Refused, ...] = ()


class WrongRecordError(Exception):
    """The answer is about somebody or something else than was asked for."""


def row_of(proposal: Proposal) -> dict[str, Any]:
    """Return the proposal as JSON stores it."""
    return {"kind": KIND_OF[type(proposal)], **asdict(proposal)}


def proposal_of(row: Mapping[str, Any]) -> Proposal:
    """Return the proposal that was stored."""
    kind = KINDS[row["kind"]]
    values = {field.name: row[field.name] for field in fields(kind) if field.name in row}
    for name in ("ids", "because"):
        if name in values:
            values[name] = tuple(tuple(e) if isinstance(e, list) else e for e in values[name])
    proposal: Proposal = kind(**values)
    return proposal


def key_of(proposal: Proposal) -> str:
    """Return what tells this proposal from every other, and a changed one from itself."""
    told = {name: value for name, value in row_of(proposal).items() if name not in BESIDE}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
