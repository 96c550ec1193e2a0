"""Propose weights of the score from what people answered; nothing is ever applied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from matching.scoring.learning import FEWEST_PAIRS, FEWEST_VIEWERS, Proposal, propose
from matching.scoring.terms import WEIGHTS, WEIGHTS_VERSION
from matching.services.answers import answers_to_learn_from

OBJECTIONS = {
    "few_answers": (
        f"Too few answers: at least {FEWEST_VIEWERS} people have to have welcomed somebody and"
        f" dismissed somebody, in {FEWEST_PAIRS} pairs together."
    ),
    "no_sure_gain": "The proposed weights do not surely order other people's answers better.",
}


class Command(BaseCommand):
    """`manage.py learn_weights --output proposal.json`; docs/matching.md tells more."""

    help = "Propose weights of the score from people's answers. Prints a table; changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of a file for the proposal."""
        parser.add_argument("--output", type=Path, help="write the proposal to this file as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Learn, print, and write when asked to."""
        proposal = propose(answers_to_learn_from())
        self.stdout.write(table_of(proposal))
        for code in proposal.objections:
            self.stdout.write(self.style.WARNING(OBJECTIONS[code]))
        if not proposal.objections:
            self.stdout.write(
                "Worth a discussion: put the new weights into matching/scoring/terms.py with a"
                " new WEIGHTS_VERSION, and measure with make bench-quality."
            )
        if options["output"]:
            write(proposal, options["output"])


def table_of(proposal: Proposal) -> str:
    """Return current and proposed weights, with how many answers and how sure."""
    lines = [
        f"Weights {WEIGHTS_VERSION}: {proposal.answers} answers; {proposal.pairs} pairs of"
        f" {proposal.viewers} people who welcomed and dismissed somebody.",
        f"{'term':<14}{'now':>9}{'proposed':>10}  95 % interval",
    ]
    for term, now in WEIGHTS.items():
        found = proposal.intervals.get(term)
        interval = f"{found[0]:.3f} to {found[1]:.3f}" if found else "not learned"
        lines.append(f"{term:<14}{now:>9.3f}{proposal.weights[term]:>10.3f}  {interval}")
    gain, low, high = proposal.gain
    lines.append(
        f"Pairs in the right order: {proposal.agreement_now:.1%} now,"
        f" {proposal.agreement_then:.1%} with weights learned from others"
        f" ({gain:+.1%}, 95 % interval {low:+.1%} to {high:+.1%})."
    )
    return "\n".join(lines)


def write(proposal: Proposal, path: Path) -> None:
    """Write a proposal as JSON.

    Raises:
        CommandError: the file cannot be written.
    """
    about = {
        "weights_version": WEIGHTS_VERSION, "now": dict(WEIGHTS), "proposed": proposal.weights,
        "intervals": proposal.intervals, "answers": proposal.answers,
        "people": proposal.viewers, "pairs": proposal.pairs,
        "agreement_now": proposal.agreement_now, "agreement_then": proposal.agreement_then,
        "gain": proposal.gain, "objections": proposal.objections,
    }  # fmt: skip
    try:
        path.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error
