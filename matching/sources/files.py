"""Uploaded and pasted lists of works: which format, which encoding."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from matching.sources.walking import DOI, HANGUL

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BIBTEX_ENTRY = re.compile(r"@\s*[a-zA-Z]+\s*[{(]")
RIS_ENTRY = re.compile(r"^\ufeff?\s*TY\s{0,4}-", re.MULTILINE)


def decoded(content: bytes) -> str | None:
    """Return the text of a file; None when no encoding makes sense of it.

    UTF-8 and UTF-16 are told by their marks; CP949, common in Korea, by giving Hangul.
    """
    marked = [encoding for mark, encoding in BYTE_ORDER_MARKS if content.startswith(mark)]
    for encoding in marked or ["utf-8", "cp949"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "cp949" or HANGUL.search(text):
            return None if "\0" in text else text
    guess = from_bytes(content[: 1 << 16]).best()
    return content.decode(guess.encoding, errors="replace") if guess else None


def format_of(text: str) -> str:
    """Return bibtex, ris or doi, by what stands in the text; empty when it is none of them."""
    if BIBTEX_ENTRY.search(text):
        return "bibtex"
    if RIS_ENTRY.search(text):
        return "ris"
    return "doi" if DOI.search(text) else ""
