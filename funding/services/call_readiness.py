"""What keeps a call from being sent for approval, and what its officers should think over.

Problems are values: the form, the control room and the guard of the move read the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funding.models import BlindLevel, Call, FormKind, FunderCommitment, FunderOfficer, Policy, Pot
from funding.phases import database_now
from funding.services.exchange_rates import exchange_of
from matching.models import Side

SHORT = timedelta(days=30)


@dataclass(frozen=True)
class Problem:
    """Something about a call: code, words for its officers, and the step where it is mended."""

    code: str
    words: str | Promise
    step: str
    is_blocker: ClassVar[bool] = False


@dataclass(frozen=True)
class Missing(Problem):
    """Keeps the call from being approved."""

    is_blocker = True


@dataclass(frozen=True)
class Caution(Problem):
    """Does not keep it from that; the officers should look."""


def problems_of(call: Call) -> list[Problem]:
    """Return everything that is missing or doubtful, what is missing first; nine queries at most."""
    if call.state not in ("draft", "in_approval"):
        return []
    commitments = list(call.commitments.select_related("funder"))
    found = [
        *text_problems(call), *time_problems(call, database_now()), *criterion_problems(call),
        *funder_problems(call, commitments), *money_problems(call, commitments),
        *form_problems(call),
    ]  # fmt: skip
    return sorted(found, key=lambda problem: not problem.is_blocker)


def missing_from(call: Call) -> list[Problem]:
    """Return what keeps a call from being approved; empty means go."""
    return [problem for problem in problems_of(call) if problem.is_blocker]


def text_problems(call: Call) -> Iterator[Problem]:
    """Look for what readers need to know, on both sides."""
    if not (call.summary_en and call.summary_ko):
        words = gettext_lazy(
            "Write a summary in both languages: a joint call has readers of both."
        )
        yield Missing("no_summary", words, "texts")
    if not (call.text_en or call.text_ko):
        yield Missing("no_text", gettext_lazy("Write the text of the call."), "texts")
    elif not (call.text_en and call.text_ko):
        words = gettext_lazy("The text of the call is missing in one language.")
        yield Caution("one_language", words, "texts")
    if not call.contact_email:
        words = gettext_lazy("Name an e-mail address for questions.")
        yield Caution("no_contact", words, "texts")
    if not call.areas.exists():
        words = gettext_lazy("Choose areas: people find calls, and reviewers, by them.")
        yield Caution("no_area", words, "texts")
    if not call.missions.exists():
        yield Missing("no_mission", gettext_lazy("Choose the goals it serves."), "missions")


def time_problems(call: Call, now: datetime) -> Iterator[Problem]:
    """Is there a window, still to come, long enough to find a partner in?"""
    if call.opens_at is None or call.closes_at is None:
        yield Missing("no_dates", gettext_lazy("Say when it opens and closes."), "basics")
        return
    if call.closes_at <= now:
        yield Missing("closed", gettext_lazy("The closing lies in the past."), "basics")
    if call.closes_at - call.opens_at < SHORT:
        words = gettext_lazy("It is open for less than 30 days: joint applications take longer.")
        yield Caution("short", words, "basics")
    if call.reviews_due_at and call.reviews_due_at <= call.closes_at:
        yield Missing("reviews_early", gettext_lazy("Reviews are due before it closes."), "rules")
    if call.deadlines.filter(at__lte=now).exists():
        yield Caution("date_past", gettext_lazy("A further date lies in the past."), "dates")


def criterion_problems(call: Call) -> Iterator[Problem]:
    """Can applications be judged, and can any of them reach the thresholds?"""
    criteria = list(call.criteria.all())
    if not criteria:
        yield Missing("no_criteria", gettext_lazy("Write at least one criterion."), "criteria")
    elif sum(each.most for each in criteria) < call.overall_threshold:
        words = gettext_lazy(
            "Nobody can reach the overall threshold: it is above all best scores."
        )
        yield Missing("threshold_too_high", words, "criteria")
    has_record = any(each.is_track_record for each in criteria)
    if call.blind_level == BlindLevel.TWO_STEP and not has_record:
        words = gettext_lazy(
            "Names are shown after scoring for the criterion that judges who applies: mark one."
        )
        yield Missing("no_track_record", words, "criteria")


def funder_problems(call: Call, commitments: list[FunderCommitment]) -> Iterator[Problem]:
    """Is there money from both sides, and somebody who can say yes to it?"""
    sides = {row.funder.side for row in commitments}
    if not {Side.EUROPE, Side.KOREA} <= sides:
        words = gettext_lazy("A joint call has a funder on each side: add the missing one.")
        yield Missing("one_side", words, "funders")
    speaking = set(
        FunderOfficer.objects.filter(funder__in=[row.funder_id for row in commitments])
        .values_list("funder_id", flat=True)
    )  # fmt: skip
    for row in commitments:
        if row.funder_id not in speaking:
            unheard = _("Nobody speaks for %(funder)s yet, so that nobody can approve for it.")
            yield Missing("no_officer", unheard % {"funder": row.funder}, "funders")
        if row.budget_minor == 0:
            empty = _("%(funder)s puts no money in.")
            yield Missing("no_money", empty % {"funder": row.funder}, "funders")


def money_problems(call: Call, commitments: list[FunderCommitment]) -> Iterator[Problem]:
    """Do the pots fit to the policy?"""
    has_gap_pot = any(row.gap_pot_minor for row in commitments)
    is_mixed = Pot.MIXED in (call.pot, call.policy) or call.policy == Policy.MIXED
    if is_mixed and not has_gap_pot:
        words = gettext_lazy(
            "Gaps are to be filled from a common pot, but nobody puts money into it."
        )
        yield Missing("no_gap_pot", words, "funders")
    if has_gap_pot and not is_mixed:
        words = gettext_lazy("There is money for gaps, but the policy does not use it.")
        yield Caution("gap_pot_unused", words, "rules")
    if exchange_of(call, commitments) is None:
        words = gettext_lazy(
            "The common pot has several currencies. Say at each funder what a euro is in its"
            " money: the panel would have to decide project by project otherwise."
        )
        yield Caution("several_currencies", words, "funders")


def form_problems(call: Call) -> Iterator[Problem]:
    """Is there something to fill in?"""
    form = call.forms.filter(kind=FormKind.APPLICATION).first()
    if form is None or not form.schema.get("sections"):
        yield Missing("no_form", gettext_lazy("The application form is empty."), "rules")
