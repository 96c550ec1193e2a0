"""Requests, meetings and feedback of an event as tables for spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence

from openpyxl import Workbook

from events.models import Event, Meeting, MeetingFeedback, MeetingRequest
from matching.services.table_exports import csv_text, text_cell
from matching.services.table_exports import text as cell

Row = Sequence[str]
REQUEST_COLUMNS = (
    "number", "state", "sender", "sender_organisation", "recipient", "recipient_organisation",
    "strength", "answer_strength", "mutual", "mode", "decline_reason", "added_by_organiser",
    "pinned", "asked_at", "answered_at",
)  # fmt: skip
MEETING_COLUMNS = (
    "number", "request", "state", "starts_at", "ends_at", "place", "people", "organisations",
    "absent", "cancelled_at", "cancellation_reason",
)  # fmt: skip
FEEDBACK_COLUMNS = (
    "meeting", "starts_at", "name", "organisation", "took_place", "usefulness", "next_step",
    "words", "given_at",
)  # fmt: skip


def requests_of(event: Event) -> Iterator[Row]:
    """Yield every meeting request, the first one first; one query."""
    rows = MeetingRequest.objects.filter(event=event).with_people().order_by("pk")
    for row in rows:
        sender, recipient = row.sender.profile, row.recipient.profile
        yield [
            cell(row.pk), row.state, sender.display_name, sender.affiliation,
            recipient.display_name, recipient.affiliation, cell(row.strength),
            cell(row.answer_strength), yes_or_no(row.is_mutual), row.mode, row.decline_reason,
            yes_or_no(row.added_by_id), yes_or_no(row.is_pinned), row.created_at.isoformat(),
            row.answered_at.isoformat() if row.answered_at else "",
        ]  # fmt: skip


def meetings_of(event: Event) -> Iterator[Row]:
    """Yield every meeting in the order of time, cancelled ones as well; four queries."""
    rows = Meeting.objects.filter(event=event).select_related("place").order_by("during", "pk")
    for row in rows.prefetch_related("seats__profile__organisation"):
        seats = sorted(row.seats.all(), key=lambda seat: seat.pk)
        yield [
            cell(row.pk), cell(row.request_id), row.state, *span(row), cell(row.place),
            joined(seat.profile.display_name for seat in seats),
            joined(seat.profile.affiliation for seat in seats),
            joined(seat.profile.display_name for seat in seats if seat.is_absent),
            row.cancelled_at.isoformat() if row.cancelled_at else "", row.cancellation_reason,
        ]  # fmt: skip


def feedback_of(event: Event) -> Iterator[Row]:
    """Yield what people said of meetings, in the order of the meetings; one query."""
    rows = MeetingFeedback.objects.filter(meeting__event=event).select_related(
        "meeting", "registration__profile__organisation"
    )
    for row in rows.order_by("meeting__during", "pk"):
        profile = row.registration.profile
        yield [
            cell(row.meeting_id), span(row.meeting)[0], profile.display_name, profile.affiliation,
            yes_or_no(row.took_place), cell(row.usefulness), row.next_step, row.words,
            row.given_at.isoformat(),
        ]  # fmt: skip


def span(meeting: Meeting) -> tuple[str, str]:
    """Return when a meeting begins and ends, as cells."""
    begin, end = meeting.during.lower, meeting.during.upper
    return begin.isoformat() if begin else "", end.isoformat() if end else ""


def joined(parts: Iterator[str]) -> str:
    """Return several entries as one cell."""
    return "|".join(part.replace("|", "/") for part in parts)


def yes_or_no(value: object) -> str:
    """Return a fact as a cell."""
    return "yes" if value else "no"


TABLES: dict[str, tuple[Sequence[str], Callable[[Event], Iterator[Row]]]] = {
    "requests": (REQUEST_COLUMNS, requests_of),
    "meetings": (MEETING_COLUMNS, meetings_of),
    "feedback": (FEEDBACK_COLUMNS, feedback_of),
}


def as_csv(event: Event, kind: str) -> bytes:
    """Return a table as CSV that spreadsheets read as UTF-8; no cell is a formula."""
    header, rows = TABLES[kind]
    return csv_text((header, *rows(event))).encode()


def as_workbook(event: Event, kind: str) -> bytes:
    """Return a table as a workbook of one sheet, every cell a text."""
    header, rows = TABLES[kind]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(kind)
    sheet.freeze_panes = "A2"
    sheet.append(list(header))
    for row in rows(event):
        sheet.append([text_cell(sheet, part) for part in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
