"""Meetings as iCalendar objects (RFC 5545, 5546): invitations, their ends, and feeds.

Pure: texts come in the reader's language, nothing is looked up. Components are written line by
line, because a schedule of 5,000 meetings sends 10,000 invitations in one transaction and the
library takes two milliseconds for each; it makes the definitions of time zones, and the tests read
everything back with it.

What calendars need, and where it was learnt: a stable UID and a rising SEQUENCE, or Outlook and
Google show a meeting twice or not at all; METHOD in the calendar and not in the event; CANCEL with
STATUS:CANCELLED, the same UID and ORGANIZER, and a higher SEQUENCE, or the entry stays; DTSTART
with TZID and its definition; one ATTENDEE, the reader, so that nobody learns the other's address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone

PRODUCT = "-//KONNECT//Meetings//EN"
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
METHODS = (REQUEST, CANCEL, PUBLISH)
# Octets of a content line, its end not counted (RFC 5545, section 3.1).
LINE = 75
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Calendars that read feeds may ask this often; Google does as it likes.
POLL_EVERY = "PT1H"


@dataclass(frozen=True)
class Mailbox:
    """Somebody as a calendar names them."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class Entry:
    """One meeting, or one part of an agenda, for one reader.

    uid: never changes, however often it moves; sequence: rises with every change that is sent;
    zone: of the event, by its IANA name; changed_at: when it was last changed; summary,
    description and location: in the reader's language; conference: the way into the online room;
    attendee: the reader, for invitations only.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    organiser: Mailbox
    changed_at: datetime
    description: str = ""
    location: str = ""
    url: str = ""
    conference: str = ""
    attendee: Mailbox | None = None
    is_cancelled: bool = False
    is_busy: bool = True


def calendar_of(
    entries: Sequence[Entry], method: str, *, stamped_at: datetime | None = None, name: str = ""
) -> bytes:
    """Return entries as one calendar.

    method: REQUEST and CANCEL for one entry by mail, PUBLISH for a feed; stamped_at: when it was
    written; without it each entry says when it was changed, so that a feed stays the same, byte
    for byte, as long as nothing happens; name: what calendars call a feed.

    Raises:
        ValueError: there is no such method.
    """
    if method not in METHODS:
        raise ValueError(f"No calendar is sent to {method}.")
    parts = [head_text(method, name), *zone_parts(entries)]
    parts += [entry_text(entry, method, stamped_at or entry.changed_at) for entry in entries]
    return "".join([*parts, "END:VCALENDAR\r\n"]).encode()


@lru_cache(maxsize=20)
def head_text(method: str, name: str) -> str:
    """Return what a calendar says before its first component."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN"]
    lines += [f"METHOD:{method}", *feed_lines(name)]
    return "\r\n".join(map(folded, lines)) + "\r\n"


def feed_lines(name: str) -> list[str]:
    """Return what a feed says of itself, in the standard's words (RFC 7986) and in older ones."""
    if not name:
        return []
    text = escaped(name)
    polls = (f"REFRESH-INTERVAL;VALUE=DURATION:{POLL_EVERY}", f"X-PUBLISHED-TTL:{POLL_EVERY}")
    return [f"NAME:{text}", f"X-WR-CALNAME:{text}", *polls]


def zone_parts(entries: Iterable[Entry]) -> list[str]:
    """Return the definition of each zone for the years in which there are entries."""
    years: dict[str, tuple[int, int]] = {}
    for entry in entries:
        first, last = years.get(entry.zone, (entry.starts_at.year, entry.ends_at.year))
        years[entry.zone] = (min(first, entry.starts_at.year), max(last, entry.ends_at.year))
    return [zone_text(zone, first, last) for zone, (first, last) in sorted(years.items())]


@lru_cache(maxsize=200)
def zone_text(zone: str, first_year: int, last_year: int) -> str:
    """Return a VTIMEZONE from the January before the first year to that after the last.

    A year more on each side: an event on New Year's Eve is in two years, by the zone.
    """
    begins, ends = date(first_year - 1, 1, 1), date(last_year + 2, 1, 1)
    definition = Timezone.from_tzid(zone, first_date=begins, last_date=ends)
    definition.pop("COMMENT", None)
    return definition.to_ical().decode()


def entry_text(entry: Entry, method: str, stamped_at: datetime) -> str:
    """Return one VEVENT, folded."""
    is_over = method == CANCEL or entry.is_cancelled
    lines = [
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{instant(stamped_at)}",
        f"LAST-MODIFIED:{instant(entry.changed_at)}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTART{wall(entry.starts_at, entry.zone)}",
        f"DTEND{wall(entry.ends_at, entry.zone)}",
        f"SUMMARY:{escaped(entry.summary)}",
        f"STATUS:{'CANCELLED' if is_over else 'CONFIRMED'}",
        f"TRANSP:{'OPAQUE' if entry.is_busy and not is_over else 'TRANSPARENT'}",
        organiser_line(entry.organiser),
        *attendee_lines(entry, method),
        *text_lines(entry, is_over=is_over),
        "END:VEVENT",
    ]
    return "\r\n".join(map(folded, lines)) + "\r\n"


@lru_cache(maxsize=200)
def organiser_line(organiser: Mailbox) -> str:
    """Return who invites."""
    return f"ORGANIZER{common_name(organiser)}:mailto:{address(organiser)}"


def attendee_lines(entry: Entry, method: str) -> list[str]:
    """Return the reader, and nobody else; a published calendar names none (RFC 5546, 3.2.1)."""
    if entry.attendee is None or method == PUBLISH:
        return []
    answer = "CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE"
    return [f"ATTENDEE;{answer}{common_name(entry.attendee)}:mailto:{address(entry.attendee)}"]


def text_lines(entry: Entry, *, is_over: bool) -> list[str]:
    """Return what people read; a meeting that is over has no way into its room."""
    texts = {
        "DESCRIPTION": escaped(entry.description),
        "LOCATION": escaped(entry.location),
        "URL": one_line(entry.url),
    }
    if entry.conference and not is_over:
        label = quoted(entry.summary)
        kind = f"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL={label}"
        texts[kind] = one_line(entry.conference)
    return [f"{name}:{text}" for name, text in texts.items() if text]


@lru_cache(maxsize=5000)
def instant(moment: datetime) -> str:
    """Return a moment in universal time."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


@lru_cache(maxsize=5000)
def wall(moment: datetime, zone: str) -> str:
    """Return a moment on the clocks of a zone, with the zone's whole name.

    The hour that comes a second time in autumn has no such writing, and stands in universal time.
    """
    local = moment.astimezone(ZoneInfo(zone))
    return f":{instant(moment)}" if local.fold else f";TZID={zone}:{local:%Y%m%dT%H%M%S}"


def escaped(text: str) -> str:
    """Return a text as a value (RFC 5545, section 3.3.11)."""
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n")


def one_line(text: str) -> str:
    """Return an address of the web or of a person without what would begin a new line."""
    return CONTROL.sub("", text).replace("\r", "").replace("\n", "").replace("\t", "")


def address(mailbox: Mailbox) -> str:
    """Return the address of a mailbox as the end of a `mailto:`."""
    return one_line(mailbox.address).replace(" ", "")


def common_name(mailbox: Mailbox) -> str:
    """Return the name of a mailbox as a parameter, nothing if it has none."""
    return f";CN={quoted(mailbox.name)}" if mailbox.name else ""


def quoted(text: str) -> str:
    """Return a text as the value of a parameter, which cannot hold double quotes."""
    return '"' + " ".join(CONTROL.sub("", text).split()).replace('"', "'") + '"'


def folded(line: str) -> str:
    """Return a content line in pieces of at most 75 octets that split no character."""
    if len(line) <= LINE and line.isascii():
        return line
    octets = line.encode()
    if len(octets) <= LINE:
        return line
    pieces, begin, room = [], 0, LINE
    while begin < len(octets):
        end = begin + room
        # An octet that begins with the bits 10 goes on with a character.
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(octets[begin:end].decode())
        # The blank at the beginning of a further line counts.
        begin, room = end, LINE - 1
    return "\r\n ".join(pieces)
