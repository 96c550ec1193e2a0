"""Score papers for researchers as the portal scores people for people.

    python -m bench.expertise PROFILES.json PAPERS.json TARGETS.json OUT.json

PROFILES: {participant: [paper id, ...]}, their own papers; or {participant: [[paper id, ...], ...]},
several draws of them. PAPERS: {paper id: {"title": ..., "abstract": ...}}; either may be missing
or null. TARGETS: {participant: [paper id, ...]}, the papers to score. OUT: {participant: {paper
id: score}}, for several draws a list of these; a higher score is a nearer paper.

A participant is a viewer with their papers as texts, a target paper a candidate with one text;
the score is the topic term of the portal's final ranking. No database is needed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.encoded import Encoder, load_encoder
from matching.embedding import ModelProblem
from matching.scoring.evidence import Evidence
from matching.scoring.reference import Reference, reference_of
from matching.scoring.rescoring import rescore
from matching.scoring.terms import PRODUCT_TERMS, TERMS, UNIT

Profiles = Mapping[str, Sequence[str]]
Papers = Mapping[str, Mapping[str, Any]]
Scores = dict[str, dict[str, float]]
SHOWN = 5
RESULT = Path(__file__).resolve().parent / "results" / "expertise.json"


class BadInput(ValueError):  # noqa: N818 - the message is for the person who started it
    """A file is not what it should be; the message says which and where."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, score, write; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.expertise", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    for name in ("profiles", "papers", "targets", "out"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args(arguments)
    try:
        profiles, papers, targets = (
            read_object(path) for path in (options.profiles, options.papers, options.targets)
        )
        for path, lists in ((options.profiles, profiles), (options.targets, targets)):
            check_lists(path, lists)
        draws = draws_of(profiles)
        for draw in draws:
            check(draw, papers, targets)
        encoder = load_encoder()
        scored = [score(draw, papers, targets, encoder) for draw in draws]
        options.out.write_text(json.dumps(scored if is_drawn(profiles) else scored[0]))
    except (BadInput, ModelProblem, OSError) as problem:
        print(f"bench.expertise: {problem}", file=sys.stderr)
        return 2
    keep(targets, len(draws))
    return 0


def keep(targets: Profiles, draws: int) -> None:
    """Say what was done, and write it beside the other measurements."""
    papers = sum(len(ids or ()) for ids in targets.values())
    print(f"{papers} papers scored for {len(targets)} participants")
    seconds = round(time.process_time(), 1)
    done = {"participants": len(targets), "papers": papers, "draws": draws, "cpu_seconds": seconds}
    try:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(done, indent=1) + "\n")
    except OSError as problem:
        print(f"The figures are not kept: {problem}", file=sys.stderr)


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises:
        BadInput: there is none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise BadInput(f"{path} is not JSON: {problem}") from problem
    if not isinstance(found, dict):
        raise BadInput(f"{path} holds no JSON object")
    return found


def check_lists(path: Path, found: Mapping[str, Any]) -> None:
    """Refuse participants whose entry is neither a list nor null.

    Raises:
        BadInput: there is one.
    """
    for name, listed in found.items():
        if not isinstance(listed, list | None):
            raise BadInput(f"{path}: {name} has no list of papers")


def is_drawn(profiles: Mapping[str, Any]) -> bool:
    """Tell whether each profile is given as several draws."""
    return any(isinstance(entry, list) for profile in profiles.values() for entry in profile or ())


def draws_of(profiles: Mapping[str, Any]) -> list[Profiles]:
    """Return the profiles of each draw; null is an empty profile.

    Raises:
        BadInput: participants have different numbers of draws.
    """
    filled = {name: profile or [] for name, profile in profiles.items()}
    if not is_drawn(filled):
        return [filled]
    counts = {len(draws) for draws in filled.values()}
    if len(counts) != 1:
        raise BadInput(f"participants have different numbers of draws: {sorted(counts)}")
    return [{name: draws[n] for name, draws in filled.items()} for n in range(counts.pop())]


def check(profiles: Profiles, papers: Papers, targets: Profiles) -> None:
    """Refuse names that lead nowhere.

    Raises:
        BadInput: a participant without a profile, or an id that no paper has.
    """
    if strangers := sorted(set(targets) - set(profiles)):
        raise BadInput(f"participants without a profile: {', '.join(strangers[:SHOWN])}")
    for what, listed in (("profile", profiles), ("targets", targets)):
        for name, ids in listed.items():
            unknown = [
                str(paper) for paper in ids or () if not isinstance(papers.get(paper), dict)
            ]
            if unknown:
                raise BadInput(f"{what} of {name}: no such paper: {', '.join(unknown[:SHOWN])}")


def is_paper(papers: Papers, paper: object) -> bool:
    """Tell whether there is such a paper."""
    return isinstance(paper, str) and isinstance(papers.get(paper), dict)


def text_of(paper: Mapping[str, Any]) -> str:
    """Return title and abstract as one text; what is missing is left out."""
    found = (paper.get(part) for part in ("title", "abstract"))
    written = (
        part.encode(errors="ignore").decode().strip() for part in found if isinstance(part, str)
    )
    return ". ".join(part for part in written if part)


def score(profiles: Profiles, papers: Papers, targets: Profiles, encoder: Encoder) -> Scores:
    """Return every participant's scores of their target papers."""
    names = list(targets)
    wanted = sorted({paper for name in names for paper in targets[name] or ()})
    written = [[text_of(papers[paper]) for paper in profiles[name] or ()] for name in names]
    left = encoder.evidence(written, first_id=1)
    right = encoder.evidence([[text_of(papers[p])] for p in wanted], first_id=len(names) + 1)
    reference = reference_of(left, right)
    places = {paper: place for place, paper in enumerate(wanted)}
    found: Scores = {}
    for row, name in enumerate(names):
        mine = list(targets[name] or ())
        candidates = right.of([places[paper] for paper in mine])
        values = topic_terms(left.of([row]), candidates, reference)
        found[name] = dict(zip(mine, values, strict=True))
    return found


def topic_terms(viewer: Evidence, candidates: Evidence, reference: Reference) -> list[float]:
    """Return the topic term of the final ranking for each candidate."""
    count = len(candidates)
    nothing = np.zeros(count, dtype=np.int64)
    products = np.zeros((count, len(PRODUCT_TERMS)), dtype=np.int64)
    found = rescore(viewer, candidates, products, nothing > 0, nothing, reference, "left")
    terms: list[float] = (found.parts[:, TERMS.index("topic")] / UNIT).tolist()
    return terms


if __name__ == "__main__":
    sys.exit(main())
