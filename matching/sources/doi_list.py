"""Lists of DOIs as people paste them: one a line, as numbers or addresses."""

from __future__ import annotations

import re

from matching.sources.proposals import Refused
from matching.sources.walking import doi_in, shortened, tidied

MOST_DOIS = 50
# Commas may be part of a DOI: they separate only where another one follows.
SEPARATOR = re.compile(r"\s+|[,;]+(?=(?:https?://(?:dx\.)?doi\.org/|doi:)?10\.)")


def read_dois(content: str) -> tuple[dict[str, int], list[Refused]]:
    """Return {DOI: its line} in their order, and the lines that hold none."""
    found: dict[str, int] = {}
    refused: list[Refused] = []
    for line, written in enumerate(content.splitlines(), start=1):
        dois = [doi for part in SEPARATOR.split(written) if (doi := doi_in(part))]
        if written.strip() and not dois:
            refused.append(Refused(line, "no_doi", shortened(tidied(written), 80)))
        for doi in dois:
            found.setdefault(doi, line)
    first = dict(list(found.items())[:MOST_DOIS])
    refused += [
        Refused(line, "too_many_dois", doi) for doi, line in found.items() if doi not in first
    ]
    return first, refused
