"""Who sees what of an application and its reviews: the one function that everything asks.

Pure. Pages, API, search, mail, exports, file names and properties of PDFs ask `visible`, so that
there is one place to be right or wrong (reference/funding.md, 2.6 and 2.14).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from funding.machines import (
    CHAIR,
    FUNDER,
    HOST,
    LEAD,
    MEMBER,
    OFFICER,
    PARTNER,
    RAPPORTEUR,
    REVIEWER,
    TRAVELLER,
)

AUDITOR, EVALUATOR = "auditor", "evaluator"
# What can be hidden.
APPLICANT_NAMES, APPLICANT_ORGANISATIONS = "applicant_names", "applicant_organisations"
APPLICANT_COUNTRIES, TEXT, BUDGET = "applicant_countries", "text", "budget"
REVIEWER_NAMES, REVIEWS, CONSENSUS = "reviewer_names", "reviews", "consensus"
CONFIDENTIAL, RANK, RESULT = "confidential", "rank", "result"
NAMES = (APPLICANT_NAMES, APPLICANT_ORGANISATIONS, APPLICANT_COUNTRIES)
FIELDS = (*NAMES, TEXT, BUDGET, REVIEWER_NAMES, REVIEWS, CONSENSUS, CONFIDENTIAL, RANK, RESULT)
# States of a call in which decisions are out.
RELEASED = ("released", "running", "closed_out")
OPEN, SINGLE, DOUBLE, TWO_STEP = range(4)


@dataclass(frozen=True)
class View:
    """From where somebody looks: blindness of the call, its state, and whether they have scored."""

    level: int
    phase: str
    own_score_is_in: bool = False

    @property
    def is_released(self) -> bool:
        """Tell whether decisions are out."""
        return self.phase in RELEASED


def always(view: View) -> bool:
    """Nothing hides it."""
    return True


def after_release(view: View) -> bool:
    """It is out with the decisions."""
    return view.is_released


def names_for_reviewers(view: View) -> bool:
    """Open and single-blind: yes; double-blind: never; in two steps: once the own score is in."""
    return view.level <= SINGLE or (view.level == TWO_STEP and view.own_score_is_in)


def names_for_panel(view: View) -> bool:
    """The panel knows names unless the call is double-blind; then when decisions are out."""
    return view.level != DOUBLE or view.is_released


def reviewers_for_panel(view: View) -> bool:
    """The panel knows who reviewed where reviewers knew who applied."""
    return view.level <= SINGLE


def reviewers_for_peers(view: View) -> bool:
    """Reviewers know each other in open calls; in single-blind ones once they have scored."""
    return view.level == OPEN or (view.level == SINGLE and view.own_score_is_in)


def peers_after_own(view: View) -> bool:
    """What others wrote is read after the own score is in."""
    return view.own_score_is_in


def reviewers_for_applicants(view: View) -> bool:
    """Only an open call names its reviewers to applicants, with the decisions."""
    return view.level == OPEN and view.is_released


Rule = Callable[[View], bool]
APPLICANT: dict[str, Rule] = {
    **dict.fromkeys((*NAMES, TEXT, BUDGET), always),
    REVIEWER_NAMES: reviewers_for_applicants, CONSENSUS: after_release, RESULT: after_release,
}  # fmt: skip
JUDGE: dict[str, Rule] = {
    **dict.fromkeys(NAMES, names_for_reviewers), TEXT: always, BUDGET: always,
    REVIEWER_NAMES: reviewers_for_peers, REVIEWS: peers_after_own, CONSENSUS: peers_after_own,
    RESULT: after_release,
}  # fmt: skip
PANEL: dict[str, Rule] = {
    **dict.fromkeys(NAMES, names_for_panel), REVIEWER_NAMES: reviewers_for_panel,
    **dict.fromkeys((TEXT, BUDGET, REVIEWS, CONSENSUS, CONFIDENTIAL, RANK, RESULT), always),
}  # fmt: skip
EVERYTHING: dict[str, Rule] = dict.fromkeys(FIELDS, always)
RULES: dict[str, dict[str, Rule]] = {
    LEAD: APPLICANT, PARTNER: APPLICANT, REVIEWER: JUDGE, RAPPORTEUR: JUDGE,
    MEMBER: PANEL, CHAIR: PANEL, OFFICER: EVERYTHING, AUDITOR: EVERYTHING,
    # Their own trip only, which has a page of its own.
    HOST: {}, TRAVELLER: {},
    FUNDER: dict.fromkeys((*NAMES, TEXT, BUDGET, CONSENSUS, RANK, RESULT), always),
    EVALUATOR: dict.fromkeys((*NAMES, TEXT, BUDGET, CONSENSUS, RESULT), always),
}  # fmt: skip


def visible(roles: frozenset[str], field: str, view: View) -> bool:
    """Tell whether somebody with these roles may see a field of an application.

    A reviewer who also runs the call sees as a reviewer: the stricter of their roles counts where
    one of them judges.

    Raises:
        ValueError: there is no such field.
    """
    if field not in FIELDS:
        raise ValueError(field)
    judging = roles & {REVIEWER, RAPPORTEUR}
    rules = [RULES[role].get(field) for role in (judging or roles) if role in RULES]
    return any(rule(view) for rule in rules if rule)
