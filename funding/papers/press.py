"""Setting papers of funding: as `events.papers.press`, with the same frame and the same font."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import typst

from events.papers.press import NO_TIME, fonts

TEMPLATES = Path(__file__).parent
# Templates import "/events/papers/frame.typ" from here.
ROOT = TEMPLATES.parent.parent


def printed(paper: str, data: Mapping[str, object]) -> bytes:
    """Return a paper as PDF, tagged for screen readers; its properties name nobody.

    paper: the name of a template in this folder; data: what it reads, words included; `lang` is
    the language of the words, `title` the title of the document.
    """
    found = typst.compile(
        (TEMPLATES / f"{paper}.typ"), root=ROOT, font_paths=fonts(), ignore_system_fonts=True,
        format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=NO_TIME,
    )  # fmt: skip
    if not isinstance(found, bytes):
        raise TypeError(f"{paper} gave no PDF.")
    return found
