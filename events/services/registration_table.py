"""The registrations of an event as a table for spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from events.models import Event, Question, QuestionKind, Registration, in_reader_language
from matching.services.table_exports import csv_text, text_cell

HEADER = (
    "number", "state", "name", "email", "organisation", "country", "mode", "wants_meetings",
    "maximum_meetings", "listed", "zone", "note", "offers", "seeks", "registered_at",
    "waiting_since",
)  # fmt: skip


def header_of(event: Event) -> list[str]:
    """Return the names of the columns: the fixed ones, then a question each."""
    return [*HEADER, *(question.text for question in event.questions.all())]


def rows_of(event: Event) -> Iterator[list[str]]:
    """Yield every registration of an event, the first one first; four queries."""
    questions = list(event.questions.all())
    rows = Registration.objects.filter(event=event).with_people()
    rows = rows.prefetch_related("intents", "answers").order_by("pk")
    for row in rows:
        answers = {answer.question_id: answer.value for answer in row.answers.all()}
        cells = cells_of(row)
        yield [cells[name] for name in HEADER] + answered_cells(questions, answers)


def cells_of(row: Registration) -> dict[str, str]:
    """Return the cells of one registration by column."""
    profile = row.profile
    said = {
        kind: "|".join(each.text for each in row.intents.all() if each.kind == kind)
        for kind in ("offer", "request")
    }
    waiting_since = row.entered_list_at.isoformat() if row.entered_list_at else ""
    return {
        "number": str(row.pk), "state": row.state, "name": profile.display_name,
        "email": profile.user.email, "organisation": profile.affiliation,
        "country": profile.country_code, "mode": row.mode,
        "wants_meetings": yes_or_no(row.wants_meetings),
        "maximum_meetings": "" if row.maximum_meetings is None else str(row.maximum_meetings),
        "listed": yes_or_no(row.is_listed), "zone": row.zone, "note": row.note,
        "offers": said["offer"], "seeks": said["request"],
        "registered_at": row.created_at.isoformat(), "waiting_since": waiting_since,
    }  # fmt: skip


def yes_or_no(value: object) -> str:
    """Return a fact as the import reads it."""
    return "yes" if value else "no"


def answered_cells(questions: Sequence[Question], answers: Mapping[int, Any]) -> list[str]:
    """Return the answers of one registration, an empty cell where there is none."""
    return [
        answer_cell(question, answers[question.pk]) if question.pk in answers else ""
        for question in questions
    ]


def answer_cell(question: Question, value: Any) -> str:
    """Return one answer as a cell: options by their texts."""
    if question.kind == QuestionKind.YES_NO:
        return yes_or_no(value)
    if question.kind not in (QuestionKind.CHOICE, QuestionKind.CHOICES):
        return str(value)
    places = value if isinstance(value, list) else [value]
    options = question.options
    return "|".join(
        in_reader_language(*options[place]) for place in places if place < len(options)
    )


def as_csv(event: Event) -> str:
    """Return the table as CSV that spreadsheets read as UTF-8; no cell is a formula."""
    return csv_text((header_of(event), *rows_of(event)))


def as_workbook(event: Event) -> bytes:
    """Return the table as a workbook of one sheet, every cell a text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("registrations")
    sheet.freeze_panes = "A2"
    for row in (header_of(event), *rows_of(event)):
        sheet.append([text_cell(sheet, cell) for cell in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
