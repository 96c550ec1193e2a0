"""Setting papers: a template and its data in, a PDF out.

Pure. Data reaches the template as JSON, so that what people wrote is text and never markup. The
font comes from its wheel and no font of the machine is used: a paper looks the same wherever it is
made, and Hangul is there on machines that have none. A PDF names no author, no machine, no time at
which it was made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pylopdf_fonts_ko
import typst

TEMPLATES = Path(__file__).parent
FONT = "Noto Sans KR"
# One moment for all papers: two of the same data are the same bytes.
NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def printed(paper: str, data: Mapping[str, object]) -> bytes:
    """Return a paper as PDF, tagged for screen readers.

    paper: the name of a template in this folder; data: what it reads, words included; `lang` is
    the language of the words, `title` the title of the document.
    """
    found = typst.compile(
        (TEMPLATES / f"{paper}.typ"),
        root=TEMPLATES,
        font_paths=fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=NO_TIME,
    )
    if not isinstance(found, bytes):
        raise TypeError(f"{paper} gave no PDF.")
    return found


@cache
def fonts() -> typst.Fonts:
    """Return the fonts of papers, read once a process."""
    folder = pylopdf_fonts_ko.sans_path().parent
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )
