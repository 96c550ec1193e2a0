"""Publishing a schedule of 5,000 meetings in one transaction: `python -m bench.publish`.

A thousand people, twenty times, 340 tables, 8,000 agreed meetings. Three schedules follow each
other: the first, one in which every meeting changes its table, and one that cancels every tenth.
The invitations to calendars that the worker then writes, two a meeting, are measured beside it. The
schedules are greedy: how good they
are is measured by bench.meetings.
"""

from __future__ import annotations

import argparse
import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse
from django.utils import timezone

from bench import publish_servers
from bench.servers import RESULTS
from bench.speed.machine import description
from bench.speed.table import target_table
from bench.speed.targets import Target
from bench.table_rows import empty, make_people
from events.models import (
    Event,
    Meeting,
    MeetingRequest,
    Place,
    Registration,
    ScheduleRun,
    SentInvitation,
    Slot,
)
from events.services.calendar_rounds import tell_calendars
from events.services.publishing import Published, publish_run
from events.services.schedule_checks import drift_of
from events.services.schedule_facts import Facts, facts_of, fingerprint
from konnect.accounts.models import Notification, OutgoingEmail
from matching.models import Profile

SLOTS, TABLES, WISHES, MEETINGS = 20, 340, 8_000, 5_000
BEGIN = datetime(2031, 6, 2, 6, 0, tzinfo=UTC)
LONGEST_SECONDS = 5.0
Row = dict[str, Any]
Rows = list[list[int]]
# Two live ranges of one person, or of one place, that share time.
CONFLICTS = """
SELECT count(*) FROM {table} one JOIN {table} other
ON one.{column} = other.{column} AND one.id < other.id AND one.during && other.during
WHERE one.is_live AND other.is_live
"""


def main() -> None:
    """Measure, print, record."""
    parser = argparse.ArgumentParser(prog="python -m bench.publish", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--meetings", type=int, default=MEETINGS)
    asked = parser.parse_args()
    with publish_servers.running():
        empty()
        make_people(asked.people // 2)
        event = make_event()
        result = measure(event, asked.meetings)
    report(result)


def make_event() -> Event:
    """Write an event with times, tables, participants and agreed meetings."""
    event = Event.objects.create(
        kind="matchmaking", mode="hybrid", state="published", title_en="Made for measurements",
        starts_wall="2031-06-02T08:00", ends_wall="2031-06-02T18:00",
        starts_at=BEGIN, ends_at=BEGIN + timedelta(hours=10), maximum_meetings=SLOTS,
    )  # fmt: skip
    begins = [BEGIN + timedelta(minutes=25 * number) for number in range(SLOTS)]
    spans = [DateTimeTZRange(begin, begin + timedelta(minutes=20)) for begin in begins]
    Slot.objects.bulk_create(Slot(event=event, during=span) for span in spans)
    Place.objects.bulk_create(
        Place(event=event, kind="table", name_en=f"Table {number}", position=number)
        for number in range(TABLES)
    )
    people = Registration.objects.bulk_create(
        Registration(
            event=event, profile_id=pk, state="confirmed", mode="hybrid", is_listed=True,
            zone="Europe/Brussels", ticket=secrets.token_urlsafe(),
        )
        for pk in Profile.objects.order_by("pk").values_list("pk", flat=True)
    )  # fmt: skip
    make_requests(event, [person.pk for person in people])
    return event


def make_requests(event: Event, people: list[int]) -> None:
    """Let everybody have agreed to meet about as many others."""
    now, count = timezone.now(), len(people)
    pairs: list[tuple[int, int]] = []
    distance = 1
    while len(pairs) < min(WISHES, count * (count - 1) // 2):
        pairs += [(number, (number + distance) % count) for number in range(count)]
        distance += 1
    MeetingRequest.objects.bulk_create(
        (
            MeetingRequest(
                event=event, sender_id=people[one], recipient_id=people[other],
                state="accepted", answered_at=now, expires_at=now + timedelta(days=7),
            )
            for one, other in pairs[:WISHES]
        ),
        batch_size=1000,
    )  # fmt: skip


def greedy(facts: Facts, most: int) -> Rows:
    """Return meetings, each in the first slot in which both and a table are free."""
    busy: set[tuple[int, int]] = set()
    slots = [slot["id"] for slot in facts["slots"]]
    tables = {slot: [place["id"] for place in reversed(facts["places"])] for slot in slots}
    rows: Rows = []
    for wish in facts["wishes"]:
        free = (
            slot
            for slot in slots
            if tables[slot] and not any((person, slot) in busy for person in wish["people"])
        )
        slot = next(free, None)
        if slot is not None and len(rows) < most:
            busy.update((person, slot) for person in wish["people"])
            rows.append([wish["id"], slot, tables[slot].pop()])
    return rows


def turned(rows: Rows) -> Rows:
    """Return the same meetings, each at the table of another one of its time."""
    by_slot: dict[int, Rows] = {}
    for row in rows:
        by_slot.setdefault(row[1], []).append(row)
    return [
        [row[0], slot, held[number - 1][2]]
        for slot, held in by_slot.items()
        for number, row in enumerate(held)
    ]


def measure(event: Event, meetings: int) -> Row:
    """Return the seconds of three schedules, and what stands afterwards."""
    # A web server has read its addresses long before somebody publishes.
    reverse("events:meeting_list", args=[event.pk])
    rows = greedy(facts_of(event), meetings)
    stages = {
        "first schedule": rows,
        "all change tables": turned(rows),
        "a tenth is cancelled": turned(rows)[: len(rows) - len(rows) // 10],
    }
    return {
        "people": Registration.objects.count(), "wishes": MeetingRequest.objects.count(),
        "machine": description(), "rows": {name: stage(event, rows) for name, rows in stages.items()},
        **standing(event),
    }  # fmt: skip


def stage(event: Event, rows: Rows) -> Row:
    """Publish one schedule; return what it cost and did."""
    event.refresh_from_db()
    facts = facts_of(event)
    run = ScheduleRun.objects.create(
        event=event, state="finished", inputs=facts, input_hash=fingerprint(facts),
        proposals=rows, base_version=event.schedule_version,
    )  # fmt: skip
    mails = OutgoingEmail.objects.count()
    began, used = time.perf_counter(), time.process_time()
    done: Published = publish_run(run, actor=None)
    cost = {
        "seconds": round(time.perf_counter() - began, 2),
        "cpu": round(time.process_time() - used, 2),
    }
    began = time.perf_counter()
    while tell_calendars():
        pass
    return {
        **cost,
        "letters_seconds": round(time.perf_counter() - began, 2),
        "created": done.created, "moved": done.moved, "cancelled": done.cancelled,
        "people_told": done.people_told, "mails": OutgoingEmail.objects.count() - mails,
        "lost": lost_notices(event, done),
    }  # fmt: skip


def lost_notices(event: Event, done: Published) -> int:
    """Return how many invitations and pieces of news are missing."""
    touched = [*done.rewrite.created, *done.rewrite.moved, *done.rewrite.cancelled]
    written = sum(
        SentInvitation.objects.filter(meeting=meeting.pk, sequence=meeting.sequence).count()
        for meeting in touched[:: max(1, len(touched) // 200)]
    )
    sampled = 2 * len(touched[:: max(1, len(touched) // 200)])
    news = Notification.objects.filter(key=f"schedule:{event.pk}:{done.version}").count()
    waiting = Meeting.objects.filter(untold_since__isnull=False).count()
    return waiting + (sampled - written) + (done.people_told - news)


def standing(event: Event) -> Row:
    """Return what the plain checker and SQL find in what stands."""
    found = {}
    for table, column in (("events_seat", "profile_id"), ("events_meeting", "place_id")):
        with connection.cursor() as cursor:
            cursor.execute(CONFLICTS.format(table=table, column=column))
            found[column] = cursor.fetchone()[0]
    return {
        "conflicts": found, "faults": len(drift_of(event)),
        "live": Meeting.objects.filter(is_live=True).count(),
    }  # fmt: skip


def report(result: Row) -> None:
    """Print, and write the JSON."""
    columns = (
        "seconds",
        "cpu",
        "created",
        "moved",
        "cancelled",
        "people_told",
        "mails",
        "letters_seconds",
        "lost",
    )
    print(f"{'':24}" + "".join(f"{column.replace('_', ' '):>17}" for column in columns))
    for name, row in result["rows"].items():
        print(f"{name:24}" + "".join(f"{row[column]:>17}" for column in columns))
    size = (result["people"], result["rows"]["first schedule"]["created"])
    found = [
        Target("publishing, slowest of three, seconds", *size,
               max(row["seconds"] for row in result["rows"].values()), LONGEST_SECONDS,
               at_most=True),
        Target("people or tables taken twice", *size, sum(result["conflicts"].values()), 0,
               at_most=True),
        Target("faults that the checker finds", *size, result["faults"], 0, at_most=True),
        Target("invitations and news lost", *size,
               sum(row["lost"] for row in result["rows"].values()), 0, at_most=True),
    ]  # fmt: skip
    print(target_table(found))
    print(f"{result['machine']}\n", flush=True)
    result["targets"] = [{**vars(each), "verdict": each.verdict} for each in found]
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "publish.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
