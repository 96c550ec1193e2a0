"""Why it was decided so: every reason that was given about the calls of a programme, in one list.

Officers change every few years, and files without reasons are all that is left to the next one.
The words come from the histories of the nouns, where erasure finds them; the ledger beside them
proves that nothing was added or taken away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from funding.models import (
    Application,
    ApplicationChange,
    ApplicationState,
    Call,
    CallAmendment,
    CallChange,
    CallState,
    Conflict,
    Decision,
    DueExtension,
    EligibilityOpinion,
    GrantAmendment,
    GrantChange,
    GrantState,
    LateToken,
    LotteryDraw,
    Person,
    RankList,
    Recusal,
    ReportDueChange,
    ReportState,
    ReviewAssignmentChange,
    ReviewState,
    TripChange,
    TripState,
    Verdict,
)
from funding.permissions import left_by

if TYPE_CHECKING:
    from konnect.accounts.models import User

Words = str | Promise
# Histories of nouns: the way to the application, what the noun is called, and its states.
HISTORIES: tuple[tuple[Any, str, Words, type[models.TextChoices]], ...] = (
    (ApplicationChange, "application", _("Application"), ApplicationState),
    (ReviewAssignmentChange, "assignment__application", _("Review"), ReviewState),
    (GrantChange, "grant__decision__application", _("Grant"), GrantState),
    (TripChange, "trip__grant__decision__application", _("Trip"), TripState),
    (ReportDueChange, "report_due__grant__decision__application", _("Report"), ReportState),
)


@dataclass(frozen=True)
class Entry:
    """One thing that was decided: when, in which call, about which application, why, by whom."""

    at: datetime
    call: Call
    application: Application | None
    what: Words
    reason: str
    who: str


class Log:
    """What one officer may read about some calls; a fixed number of queries."""

    def __init__(self, calls: Collection[Call], user: User) -> None:
        """Remember the calls; what the reader has left stays out."""
        self.calls = {call.pk: call for call in calls}
        self.left = left_by(user).values("pk")

    def entries(self) -> list[Entry]:
        """Return everything, the newest first."""
        found = [
            *self.of_calls(), *self.amendments(), *self.late_tokens(), *self.histories(),
            *self.opinions(), *self.conflicts(), *self.recusals(), *self.rankings(),
            *self.lotteries(), *self.decisions(), *self.grant_amendments(), *self.extensions(),
        ]  # fmt: skip
        return sorted(found, key=lambda entry: entry.at, reverse=True)

    def about(self, model: Any, way: str) -> QuerySet[Any]:
        """Return rows about applications of the calls that the reader has not left."""
        rows = model.objects.filter(**{f"{way}__call__in": self.calls})
        return rows.exclude(**{f"{way}__in": self.left}).select_related(way)

    def entry(self, at: datetime, about: Application | Call, what: Words, **more: str) -> Entry:
        """Return an entry about a call or one of its applications."""
        application = about if isinstance(about, Application) else None
        call = self.calls[application.call_id if application else about.pk]
        return Entry(at, call, application, what, more.get("reason", ""), more.get("who", ""))

    def of_calls(self) -> Iterator[Entry]:
        """Yield what happened to calls, with or without a reason."""
        rows = CallChange.objects.filter(call__in=self.calls)
        for row in rows.select_related("actor__funding_person"):
            what = step_words(_("Call"), CallState, row)
            yield self.entry(row.changed_at, self.calls[row.call_id], what, reason=row.reason,
                             who=name_of(row.actor))  # fmt: skip

    def amendments(self) -> Iterator[Entry]:
        """Yield amendments of calls."""
        rows = CallAmendment.objects.filter(call__in=self.calls)
        for row in rows.select_related("made_by__funding_person"):
            what = format_lazy(_("Amendment {number}"), number=row.number)
            yield self.entry(row.made_at, self.calls[row.call_id], what, reason=str(row),
                             who=name_of(row.made_by))  # fmt: skip

    def late_tokens(self) -> Iterator[Entry]:
        """Yield leaves to hand in late."""
        rows = LateToken.objects.filter(call__in=self.calls)
        people = rows.select_related("granted_by__user", "approved_by__user", "application")
        for row in people.exclude(application__in=self.left):
            yield self.entry(
                row.granted_at, row.application or self.calls[row.call_id],
                _("Leave to submit late"), reason=row.reason, who=both(row.granted_by, row.approved_by),
            )  # fmt: skip

    def histories(self) -> Iterator[Entry]:
        """Yield every change of state for which a reason was given."""
        for model, way, noun, choices in HISTORIES:
            rows = self.about(model, way).select_related("actor__funding_person")
            for row in rows.exclude(reason=""):
                yield self.entry(row.changed_at, at_end(row, way), step_words(noun, choices, row),
                                 reason=row.reason, who=name_of(row.actor))  # fmt: skip

    def opinions(self) -> Iterator[Entry]:
        """Yield what was noted about eligibility."""
        rows = self.about(EligibilityOpinion, "application").select_related("given_by__user")
        for row in rows.exclude(note=""):
            what = _("Found eligible") if row.is_eligible else _("Found not eligible")
            yield self.entry(row.given_at, row.application, what, reason=row.note,
                             who=str(row.given_by))  # fmt: skip

    def conflicts(self) -> Iterator[Entry]:
        """Yield verdicts about conflicts of interest, by the day on which these were found."""
        rows = self.about(Conflict, "application").exclude(verdict=Verdict.STANDS)
        for row in rows.select_related("person__user", "decided_by__user", "seconded_by__user"):
            what = format_lazy(
                _("Conflict of interest of {person}: {verdict}"),
                person=row.person, verdict=row.get_verdict_display(),
            )  # fmt: skip
            yield self.entry(row.found_at, row.application, what, reason=row.reason,
                             who=both(row.decided_by, row.seconded_by))  # fmt: skip

    def recusals(self) -> Iterator[Entry]:
        """Yield who left the room for which application."""
        rows = self.about(Recusal, "application")
        for row in rows.select_related("member__person__user", "recorded_by__funding_person"):
            what = format_lazy(_("{person} left the room"), person=row.member)
            yield self.entry(row.recorded_at, row.application, what, reason=row.words,
                             who=name_of(row.recorded_by))  # fmt: skip

    def rankings(self) -> Iterator[Entry]:
        """Yield which scores panels went by."""
        for row in RankList.objects.filter(call__in=self.calls).exclude(method_reason=""):
            what = format_lazy(_("The panel goes by {method}"), method=row.get_method_display())
            yield self.entry(row.frozen_at or row.made_at, self.calls[row.call_id], what,
                             reason=row.method_reason)  # fmt: skip

    def lotteries(self) -> Iterator[Entry]:
        """Yield lots that were drawn."""
        rows = LotteryDraw.objects.filter(rank_list__call__in=self.calls, drawn_at__isnull=False)
        for row in rows.select_related("rank_list"):
            assert row.drawn_at is not None
            yield self.entry(row.drawn_at, self.calls[row.rank_list.call_id], _("Lots were drawn"),
                             reason=f"{row.public_value_source}: {row.public_value}")  # fmt: skip

    def decisions(self) -> Iterator[Entry]:
        """Yield decisions otherwise than the list says."""
        rows = self.about(Decision, "application").select_related("decided_by__funding_person")
        for row in rows.exclude(reason=""):
            what = capfirst(row.get_outcome_display())
            yield self.entry(row.decided_at, row.application, what, reason=row.reason,
                             who=name_of(row.decided_by))  # fmt: skip

    def grant_amendments(self) -> Iterator[Entry]:
        """Yield amendments of grants."""
        way = "grant__decision__application"
        for row in self.about(GrantAmendment, way).select_related("made_by__funding_person"):
            what = format_lazy(_("Amendment {number} of the grant"), number=row.number)
            yield self.entry(row.made_at, at_end(row, way), what, reason=row.text,
                             who=name_of(row.made_by))  # fmt: skip

    def extensions(self) -> Iterator[Entry]:
        """Yield reports that may come later."""
        way = "due__grant__decision__application"
        for row in self.about(DueExtension, way).select_related("granted_by__funding_person"):
            day = date_format(row.new_on)
            yield self.entry(
                row.granted_at, at_end(row, way), format_lazy(_("Report due on {day}"), day=day),
                reason=row.reason, who=name_of(row.granted_by),
            )  # fmt: skip


def at_end(row: Any, way: str) -> Application:
    """Return the application at the end of a way of foreign keys."""
    for name in way.split("__"):
        row = getattr(row, name)
    assert isinstance(row, Application)
    return row


def step_words(noun: Words, choices: type[models.TextChoices], row: Any) -> Words:
    """Return a change of state in words; a state that is gone stands as it was written."""
    labels = dict(choices.choices)
    old, new = (labels.get(state, state) for state in (row.old_state, row.new_state))
    return format_lazy("{noun}: {old} → {new}", noun=noun, old=old, new=new)


def name_of(user: User | None) -> str:
    """Return the name of an account; '' for the portal itself and for whoever has gone."""
    person = getattr(user, "funding_person", None)
    return person.name if person else ""


def both(first: Person | None, second: Person | None) -> str:
    """Return the names of one or two people."""
    return ", ".join(str(each) for each in (first, second) if each is not None)
