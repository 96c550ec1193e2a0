"""Until when an application can be changed, and on what ground."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funding.models import Application, Clarification, LateToken
from funding.refusing import Blocker

NOT_OPEN_YET = Blocker("not_open_yet", _("This call is not open yet."))
CLOSED = Blocker(
    "closed",
    _("The call has closed: nothing can be handed in any more. What you saved is still here."),
)
CLARIFICATION_OVER = Blocker(
    "clarification_over", _("The time to answer the question of the officer is over.")
)
IN_PROCESS = Blocker(
    "in_process",
    _("The application is being checked and reviewed; it cannot be changed any more."),
)
OVER = Blocker("over", _("This application was withdrawn or decided; it cannot be changed."))
NOT_ASKED = Blocker(
    "not_asked", _("Only the fields that the officer's question is about can be changed now.")
)
TEAM_LOCKED = Blocker(
    "team_locked", _("The call has closed: the people of an application stay as they are.")
)
NOT_CALLED = Blocker("call_not_open", _("This call takes no applications."))
# In these a call may still take what is late or was asked for.
TAKES_LATE = ("approved", "screening")
ASKS = ("approved", "screening", "reviewing", "panel")
WRITABLE = ("draft", "submitted")
# Until the decisions are out, applicants are told nothing but that people work on it.
DECIDED_CALLS = ("released", "running", "closed_out", "cancelled")
# Once reviewers agree on what they read, nobody changes it any more.
ANSWERABLE = ("submitted", "eligible", "in_review")


@dataclass(frozen=True)
class Window:
    """On what ground something can be changed now; `blocker` says why not.

    fields: "section.field" codes that alone may change; None: everything.
    """

    until: datetime | None = None
    blocker: Blocker | None = None
    token: LateToken | None = None
    clarification: Clarification | None = None
    fields: frozenset[str] | None = None
    is_team_open: bool = False

    @property
    def is_open(self) -> bool:
        """Tell whether anything can be changed."""
        return self.blocker is None

    @property
    def is_whole(self) -> bool:
        """Tell whether everything can be changed, and not just what an officer asks about."""
        return self.blocker is None and self.fields is None

    def opens(self, page: str) -> bool:
        """Tell whether anything of a page of the application can be changed: its code."""
        asked = any(field.startswith(f"{page}.") for field in self.fields or ())
        return self.is_whole or (self.is_open and asked)


def window_of(application: Application, now: datetime | None = None) -> Window:
    """Return what may be changed now; the clock of the database has the last word.

    One query, or two after closing.
    """
    now = now or timezone.now()
    call = application.call
    regular = regular_window(application, now)
    if regular.is_open or (call.closes_at and now < call.closes_at):
        return regular
    return clarifying(application, now) or late(application, now) or regular


def regular_window(application: Application, now: datetime) -> Window:
    """Look at opening, closing and grace."""
    call = application.call
    if application.state not in WRITABLE:
        return Window(blocker=closed_by(application))
    if call.state != "approved" or call.opens_at is None or call.closes_at is None:
        return Window(blocker=CLOSED if call.state in ASKS else NOT_CALLED)
    if now < call.opens_at:
        return Window(blocker=NOT_OPEN_YET)
    grace = timedelta(seconds=call.grace_seconds)
    if now < call.closes_at or (
        application.created_at < call.closes_at and now < call.closes_at + grace
    ):
        return Window(until=call.closes_at, is_team_open=now < call.closes_at
                      and not application.is_team_locked)  # fmt: skip
    return Window(blocker=CLOSED)


def closed_by(application: Application) -> Blocker:
    """Return why an application that left the hands of its people stays as it is."""
    is_over = application.state in ("withdrawn", "ineligible")
    return OVER if is_over or application.call.state in DECIDED_CALLS else IN_PROCESS


def clarifying(application: Application, now: datetime) -> Window | None:
    """Look for a question of an officer that waits for an answer."""
    if application.call.state not in ASKS or application.state not in ANSWERABLE:
        return None
    asked = application.clarifications.filter(answered_version=None, due_at__gt=now)
    question = asked.order_by("due_at").first()
    if question is None:
        return None
    return Window(until=question.due_at, clarification=question, fields=frozenset(question.fields))


def late(application: Application, now: datetime) -> Window | None:
    """Look for a leave to submit late, given by two officers."""
    if application.call.state not in TAKES_LATE or application.state not in WRITABLE:
        return None
    tokens = LateToken.objects.filter(
        Q(application=application), call=application.call_id, valid_until__gt=now,
        approved_by__isnull=False, used__lt=F("most_uses"),
    )  # fmt: skip
    token = tokens.order_by("-valid_until").first()
    return Window(until=token.valid_until, token=token) if token else None


def words_of(blocker: Blocker | None) -> str | Promise:
    """Return why nothing can be changed; '' when it can."""
    return blocker.words if blocker else ""
