"""What organisers do with many registrations at once: deciding, taking back, looking through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from events.models import (
    Answer,
    Event,
    Question,
    QuestionKind,
    Registration,
    RegistrationState,
    in_reader_language,
)
from events.services.registrations import approve, decline, occupancy_of, reopen
from konnect.states import TransitionError
from matching.permissions.contacts import RefusedError

if TYPE_CHECKING:
    from events.models.registration import RegistrationQuerySet
    from konnect.accounts.models import User

State = RegistrationState
SALT = "events.registration_desk"
# How long a decision about many can be taken back with one click.
UNDO_TIME = timedelta(minutes=15)
APPROVE, DECLINE = "approve", "decline"
DECIDABLE = {APPROVE: (State.PENDING,), DECLINE: tuple(State.live_states)}


@dataclass(frozen=True)
class Preview:
    """What a decision about many would do: whom it concerns, and where they would stand."""

    rows: list[Registration]
    confirmed: int = 0
    waiting: int = 0
    refused: int = 0


@dataclass
class Decided:
    """What a decision about many did; token: takes it back, '' where nothing can be."""

    done: list[Registration] = field(default_factory=list)
    refused: int = 0
    token: str = ""


def counts_by_state(event: Event) -> dict[str, int]:
    """Return how many registrations there are in each state."""
    rows = Registration.objects.filter(event=event).order_by()
    return dict(rows.values_list("state").annotate(Count("pk")))


def looked_through(event: Event, state: str, words: str, mode: str) -> RegistrationQuerySet:
    """Return an event's registrations, narrowed down, the waiting list in its own order."""
    rows = Registration.objects.filter(event=event).with_people()
    if state:
        rows = rows.filter(state=state)
    if mode:
        rows = rows.filter(mode=mode)
    for word in words.split():
        rows = rows.filter(
            Q(profile__display_name__icontains=word)
            | Q(profile__hangul_name__icontains=word)
            | Q(profile__user__email__icontains=word)
            | Q(profile__organisation__name__icontains=word)
            | Q(profile__organisation_unlisted__icontains=word)
        )
    return rows.order_by(*(("entered_list_at", "pk") if state == State.WAITING else ("-pk",)))


def chosen_rows(event: Event, pks: Iterable[int], decision: str) -> list[Registration]:
    """Return the registrations of an event that a decision can be made about, oldest first."""
    rows = Registration.objects.filter(event=event, pk__in=pks, state__in=DECIDABLE[decision])
    return list(rows.with_people().select_related("event").order_by("created_at", "pk"))


def preview(event: Event, pks: Iterable[int], decision: str) -> Preview:
    """Return what a decision would do now, without doing it."""
    rows = chosen_rows(event, pks, decision)
    if decision == DECLINE:
        return Preview(rows)
    occupancy = occupancy_of(event)
    free = occupancy.free(event)
    places = len(rows) if free is None else 0 if occupancy.waiting else min(free, len(rows))
    rest = len(rows) - places
    waiting = rest if event.has_waiting_list else 0
    return Preview(rows, places, waiting, rest - waiting)


@transaction.atomic
def decide(
    event: Event, pks: Iterable[int], decision: str, *, actor: User, reason: str = ""
) -> Decided:
    """Approve or decline many; each by itself, so that one that cannot be does not stop others."""
    decided = Decided()
    for row in chosen_rows(event, pks, decision):
        try:
            with transaction.atomic():
                decide_one(row, decision, actor, reason)
            decided.done.append(row)
        except (TransitionError, RefusedError):
            decided.refused += 1
    if decided.done and event.needs_approval:
        decided.token = undo_token(event, decided.done)
    return decided


def decide_one(row: Registration, decision: str, actor: User, reason: str) -> None:
    """Approve or decline one."""
    if decision == APPROVE:
        approve(row, actor=actor)
    else:
        decline(row, actor=actor, reason=reason)


def undo_token(event: Event, rows: Sequence[Registration]) -> str:
    """Return what takes a decision back: who was decided about, and what it was, signed."""
    facts = {"event": event.pk, "rows": [(row.pk, str(row.state)) for row in rows]}
    return signing.dumps(facts, salt=SALT, compress=True)


@transaction.atomic
def undo(event: Event, token: str, *, actor: User) -> int | None:
    """Take a decision back; return for how many, None when it is too late.

    Whoever withdrew, moved up or registered anew meanwhile is left as they are now.
    """
    try:
        facts: dict[str, Any] = signing.loads(token, salt=SALT, max_age=UNDO_TIME)
    except signing.BadSignature:
        return None
    if facts["event"] != event.pk:
        return None
    rows = Registration.objects.filter(event=event, pk__in=[pk for pk, _was in facts["rows"]])
    states = dict(facts["rows"])
    same = [
        row for row in rows.with_people().select_related("event") if row.state == states[row.pk]
    ]
    # Those on the waiting list first, or they would move up into the places of the others.
    same.sort(key=lambda row: row.state != State.WAITING)
    return sum(taken_back(row, actor) for row in same)


def taken_back(row: Registration, actor: User) -> bool:
    """Take one decision back; false when it cannot be any more."""
    try:
        with transaction.atomic():
            reopen(row, actor=actor)
    except (TransitionError, IntegrityError):
        return False
    return True


# --- Answers --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answered:
    """A question with what people answered.

    counts: of options, (text, number) in their order; texts: what was written, with its author.
    """

    question: Question
    number: int
    counts: list[tuple[str, int]]
    texts: list[tuple[Registration, str]]


def answers_of(event: Event) -> list[Answered]:
    """Return the answers of everybody whose registration lives, by question; two queries."""
    live = Answer.objects.filter(
        question__event=event, registration__state__in=State.live_states
    ).select_related("registration__profile__user", "registration__profile__organisation")
    by_question: dict[int, list[Answer]] = {}
    for answer in live.order_by("registration_id"):
        by_question.setdefault(answer.question_id, []).append(answer)
    return [
        answered_question(question, by_question.get(question.pk, []))
        for question in event.questions.all()
    ]


def answered_question(question: Question, answers: list[Answer]) -> Answered:
    """Return one question with its answers counted, or listed when they are texts."""
    if question.kind in (QuestionKind.LINE, QuestionKind.TEXT):
        texts = [(answer.registration, str(answer.value)) for answer in answers]
        return Answered(question, len(answers), [], texts)
    if question.kind == QuestionKind.YES_NO:
        yes = sum(bool(answer.value) for answer in answers)
        return Answered(
            question, len(answers), [(_("Yes"), yes), (_("No"), len(answers) - yes)], []
        )
    given = Counter(each for answer in answers for each in as_list(answer.value))
    return Answered(question, len(answers), options_counted(question, given), [])


def as_list(value: Any) -> list[Any]:
    """Return what was chosen as a list."""
    return value if isinstance(value, list) else [value]


def options_counted(question: Question, given: Counter[Any]) -> list[tuple[str, int]]:
    """Return how often each option was chosen."""
    return [
        (in_reader_language(*texts), given[place]) for place, texts in enumerate(question.options)
    ]
