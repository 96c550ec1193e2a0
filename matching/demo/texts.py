"""What the demonstration is written from: the files of matching/data/demo."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "data" / "demo"
AREAS = ("ICT", "NANO", "GREEN", "HEALTH")
LANGUAGES = ("en", "ko")


@dataclass(frozen=True)
class TopicText:
    """What there is to say about one topic; every pair is English and Korean."""

    code: str
    area: str
    name: tuple[str, str]
    problem: tuple[str, str]
    method: tuple[str, str]
    result: tuple[str, str]
    # Two abilities that complete each other: who has one looks for the other.
    skills: tuple[tuple[str, str], tuple[str, str]]
    keywords: tuple[tuple[str, ...], tuple[str, ...]]
    paper: str

    def inside(self, language: int) -> str:
        """Return the name as it stands inside a sentence; RNA and 6G keep their letters."""
        name = self.name[language]
        return name[0].lower() + name[1:] if name[1].islower() else name


@lru_cache
def read_json(name: str) -> Any:
    """Return one of the files, read once."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@lru_cache
def topic_texts() -> dict[str, TopicText]:
    """Return the texts of every topic by its code."""
    names = json.loads((FOLDER.parent / "topics.json").read_text(encoding="utf-8"))["topics"]
    return {row["code"]: topic_text(row) for row in names}


def topic_text(row: dict[str, str]) -> TopicText:
    """Return the text of one topic of the vocabulary."""
    block = read_json(row["area"].lower())[row["code"]]
    return TopicText(
        code=row["code"],
        area=row["area"],
        name=(row["name_en"], row["name_ko"]),
        problem=tuple(block["problem"]),
        method=tuple(block["method"]),
        result=tuple(block["result"]),
        skills=(tuple(block["skills"][0]), tuple(block["skills"][1])),
        keywords=(tuple(block["keywords"][0]), tuple(block["keywords"][1])),
        paper=block["paper"],
    )


@lru_cache
def topics_of(area: str) -> tuple[TopicText, ...]:
    """Return the texts of an area's topics."""
    return tuple(text for text in topic_texts().values() if text.area == area)


def frames(name: str) -> Any:
    """Return one group of the sentences that fit every topic."""
    return read_json("frames")[name]


def capitalised(phrase: str) -> str:
    """Return a phrase as the beginning of a title."""
    return phrase[0].upper() + phrase[1:]
