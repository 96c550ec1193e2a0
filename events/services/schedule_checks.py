"""Whether what stands in the database is still a schedule: looked at by the plain checker.

Constraints keep people and tables from being taken twice. What they cannot see - somebody who
closed a time, a limit that was lowered, a table that was closed - the checker finds, and the
organisers are told once for each finding.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext

from events.models import (
    Event,
    EventHelper,
    HelperRole,
    ScheduleRun,
    ScheduleRunState,
    in_reader_language,
)
from events.scheduling.checking import Fault, faults
from events.scheduling.problem import NONE
from events.services.publishing_rows import movable_meetings, seats_of
from events.services.schedule_facts import facts_of
from events.services.schedule_problem import EventProblem, problem_from
from konnect.accounts.services.notifications import notify

Drift = dict[str, Any]
EVERY = timedelta(minutes=10)
# Findings that no fault of the solver's checker names.
UNWANTED, OTHER_PEOPLE = "unwanted", "other_people"


def check_schedules() -> int:
    """Look at the published schedules that were not looked at for a while; return how many."""
    due = ScheduleRun.objects.filter(
        Q(checked_at=None) | Q(checked_at__lt=Now() - EVERY),
        state=ScheduleRunState.PUBLISHED,
        event__state="published",
        event__ends_at__gt=Now(),
    )
    runs = list(due.select_related("event").defer("inputs", "proposals", "reasons", "progress"))
    for run in runs:
        check_schedule(run)
    return len(runs)


def check_schedule(run: ScheduleRun) -> list[Drift]:
    """Look at one published schedule, keep what is wrong, and tell organisers what is new."""
    found = drift_of(run.event)
    known = run.drift
    same = ScheduleRun.objects.filter(pk=run.pk)
    same.update(drift=found, checked_at=Now())
    run.drift = found
    if found and found != known:
        tell_organisers(run)
    return found


def drift_of(event: Event) -> list[Drift]:
    """Return what breaks a rule among the meetings that have not begun, in numbers of rows."""
    found = problem_from(facts_of(event))
    meetings = movable_meetings(event)
    schedule = found.schedule_of(
        [[meeting.request_id, meeting.slot_id, meeting.place_id or 0] for meeting in meetings]
    )
    drift = [drift_row(found, fault) for fault in faults(found.problem, schedule)]
    people = {wish["id"]: set(wish["people"]) for wish in found.facts["wishes"]}
    seats = seats_of(meetings)
    for meeting in meetings:
        if meeting.request_id not in people:
            drift.append({"code": UNWANTED, "request": meeting.request_id})
        elif people[meeting.request_id] != seats.get(meeting.pk, set()):
            drift.append({"code": OTHER_PEOPLE, "request": meeting.request_id})
    return drift


def drift_row(found: EventProblem, fault: Fault) -> Drift:
    """Return a fault in numbers of rows."""
    row: Drift = {"code": str(fault.code)}
    columns = {
        "request": (fault.wish, found.requests), "person": (fault.person, found.people),
        "slot": (fault.slot, found.slots), "place": (fault.place, found.places),
    }  # fmt: skip
    for name, (number, rows) in columns.items():
        if number != NONE:
            row[name] = rows[number]
    return row


def tell_organisers(run: ScheduleRun) -> None:
    """Tell those who make the schedule that something no longer holds, once each finding."""
    event = run.event
    mark = hashlib.sha256(json.dumps(run.drift, sort_keys=True).encode()).hexdigest()[:16]
    roles = (HelperRole.ORGANISER, HelperRole.MEETINGS)
    for helper in EventHelper.objects.filter(event=event, role__in=roles).select_related("user"):
        notify(
            helper.user,
            "schedules",
            key=f"drift:{run.pk}:{mark}",
            title=lambda: (
                gettext("Something in the schedule of “%(event)s” no longer holds")
                % {"event": in_reader_language(event.title_en, event.title_ko)}
            ),
            address=reverse("events:schedule_run_detail", args=[run.pk]),
        )
