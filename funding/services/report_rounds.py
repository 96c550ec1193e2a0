"""What the clock does with reports: they are set with their cause, open, and are asked for."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.models import ReportDue
from funding.months import days_of
from funding.services.grant_notices import tell_of_report
from funding.services.grant_times import first_day, last_day, today_everywhere
from funding.services.guards_grants import OPENS_BEFORE, REMINDERS
from funding.services.moving import move
from funding.services.one_by_one import one_by_one
from funding.services.report_dates import with_dates

if TYPE_CHECKING:
    from datetime import date

    from funding.models import Grant

AFTER_THE_END = timedelta(days=60)
# A grant of a year or less has one report in its middle, longer ones have one a year.
YEAR = 365
HALF_A_YEAR = 180
# The first reminder, days before the date; the second on the day itself.
FIRST_REMINDER = timedelta(days=14)
# So long after the second one a follow-up without an answer is closed as unconfirmed.
PATIENCE = timedelta(days=14)
WAITING = ("open", "draft", "returned")
# Reports of a grant that was ended early are not asked for.
ASKED = ("active", "suspended", "completed", "closed")


def schedule_reports(grant: Grant) -> None:
    """Set what a grant owes, when it starts: interim reports, final, financial, host's statement."""
    end = last_day(grant.period)
    rows = [("report", number, day) for number, day in enumerate(interim_days(grant), 1)]
    rows += [("final", 1, end + AFTER_THE_END), ("financial", 1, end + AFTER_THE_END)]
    if grant.decision.application.participants.filter(role="host").exists():
        rows.append(("host", 1, end + AFTER_THE_END))
    ReportDue.objects.bulk_create(
        [ReportDue(grant=grant, kind=kind, sequence=number, due_on=day)
         for kind, number, day in rows],
        ignore_conflicts=True,
    )  # fmt: skip


def interim_days(grant: Grant) -> list[date]:
    """Return when interim reports are due: in the middle, or at the end of each full year."""
    first, end = first_day(grant.period), last_day(grant.period)
    length = days_of(first, end)
    if length < HALF_A_YEAR:
        return []
    if length <= YEAR + 1:
        return [first + timedelta(days=length // 2)]
    return [first + timedelta(days=YEAR * year) for year in range(1, length // YEAR + 1)
            if first + timedelta(days=YEAR * year) < end]  # fmt: skip


def due_reports(*states: str) -> QuerySet[Any]:
    """Return reports in some states that are asked for, with the date that counts."""
    rows = with_dates(ReportDue.objects.filter(state__in=states, grant__state__in=ASKED))
    return rows.select_related("grant__decision__application__lead__user")


def open_reports() -> int:
    """Open the reports whose date is near, and tell the leads; return how many."""
    near = due_reports("scheduled").filter(counts_on__lte=today_everywhere() + OPENS_BEFORE)
    return one_by_one(list(near), open_one)


def open_one(due: ReportDue) -> bool:
    """Open one report unless another worker has."""
    due.refresh_from_db(from_queryset=ReportDue.objects.select_for_update(of=("self",)))
    if due.state != "scheduled":
        return False
    move(due, "open", actor=None)
    tell_of_report(due, _("%(project)s: please write the %(kind)s"), "open")
    return True


def remind_of_reports() -> int:
    """Remind of reports two weeks before their date and on it; return how many reminders."""
    today = today_everywhere()
    first = Q(reminders=0, counts_on__lte=today + FIRST_REMINDER)
    second = Q(reminders=1, counts_on__lte=today)
    found = list(due_reports(*WAITING).filter(first | second))
    return one_by_one(found, remind)


def remind(due: ReportDue) -> bool:
    """Send one reminder; two workers never send the same."""
    number = due.reminders + 1
    same = ReportDue.objects.filter(pk=due.pk, reminders=due.reminders, state__in=WAITING)
    if same.update(reminders=number, reminded_at=timezone.now()) != 1:
        return False
    key = f"remind:{number}:{due.extensions.count()}"
    tell_of_report(due, _("%(project)s: the %(kind)s is due"), key)
    return True


def give_up_follow_ups() -> int:
    """Close follow-ups that nobody answered after two reminders, as filled in and unconfirmed."""
    quiet = due_reports("open", "draft").filter(
        kind="follow_up", reminders__gte=REMINDERS, counts_on__lt=today_everywhere(),
        reminded_at__lte=timezone.now() - PATIENCE,
    )  # fmt: skip
    return one_by_one(list(quiet), partial(move, event="fill", actor=None))
