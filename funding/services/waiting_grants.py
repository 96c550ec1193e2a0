"""What grants wait for: offers, trips, reports, marks of what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from funding.models import Call, FollowUp, Grant, ReportDue, Trip
from funding.permissions import programmes_run_by
from funding.services.grant_times import first_day, today_everywhere
from funding.services.report_dates import OPEN_STATES, with_dates
from funding.services.waiting import Waiting

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from konnect.accounts.models import User

PROJECT = "grant__decision__application"
ZONE = ZoneInfo("Europe/Brussels")


def grants_waiting(user: User) -> Iterator[Waiting]:
    """Yield what waits for somebody; a fixed number of queries."""
    offers = Grant.objects.filter(state="offered", decision__application__lead__user=user)
    for grant in offers.select_related("decision__application"):
        words = _("Accept the offer of a grant, or decline it")
        yield Waiting(words, grant.get_absolute_url(), grant.answer_by,
                      str(grant.decision.application))  # fmt: skip
    yield from trips_waiting(user)
    yield from reports_waiting(user)
    asked = FollowUp.objects.filter(judged_by__user=user, rubric={})
    for row in asked.select_related(PROJECT):
        url = reverse("funding:grant_results", args=[row.grant_id])
        yield Waiting(_("Judge what became of a project"), url, None,
                      str(row.grant.decision.application))  # fmt: skip


def trips_waiting(user: User) -> Iterator[Waiting]:
    """Yield the trips that wait for their host, their traveller or an officer."""
    hosted = Trip.objects.filter(host__user=user)
    yield from said(hosted.filter(state="planned"), _("Confirm the days of a visit"))
    waiting = hosted.filter(state="reported", host_approved_at=None)
    yield from said(waiting, _("Approve the report of a visit"))
    own = Trip.objects.filter(traveller__user=user, state="ended")
    yield from said(own, _("Report on your trip"))
    programmes = list(programmes_run_by(user).values_list("pk", flat=True))
    if not programmes:
        return
    run = Trip.objects.filter(**{f"{PROJECT}__call__programme__in": programmes})
    yield from said(run.filter(state="host_agreed"), _("Approve a trip"))
    unread = run.filter(state="reported", officer_approved_at=None)
    yield from said(unread, _("Approve the report of a visit"))
    yield from said(run.filter(state="report_approved"), _("Pay a trip"))


def said(trips: QuerySet[Trip], words: str | Promise) -> Iterator[Waiting]:
    """Yield trips as things that wait; before their first day where that matters."""
    for trip in trips.select_related(PROJECT):
        until = (
            midnight(first_day(trip.period)) if trip.state in ("planned", "host_agreed") else None
        )
        yield Waiting(words, trip.get_absolute_url(), until, str(trip.grant.decision.application))


def reports_waiting(user: User) -> Iterator[Waiting]:
    """Yield the reports that somebody has to write, or to read as an officer."""
    open_ones = ReportDue.objects.filter(state__in=("open", "draft", "returned"))
    own = open_ones.filter(**{f"{PROJECT}__lead__user": user})
    for due in with_dates(own).select_related(PROJECT):
        words = _("Write the %(kind)s") % {"kind": due.get_kind_display()}
        yield report_line(due, words, midnight(due.counts_on))
    programmes = list(programmes_run_by(user).values_list("pk", flat=True))
    if not programmes:
        return
    handed_in = ReportDue.objects.filter(state="submitted")
    run = handed_in.filter(**{f"{PROJECT}__call__programme__in": programmes})
    for due in run.select_related(PROJECT):
        yield report_line(due, _("Read the %(kind)s") % {"kind": due.get_kind_display()}, None)
    yield from overdue(programmes)


def overdue(programmes: list[int]) -> Iterator[Waiting]:
    """Yield a line a call whose leads owe reports; an officer reminds them or gives more time."""
    late = with_dates(ReportDue.objects.filter(state__in=OPEN_STATES))
    late = late.filter(counts_on__lt=today_everywhere())
    numbers = Counter(late.values_list(f"{PROJECT}__call", flat=True))
    for call in Call.objects.filter(pk__in=numbers, programme__in=programmes):
        words = ngettext(
            "%(number)d report is overdue", "%(number)d reports are overdue", numbers[call.pk]
        ) % {"number": numbers[call.pk]}
        url = f"{reverse('funding:grant_list')}?call={call.pk}"
        yield Waiting(words, url, None, str(call))


def report_line(due: ReportDue, words: str, until: datetime | None) -> Waiting:
    """Return one report that waits."""
    return Waiting(words, due.get_absolute_url(), until, str(due.grant.decision.application))


def midnight(day: date) -> datetime:
    """Return the end of a day in Brussels."""
    return datetime.combine(day, time(23, 59), ZONE)
