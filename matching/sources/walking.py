"""Going down into answers in which any node may be missing, null or of another kind."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from typing import Any

# Controls, and marks that reorder or hide the text around them.
UNWANTED = dict.fromkeys(
    (
        *range(9), 11, 12, *range(14, 32), *range(127, 160), 0x200B, 0x200E, 0x200F, 0x2060,
        0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000),
    )
)  # fmt: skip
HANGUL_NAME = re.compile(r"[가-힣]{2,10}")
HANGUL = re.compile(r"[가-힣]")
LETTER = re.compile(r"[^\W\d_]")
DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
# Marks of formatting inside titles: <i>, <sub>, <jats:italic>, <mml:math>.
TAG = re.compile(
    r"</?(?:[a-z]+:[a-z-]+|i|b|u|p|em|strong|sub|sup|scp|sc|br|tt|span|italic|bold)\b[^<>]{0,80}>",
    re.IGNORECASE,
)
FIRST_YEAR, LAST_YEAR = 1920, 2060
LONGEST_DOI = 200


def at(node: Any, *path: str) -> Any:
    """Return what lies at the end of a path, or None."""
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node


def entries(node: Any, *path: str) -> list[dict[str, Any]]:
    """Return the objects in the list at the end of a path."""
    found = at(node, *path)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def words(node: Any, *path: str) -> list[str]:
    """Return the texts in the list at the end of a path, tidied, without empty ones."""
    found = at(node, *path)
    texts = [tidied(each) for each in found] if isinstance(found, list) else []
    return [text for text in texts if text]


def text(node: Any, *path: str, longest: int) -> str:
    """Return the text at the end of a path on one line, cut to a length; empty if there is none."""
    return shortened(tidied(at(node, *path)), longest)


def tidied(value: Any) -> str:
    """Return a text in NFC on one line, without markup and invisible controls."""
    return " ".join(paragraphs(value).split())


def paragraphs(value: Any) -> str:
    """Return a text in NFC with its lines, without markup and invisible controls."""
    plain = TAG.sub("", unescape(value)) if isinstance(value, str) else ""
    return unicodedata.normalize("NFC", plain).translate(UNWANTED).strip()


def shortened(value: str, longest: int) -> str:
    """Return a text of at most so many characters, cut between words."""
    if len(value) <= longest:
        return value
    cut = value[: longest - 1]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[longest // 2 :] else cut}…"


def year(value: Any) -> int | None:
    """Return a year as a number, if it is a likely one."""
    digits = str(value).strip()[:4]
    if isinstance(value, bool) or not digits.isascii() or not digits.isdigit():
        return None
    number = int(digits)
    return number if FIRST_YEAR <= number <= LAST_YEAR else None


def doi_in(value: Any) -> str:
    """Return the DOI in a text, in lower case; empty if there is none."""
    found = DOI.search(tidied(value)) if isinstance(value, str) else None
    doi = found[0].rstrip(".,;:)]}'").lower() if found else ""
    return doi if len(doi) <= LONGEST_DOI else ""


def web_address(value: Any, *, longest: int = 500) -> str:
    """Return the address if a browser could open it and it is short enough."""
    address = tidied(value)
    if len(address) > longest:
        return ""
    is_web = re.fullmatch(r"https?://[^\s/?#@]+\.[^\s@]+", address, re.IGNORECASE)
    return address if is_web else ""


def is_korean(value: str) -> bool:
    """Say whether a text is written in Korean: a third of its letters are Hangul."""
    letters = len(LETTER.findall(value))
    return bool(letters) and len(HANGUL.findall(value)) * 3 >= letters


def is_hangul_name(value: str) -> bool:
    """Say whether this is a name in Hangul, without a space."""
    return bool(HANGUL_NAME.fullmatch(value))


def years_in_order(start: int | None, end: int | None) -> tuple[int | None, int | None]:
    """Return first and last year; a last one before the first is a slip and left out."""
    return start, (None if start and end and end < start else end)
