"""What one person is shown of the current run, and what they answer.

Lists are computed for everybody at once; what must never be late is decided here, at reading:
hidden, blocked and unpublished people, contacts and dismissed suggestions are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from konnect.accounts.doorbell import ring
from konnect.accounts.prepared import prepared
from matching.models import (
    Answer,
    ContactRequest,
    DismissalReason,
    MatchRun,
    MatchRunState,
    Profile,
    SuggestionAnswer,
    SuggestionList,
)
from matching.models.profile import ProfileQuerySet
from matching.scoring.preferences import Candidate, Dismissal, Preferences, preferences_from
from matching.scoring.terms import TERMS, UNIT
from matching.services.evidence import WIDTH as EVIDENCE_WIDTH
from matching.services.evidence import read_named
from matching.services.reasons import Sentence, explain
from matching.services.score_table import ScoreTable, score_table
from matching.services.shown import ShownProfile, show
from matching.visibility import Audience, fields_open_to

if TYPE_CHECKING:
    from konnect.accounts.models import User

SHOWN = 50
REASONS_AT_ONCE = 3
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# What is read of a list and its run: the pool is six times as long, and nobody sees it.
LIST_COLUMNS = (
    "id", "match_run_id", "profile_id", "partner_ids", "scores", "parts", "evidence", "built_from",
)  # fmt: skip
RUN_COLUMNS = ("embedder", "weights_version")


@dataclass(frozen=True)
class Entry:
    """One partner in a person's list, before anything is fetched for showing them."""

    partner_id: int
    rank: int
    score: float
    parts: tuple[float, ...]
    # Six ids, as SuggestionList keeps them; empty when the list has none.
    evidence: tuple[int, ...]
    answer: str
    # When the partner's profile last changed: what is shown of them may differ before and after.
    stamp: str


@dataclass(frozen=True)
class Shown:
    """What is read of everybody who may be shown."""

    candidate: Candidate
    stamp: str


@dataclass(frozen=True)
class Shortlist:
    """What a person may be shown now, best first."""

    entries: list[Entry]
    is_fresh: bool
    embedder: str


@dataclass(frozen=True)
class Suggestion:
    """One suggested partner as the person sees them; reasons are HTML."""

    partner: ShownProfile
    score: ScoreTable
    rank: int
    reasons: list[Sentence]
    answer: str

    @property
    def first_reasons(self) -> list[Sentence]:
        """The reasons that stand on the card; the others are a tap away."""
        return self.true_reasons[:REASONS_AT_ONCE]

    @property
    def further_reasons(self) -> list[Sentence]:
        """The other reasons."""
        return self.true_reasons[REASONS_AT_ONCE:]

    @property
    def true_reasons(self) -> list[Sentence]:
        """What speaks for the partner."""
        return [reason for reason in self.reasons if not reason.is_note]

    @property
    def notes(self) -> list[Sentence]:
        """What is worth knowing but speaks for nothing."""
        return [reason for reason in self.reasons if reason.is_note]


def suggestions_for(profile: Profile, *, limit: int = 20, offset: int = 0) -> list[Suggestion]:
    """Return a person's suggestions, best first."""
    found = shortlist(profile)
    return suggestions_of(profile, found.entries[offset : offset + limit], found.embedder)


def is_fresh(profile: Profile) -> bool:
    """Tell whether the list has seen the person's last edit."""
    return is_list_fresh(profile, current_list(profile))


def is_list_fresh(profile: Profile, row: SuggestionList | None) -> bool:
    """Tell whether a list has seen the person's last edit."""
    return row is not None and row.built_from >= profile.matching_changed_at


def current_list(profile: Profile) -> SuggestionList | None:
    """Return the person's list in the published run, without its pool; one row by an index."""
    rows = published_list.rows(profile_id=profile.pk)
    if not rows:
        return None
    [row] = rows
    count = len(LIST_COLUMNS)
    found = SuggestionList.from_db(DEFAULT_DB_ALIAS, LIST_COLUMNS, row[:count])
    run = (found.match_run_id, *row[count:])
    found.match_run = MatchRun.from_db(DEFAULT_DB_ALIAS, ("id", *RUN_COLUMNS), run)
    return found


@prepared
def published_list(profile_id: int) -> QuerySet[SuggestionList, Any]:
    """Return what is shown of one person's list in the published run."""
    rows = SuggestionList.objects.filter(
        match_run__state=MatchRunState.PUBLISHED, profile_id=profile_id
    )
    return rows.values_list(*LIST_COLUMNS, *(f"match_run__{name}" for name in RUN_COLUMNS))


def shortlist(profile: Profile) -> Shortlist:
    """Return whom a person may be shown now; three queries."""
    row = current_list(profile)
    if row is None:
        return Shortlist([], is_fresh=False, embedder="")
    answers = counting_answers(profile)
    entries = ranked_entries(row, candidates(row, profile), answers)
    return Shortlist(entries[:SHOWN], is_list_fresh(profile, row), row.match_run.embedder)


def counting_answers(profile: Profile) -> dict[int, SuggestionAnswer]:
    """Return a person's answers that count, by partner."""
    answers = SuggestionAnswer.objects.filter(profile=profile, undone_at=None)
    return {
        answer.partner_id: answer
        for answer in answers.select_related("partner__organisation").only(
            "partner_id", "answer", "reason", "answered_at", "profile_id",
            "partner__career_stage", "partner__organisation__types",
        )
    }  # fmt: skip


def candidates(row: SuggestionList, profile: Profile) -> dict[int, Shown]:
    """Return those of a list who may be shown now, by id."""
    facts = may_be_shown(profile).filter(pk__in=row.partner_ids)
    columns = ("career_stage", "organisation__types", "updated_at", "matching_changed_at")
    about = {pk: facts for pk, *facts in facts.values_list("pk", *columns)}
    width = len(TERMS)
    return {
        partner_id: shown_of(
            as_shares(row.parts[index * width : (index + 1) * width]), about[partner_id]
        )
        for index, partner_id in enumerate(row.partner_ids)
        if partner_id in about
    }


def as_shares(units: Sequence[int]) -> tuple[float, ...]:
    """Return stored parts or scores as the exact floats that they stand for."""
    return tuple(unit / UNIT for unit in units)


def shown_of(parts: tuple[float, ...], facts: list[Any]) -> Shown:
    """Return one candidate from the columns that were read."""
    stage, types, *stamps = facts
    return Shown(Candidate(parts, stage, tuple(types or ())), repr(stamps))


def may_be_shown(profile: Profile) -> ProfileQuerySet:
    """Return the people who may be suggested to a person now."""
    live = ContactRequest.objects.live()
    sent = live.filter(sender=profile, recipient=OuterRef("pk"))
    received = live.filter(recipient=profile, sender=OuterRef("pk"))
    people = Profile.objects.suggestible().not_blocked_for(profile.user)
    shown: ProfileQuerySet = people.exclude(side=profile.side).exclude(
        Exists(sent) | Exists(received)
    )
    return shown


def ranked_entries(
    row: SuggestionList, shown: dict[int, Shown], answers: dict[int, SuggestionAnswer]
) -> list[Entry]:
    """Return a list in the order that the person's answers give it."""
    preferences = preferences_from(dismissals(answers.values()))
    postponed = {pk for pk, answer in answers.items() if is_postponed(answer)}
    dismissed = {pk for pk, answer in answers.items() if answer.answer == Answer.NOT_FOR_ME}
    left = [pk for pk in row.partner_ids if pk in shown and pk not in dismissed]
    left.sort(key=lambda pk: order_of(pk, shown, postponed, preferences))
    scores = dict(zip(row.partner_ids, as_shares(row.scores), strict=True))
    return [
        Entry(
            pk,
            rank,
            scores[pk],
            shown[pk].candidate.parts,
            evidence_of(row, pk),
            answers[pk].answer if pk in answers else "",
            shown[pk].stamp,
        )
        for rank, pk in enumerate(left, start=1)
    ]


def evidence_of(row: SuggestionList, partner_id: int) -> tuple[int, ...]:
    """Return the ids that a list names for one partner; none in lists of earlier versions."""
    start = EVIDENCE_WIDTH * row.partner_ids.index(partner_id)
    return tuple(row.evidence[start : start + EVIDENCE_WIDTH])


def order_of(
    pk: int, shown: dict[int, Shown], postponed: set[int], preferences: Preferences
) -> tuple[bool, float, int]:
    """Return what suggestions are sorted by: postponed ones last, then best first, then id."""
    return (pk in postponed, -preferences.value(shown[pk].candidate), pk)


def is_postponed(answer: SuggestionAnswer) -> bool:
    """Tell whether somebody said *later* not long ago."""
    days = timedelta(days=SuggestionAnswer.LATER_DAYS)
    return answer.answer == Answer.LATER and timezone.now() - answer.answered_at < days


def dismissals(answers: Any) -> list[Dismissal]:
    """Return the answers *not for me* as the score's preferences read them."""
    return [
        Dismissal(
            answer.reason,
            answer.partner.career_stage,
            tuple(answer.partner.organisation.types if answer.partner.organisation else ()),
        )
        for answer in answers
        if answer.answer == Answer.NOT_FOR_ME
    ]


def suggestions_of(profile: Profile, entries: Sequence[Entry], embedder: str) -> list[Suggestion]:
    """Fetch what is shown of some entries; five queries, seven while lists name nothing."""
    if not entries:
        return []
    wanted = [profile.pk, *(entry.partner_id for entry in entries)]
    people = {one.pk: one for one in Profile.objects.filter(pk__in=wanted).with_card()}
    viewer = people.pop(profile.pk)
    evidence = {entry.partner_id: entry.evidence for entry in entries}
    named = read_named(viewer, list(people.values()), evidence, embedder)
    shown = {pk: shown_to_member(one) for pk, one in people.items()}
    return [
        Suggestion(
            partner=shown[entry.partner_id],
            score=score_table(entry.parts),
            rank=entry.rank,
            reasons=explain(viewer, shown[entry.partner_id], entry.parts, named[entry.partner_id]),
            answer=entry.answer,
        )
        for entry in entries
        if entry.partner_id in shown
    ]


def shown_to_member(partner: Profile) -> ShownProfile:
    """Return what a member who is not a contact sees: contacts are never suggested."""
    return show(partner, fields_open_to(Audience.MEMBER, partner.visibility))


@transaction.atomic
def answer_suggestion(
    profile: Profile,
    partner: Profile,
    *,
    actor: User | None,
    answer: str,
    reason: str = "",
    comment: str = "",
) -> SuggestionAnswer:
    """Keep what somebody says to a suggestion; an earlier answer no longer counts.

    `actor` is the person; only they answer for themselves.
    """
    lock(profile)
    same = SuggestionAnswer.objects.filter(profile=profile, partner=partner, undone_at=None)
    kept_reason = reason if answer == Answer.NOT_FOR_ME and reason in DismissalReason else ""
    if kept := same.filter(answer=answer, reason=kept_reason, comment=comment).first():
        return kept
    same.update(undone_at=timezone.now())
    version, parts = parts_shown(profile, partner)
    return SuggestionAnswer.objects.create(
        profile=profile,
        partner=partner,
        answer=Answer(answer),
        reason=kept_reason,
        comment=comment,
        parts=parts,
        weights_version=version,
    )


def lock(profile: Profile) -> None:
    """Let one answer of a person at a time be written: a double click becomes one."""
    Profile.objects.select_for_update().filter(pk=profile.pk).values_list("pk").first()


def parts_shown(profile: Profile, partner: Profile) -> tuple[str, list[float]]:
    """Return the version of the weights and the terms that the person saw."""
    row = current_list(profile)
    if row is None or partner.pk not in row.partner_ids:
        return "", []
    start = row.partner_ids.index(partner.pk) * len(TERMS)
    shown = as_shares(row.parts[start : start + len(TERMS)])
    return row.match_run.weights_version, list(shown)


@transaction.atomic
def undo_answer(profile: Profile, partner: Profile, *, actor: User | None) -> bool:
    """Take an answer back; return whether there was one.

    A partner whom a later run left out comes back when the list is refreshed, at once.
    """
    counting = SuggestionAnswer.objects.filter(profile=profile, partner=partner, undone_at=None)
    if not counting.update(undone_at=timezone.now()):
        return False
    row = current_list(profile)
    if row and partner.pk not in row.partner_ids:
        SuggestionList.objects.filter(pk=row.pk).update(built_from=LONG_AGO)
        ring("matching.tasks.refresh_stale_suggestions")
    return True
