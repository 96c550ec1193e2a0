"""The minute registration opens: `python -m bench.registration`.

Two hundred people send the form of one event with fifty places at the same moment, to gunicorn as
the portal runs it (two processes of four threads) and PostgreSQL. Exactly fifty must be in, the
others on the waiting list in the order in which they were written, and nobody lost.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psutil
from django.utils import timezone

from bench import registration_servers
from bench.registration_crowd import Sent, cookies_of, send_at_once
from bench.servers import RESULTS
from bench.speed.machine import description
from bench.table_rows import empty, make_people
from events.models import Event, Registration
from konnect import embedded
from konnect.accounts.models import OutgoingEmail, User

PEOPLE, PLACES, ROUNDS = 200, 50, 3
FORM = {"mode": "online", "zone": "Asia/Seoul", "wants_meetings": "on", "is_listed": "on"}


def main() -> None:
    """Measure, print, record; fail when a rule was broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.registration", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--places", type=int, default=PLACES)
    asked = parser.parse_args()
    with registration_servers.running():
        empty()
        make_people(asked.people // 2)
        with web_server() as url:
            rows = [round_of(url, asked.places) for _ in range(ROUNDS)]
    report(asked.people, asked.places, rows)


def make_event(places: int) -> Event:
    """Write an event that takes registrations now."""
    begin = timezone.now() + timedelta(days=30)
    wall = begin.strftime("%Y-%m-%dT%H:%M")
    return Event.objects.create(
        kind="matchmaking", mode="hybrid", state="published", title_en="Made for measurements",
        zone="UTC", starts_wall=wall, ends_wall=wall, starts_at=begin, capacity=places,
        ends_at=begin + timedelta(hours=8),
    )  # fmt: skip


# --- The server -----------------------------------------------------------------------------------


@contextmanager
def web_server() -> Iterator[str]:
    """Run gunicorn as the supervisor does; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    command = [
        sys.executable, "-m", "gunicorn", "konnect.wsgi:application",
        "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2",
        "--threads", "4", "--preload", "--log-level", "warning", "--no-control-socket",
    ]  # fmt: skip
    variables = {"SITE_URL": url, "DJANGO_SETTINGS_MODULE": "konnect.settings"}
    server = subprocess.Popen(command, env=os.environ | variables, cwd=embedded.ROOT)
    try:
        wait_for(url)
        yield url
    finally:
        server.terminate()
        server.wait(30)


def wait_for(url: str) -> None:
    """Wait until the server answers.

    Raises:
        SystemExit: it does not within a minute.
    """
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=60):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server does not answer")


def cpu_seconds() -> dict[str, float]:
    """Return the CPU time of the web server and of PostgreSQL so far, all their processes."""
    found = {"gunicorn": 0.0, "postgres": 0.0}
    database = embedded.postgres_pid()
    for process in psutil.process_iter(["pid", "ppid", "cmdline", "cpu_times"]):
        line = " ".join(process.info["cmdline"] or ())
        times = process.info["cpu_times"]
        if process.info["ppid"] == database or process.info["pid"] == database:
            found["postgres"] += times.user + times.system
        elif "gunicorn" in line and "konnect.wsgi" in line:
            found["gunicorn"] += times.user + times.system
    return found


# --- One round ------------------------------------------------------------------------------------


def round_of(url: str, places: int) -> dict[str, Any]:
    """Let everybody register for a new event; return what came of it."""
    event = make_event(places)
    users = list(User.objects.order_by("pk"))
    cookies = cookies_of(users)
    letters = OutgoingEmail.objects.count()
    before, begun = cpu_seconds(), time.perf_counter()
    sent = send_at_once(f"{url}/events/{event.pk}/register/", cookies, FORM)
    seconds, after = time.perf_counter() - begun, cpu_seconds()
    outcome = outcome_of(event, len(users))
    times = figures(sent)
    cpu = {name: round(after[name] - before[name], 2) for name in after}
    told = OutgoingEmail.objects.count() - letters
    return {
        **times, "seconds": round(seconds, 2), "cpu_seconds": cpu,
        "confirmed": outcome.confirmed, "waiting": outcome.waiting, "letters": told,
        "faults": outcome.faults + refused(sent) + [f"{told} letters"] * (told != len(users)),
    }  # fmt: skip


def figures(sent: list[Sent]) -> dict[str, float]:
    """Return the times of the answers in milliseconds."""
    times = sorted(each.seconds * 1000 for each in sent)
    return {
        "median_ms": round(statistics.median(times)),
        "p95_ms": round(times[int(0.95 * (len(times) - 1))]),
        "longest_ms": round(times[-1]),
    }


def refused(sent: list[Sent]) -> list[str]:
    """Return the answers that were not the way to one's registration."""
    return [f"answer {each.status}" for each in sent if each.status != 302]


@dataclass(frozen=True)
class Outcome:
    """Who is in and who waits, and what is wrong with it."""

    confirmed: int
    waiting: int
    faults: list[str]


def outcome_of(event: Event, people: int) -> Outcome:
    """Count and check in plain loops what stands in the tables."""
    rows = list(Registration.objects.filter(event=event).order_by("pk"))
    inside = [row.pk for row in rows if row.state == "confirmed"]
    outside = [row for row in rows if row.state == "waiting"]
    faults = []
    if len({row.profile_id for row in rows}) != people:
        faults.append(f"{people - len(rows)} people lost")
    if len(inside) != min(event.capacity or people, people):
        faults.append(f"{len(inside)} in for {event.capacity} places")
    if inside and outside and max(inside) > min(row.pk for row in outside):
        faults.append("somebody who came later is in")
    ordered = sorted(outside, key=lambda row: (str(row.entered_list_at), row.pk))
    if [row.pk for row in ordered] != [row.pk for row in outside]:
        faults.append("the waiting list is not in order")
    return Outcome(len(inside), len(outside), faults)


def report(people: int, places: int, rows: list[dict[str, Any]]) -> None:
    """Print the rounds as JSON, keep them, and fail when a rule was broken."""
    result = {"people": people, "places": places, "rounds": rows, "machine": description()}
    text = json.dumps(result, indent=2)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "registration.json").write_text(text + "\n")
    print(text, flush=True)
    if any(row["faults"] for row in rows):
        raise SystemExit("a rule was broken")


if __name__ == "__main__":
    main()
