"""What people answer to the questions of an event's form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from events.models import Answer, Question, Registration

NOTHING: tuple[Any, ...] = (None, "", [])


def write_answers(registration: Registration, answers: Mapping[int, Any]) -> None:
    """Keep answers by the number of their question; an empty one is none."""
    own = Answer.objects.filter(registration=registration)
    own.filter(question__in=[pk for pk, value in answers.items() if value in NOTHING]).delete()
    Answer.objects.bulk_create(
        [
            Answer(registration=registration, question_id=pk, value=value)
            for pk, value in answers.items()
            if value not in NOTHING
        ],
        update_conflicts=True,
        unique_fields=["registration", "question"],
        update_fields=["value"],
    )


def answered(registration: Registration) -> list[tuple[Question, Any]]:
    """Return the questions that somebody answered with the answers, in the form's order."""
    rows = registration.answers.select_related("question")
    rows = rows.order_by("question__position", "question_id")
    return [(answer.question, answer.value) for answer in rows]
