"""What a mail carries beside its words: an object for calendars, files, pictures."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from email.mime.image import MIMEImage

from django.core.mail import EmailMultiAlternatives

CALENDAR_FILE = "invite.ics"


def attachment(name: str, kind: str, content: bytes, *, shown_as: str = "") -> dict[str, str]:
    """Return a file as a row of the outbox keeps it.

    kind: its media type; shown_as: the name by which the HTML shows a picture, `cid:name`.
    """
    text = base64.b64encode(content).decode()
    return {"name": name, "type": kind, "content": text, "cid": shown_as}


def add_calendar(email: EmailMultiAlternatives, calendar: str) -> None:
    """Add an iCalendar object twice: as a part that programs act upon, and as a file to open.

    Outlook acts only when the part's type names the method that stands in the object (RFC 6047,
    section 2.4); others, Apple Mail on a telephone for one, offer the file.
    """
    if not calendar:
        return
    kind = f"text/calendar; method={method_of(calendar)}"
    # Django adds charset=utf-8 to each part of text.
    email.attach_alternative(calendar, kind)
    email.attach(CALENDAR_FILE, calendar, kind)


def method_of(calendar: str) -> str:
    """Return what an iCalendar object asks for; it says so before its first component.

    Raises:
        ValueError: it does not say.
    """
    head = calendar.partition("BEGIN:V")[2].partition("BEGIN:")[0]
    for line in head.splitlines():
        if line.startswith("METHOD:"):
            return line.removeprefix("METHOD:")
    raise ValueError("The calendar names no method.")


def add_attachments(email: EmailMultiAlternatives, files: Iterable[Mapping[str, str]]) -> None:
    """Add files; a picture with a name for the HTML stands there and is no file to open."""
    for file in files:
        content = base64.b64decode(file["content"])
        if file.get("cid"):
            email.attach(picture(file, content))
        else:
            email.attach(file["name"], content, file["type"])


def picture(file: Mapping[str, str], content: bytes) -> MIMEImage:
    """Return a picture that the HTML shows."""
    part = MIMEImage(content, _subtype=file["type"].partition("/")[2])
    part.add_header("Content-ID", f"<{file['cid']}>")
    part.add_header("Content-Disposition", "inline", filename=file["name"])
    return part
