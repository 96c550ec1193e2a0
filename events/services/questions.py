"""The questions that organisers ask with a registration: writing, ordering and removing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from events.models import Event, Question
from events.services.locking import lock_event

if TYPE_CHECKING:
    from konnect.accounts.models import User

MOST_QUESTIONS = 30


@transaction.atomic
def add_question(event: Event, *, actor: User, columns: dict[str, Any]) -> Question:
    """Add a question behind the others."""
    lock_event(event)
    last = event.questions.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    return Question.objects.create(event=event, position=position, **columns)


@transaction.atomic
def change_question(question: Question, *, actor: User, columns: dict[str, Any]) -> None:
    """Write a question anew; answers keep their places among its options."""
    Question.objects.filter(pk=question.pk).update(**columns)


@transaction.atomic
def move_question(question: Question, *, actor: User, by: int) -> None:
    """Move a question so many places down, up when below 0; positions are numbered anew."""
    lock_event(question.event)
    rows = list(Question.objects.filter(event=question.event))
    place = next(number for number, row in enumerate(rows) if row.pk == question.pk)
    rows.insert(max(place + by, 0), rows.pop(place))
    for position, row in enumerate(rows):
        row.position = position
    Question.objects.bulk_update(rows, ["position"])


@transaction.atomic
def remove_question(question: Question, *, actor: User) -> None:
    """Remove a question with everything that was answered to it."""
    question.delete()
