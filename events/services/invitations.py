"""Invitations to meetings, by mail, for calendars: each change goes to each person once.

A schedule of 5,000 meetings sends 10,000 of them in the transaction that publishes it. The words
of a letter are therefore rendered once a language and cut at their holes; only what fills the
holes is made for each person. Who wants no mail about meetings gets none, and has the feed.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import escape

from events.calendars import calendar_of
from events.models import CalendarMethod, Meeting, SentInvitation
from events.services.calendar_entries import Invited, Phrases, entry_of, invited_to
from konnect.accounts.doorbell import ring
from konnect.accounts.mail import DELIVERY_TASK, one_line
from konnect.accounts.mail_times import clock_of, mail_time
from konnect.accounts.models import NotificationPreference, OutgoingEmail, Rhythm, User
from konnect.accounts.notifications import kind_named
from konnect.accounts.services.notifications import frame_words
from konnect.accounts.services.unsubscribing import stop_address, stop_headers

KIND = "schedules"
LETTER = "meeting_invitation"
NEW, MOVED, CANCELLED, LEFT = "new", "moved", "cancelled", "left"
# Nobody can write what is replaced: it is another text in every process.
MARK = secrets.token_hex(16)
HOLES = ("addressee", "people", "partners", "event", "when", "where", "page", "stop")
A_BATCH = 1000


@dataclass(frozen=True)
class Letter:
    """The words of a letter, cut at the holes that persons fill."""

    texts: list[str]
    names: list[str]

    @classmethod
    def cut(cls, text: str) -> Letter:
        """Return a rendered template cut at its marks."""
        pieces = text.split(MARK)
        return cls(pieces[::2], pieces[1::2])

    def filled(self, holes: Mapping[str, str]) -> str:
        """Return the letter to one person."""
        pieces = [self.texts[0]]
        for name, text in zip(self.names, self.texts[1:], strict=True):
            pieces += (holes[name], text)
        return "".join(pieces)


@transaction.atomic
def write_invitations(
    meetings: Iterable[Meeting], *, method: str, only: Collection[int] | None = None
) -> int:
    """Write to everybody of some meetings what their calendars must know; return how many mails.

    method: REQUEST for a meeting that got its time, or another one; CANCEL for one that ended.
    The caller raises `sequence` with every change; a cancellation that did not is given the next
    number here, because calendars ignore what has the number that they know. Once a change and
    person: the same again writes nothing. A cancellation goes to those who were invited.
    only: the profiles of those whom it concerns, where one of several leaves.
    """
    wanted = {meeting.pk: meeting for meeting in meetings}
    # In one order, so that two who write at once wait for each other, and see each other's rows.
    rows = Meeting.objects.filter(pk__in=wanted).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    sent = sent_to(wanted)
    if method == CalendarMethod.CANCEL:
        raise_numbers(wanted, sent)
    pairs = [pair for pair in invited_to(wanted.values()) if is_due(pair, method, sent)]
    pairs = [pair for pair in pairs if pair.profile.user.is_active]
    if only is not None:
        pairs = [pair for pair in pairs if pair.profile.pk in only]
    return write_mails(pairs, method, sent, leaves=only is not None)


# By meeting and person: the numbers that went out, each with its method.
Sent = Mapping[tuple[int, int], Mapping[int, str]]


def sent_to(meeting_ids: Collection[int]) -> Sent:
    """Return what calendars were told of some meetings."""
    found: defaultdict[tuple[int, int], dict[int, str]] = defaultdict(dict)
    rows = SentInvitation.objects.filter(meeting__in=meeting_ids)
    for meeting, profile, number, method in rows.values_list(
        "meeting_id", "profile_id", "sequence", "method"
    ):
        found[meeting, profile][number] = method
    return found


def raise_numbers(meetings: Mapping[int, Meeting], sent: Sent) -> None:
    """Give cancelled meetings a number above the one with which they were invited."""
    stale = {
        meeting
        for (meeting, _profile), numbers in sent.items()
        if numbers.get(meetings[meeting].sequence) == CalendarMethod.REQUEST
    }
    Meeting.objects.filter(pk__in=stale).update(sequence=F("sequence") + 1)
    for pk in stale:
        meetings[pk].sequence += 1


def is_due(pair: Invited, method: str, sent: Sent) -> bool:
    """Tell whether this person is still to be told of this change."""
    numbers = sent.get((pair.meeting.pk, pair.profile.pk), {})
    if pair.meeting.sequence in numbers:
        return False
    if method == CalendarMethod.REQUEST:
        return pair.meeting.is_live
    return bool(numbers) and numbers[max(numbers)] == CalendarMethod.REQUEST


def write_mails(pairs: list[Invited], method: str, sent: Sent, *, leaves: bool) -> int:
    """Write the mails and what was sent; leaves: the meeting takes place without these people."""
    now = timezone.now()
    unwanted = silent_users({pair.profile.user_id for pair in pairs})
    pairs = [pair for pair in pairs if pair.profile.user_id not in unwanted]
    by_language: defaultdict[str, list[Invited]] = defaultdict(list)
    for pair in pairs:
        by_language[pair.profile.user.language].append(pair)
    written = []
    for language, group in sorted(by_language.items()):
        with translation.override(language):
            desk = WritingDesk(language, method, now)
            written += [
                (pair, desk.mail(pair, LEFT if leaves else stage_of(pair, method, sent)))
                for pair in group
            ]
    OutgoingEmail.objects.bulk_create([mail for _pair, mail in written], batch_size=A_BATCH)
    SentInvitation.objects.bulk_create(
        [
            SentInvitation(
                meeting_id=pair.meeting.pk, profile_id=pair.profile.pk, method=method,
                sequence=pair.meeting.sequence, email_id=mail.pk, written_at=now,
            )
            for pair, mail in written
        ],
        batch_size=A_BATCH,
    )  # fmt: skip
    if written:
        ring(DELIVERY_TASK)
    return len(written)


def silent_users(user_ids: Collection[int]) -> set[int]:
    """Return those who want no mail about their meetings."""
    chosen = NotificationPreference.objects.filter(kind=KIND, rhythm=Rhythm.OFF)
    return set(chosen.filter(user__in=user_ids).values_list("user_id", flat=True))


def stage_of(pair: Invited, method: str, sent: Sent) -> str:
    """Return what the letter tells: a new meeting, another time or place, or the end."""
    if method == CalendarMethod.CANCEL:
        return CANCELLED
    return MOVED if sent.get((pair.meeting.pk, pair.profile.pk)) else NEW


class WritingDesk:
    """Letters in one language, which is active while they are written."""

    def __init__(self, language: str, method: str, now: datetime) -> None:
        """Begin with no letter rendered."""
        self.language, self.method, self.now = language, method, now
        self.phrases = Phrases()
        self.escaped: dict[str, str] = {}
        self.letters: dict[tuple[str, bool], dict[str, Letter]] = {}
        self.of_user: dict[int, tuple[str, datetime]] = {}

    def mail(self, pair: Invited, stage: str) -> OutgoingEmail:
        """Return the mail of one meeting to one person."""
        letter = self.letter(stage, is_online=pair.is_online)
        user = pair.profile.user
        stop, due_at = self.of_person(user)
        text, html = self.holes(pair, stop)
        entry = entry_of(pair, self.phrases, changed_at=self.now)
        return OutgoingEmail(
            to=user.email,
            subject=one_line(letter["subject"].filled(text)),
            text=letter["text"].filled(text).strip() + "\n",
            html=letter["html"].filled(html),
            headers=stop_headers(stop),
            calendar=calendar_of([entry], self.method, stamped_at=self.now).decode(),
            next_try_at=due_at,
            created_at=self.now,
        )

    def letter(self, stage: str, *, is_online: bool) -> dict[str, Letter]:
        """Return the letter of a stage; rendered when it is asked for the first time."""
        key = (stage, is_online)
        if key not in self.letters:
            self.letters[key] = rendered_letter(stage, is_online=is_online)
        return self.letters[key]

    def of_person(self, user: User) -> tuple[str, datetime]:
        """Return the address that stops such mail for somebody, and when they may be written to."""
        if user.pk not in self.of_user:
            # Quiet hours that never end: the invitation waits for nothing then.
            due_at = mail_time(clock_of(user), Rhythm.INSTANT, self.now) or self.now
            self.of_user[user.pk] = (stop_address(user, KIND), due_at)
        return self.of_user[user.pk]

    def holes(self, pair: Invited, stop: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return what fills the letter's holes, as text and as HTML."""
        say, meeting = self.phrases, pair.meeting
        where = say.room_page(meeting) if pair.is_online else say.where(pair.event, pair.place)
        lines = {
            "addressee": [say.addressee(pair.profile)],
            "people": say.lines(pair.partners),
            "partners": [say.names(pair.partners)],
            "event": [say.title(pair.event)],
            "when": say.times(pair),
            "where": [where],
            "page": [say.meeting_page(meeting)],
            "stop": [stop],
        }
        text = {name: "\n".join(found) for name, found in lines.items()}
        return text, {name: self.html_of(found) for name, found in lines.items()}

    def html_of(self, lines: Iterable[str]) -> str:
        """Return lines as HTML; most are those of other letters too, and are escaped once."""
        known = self.escaped
        return "<br>".join([known.get(line) or self.escape(line) for line in lines])

    def escape(self, line: str) -> str:
        """Return a line as HTML, and keep it for the next letter."""
        self.escaped[line] = found = str(escape(line))
        return found


def rendered_letter(stage: str, *, is_online: bool) -> dict[str, Letter]:
    """Return subject, text and HTML with holes, in the language that is active."""
    marks = {name: f"{MARK}{name}{MARK}" for name in HOLES}
    words = {
        **marks,
        **frame_words(kind_named(KIND).reason, marks["stop"]),
        "stage": stage,
        "is_online": is_online,
        "site_url": settings.SITE_URL,
    }
    files = {"subject": "subject.txt", "text": "body.txt", "html": "body.html"}
    return {
        part: Letter.cut(render_to_string(f"emails/{LETTER}-{file}", words))
        for part, file in files.items()
    }
