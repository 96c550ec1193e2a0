"""The minute before a deadline: `python -m bench.submissions`.

Two hundred people hand in their applications at the same moment, to gunicorn as the portal runs it
(two processes of four threads) and PostgreSQL. In the first rounds everybody is in time: nobody may
be lost or double. In the last one the call closes in the middle of the burst: whoever came before
the instant is in, by the clock of the database, and nobody else.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

from django.utils import timezone

from bench import submission_servers
from bench.registration import cpu_seconds, web_server
from bench.registration_crowd import TIMEOUT, Sent, cookies_of, post
from bench.servers import RESULTS
from bench.speed.machine import description
from bench.submissions_made import close_at, make_applications, make_call
from bench.table_rows import empty, make_people
from funding.models import Application, ApplicationVersion, Call
from konnect.accounts.models import User

PEOPLE, ROUNDS = 200, 3


def main() -> None:
    """Measure, print, record; fail when a rule was broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.submissions", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    asked = parser.parse_args()
    with submission_servers.running():
        empty()
        make_people(asked.people // 2)
        users = list(User.objects.order_by("pk"))
        with web_server() as url:
            rows = [round_of(url, users, None) for _ in range(ROUNDS)]
            half = statistics.median(row["seconds"] for row in rows) / 2
            rows.append(round_of(url, users, half))
    report(asked.people, rows)


def round_of(url: str, users: Sequence[User], closing: float | None) -> dict[str, Any]:
    """Let everybody hand in; return what came of it.

    closing: after how many seconds of the burst the call closes; None: long afterwards.
    """
    call = make_call()
    applications = make_applications(call, list(users))
    cookies = cookies_of(users)
    addresses = [f"{url}/applications/{each.pk}/submit/" for each in applications]
    if closing is not None:
        close_at(call, timezone.now() + timedelta(seconds=closing))
    before, begun = cpu_seconds(), time.perf_counter()
    sent = send_at_once(addresses, cookies)
    seconds, after = time.perf_counter() - begun, cpu_seconds()
    times = sorted(each.seconds * 1000 for each in sent)
    versions = ApplicationVersion.objects.filter(application__call=call).count()
    return {
        "median_ms": round(statistics.median(times)),
        "p95_ms": round(times[int(0.95 * (len(times) - 1))]),
        "longest_ms": round(times[-1]), "seconds": round(seconds, 2),
        "cpu_ms_a_request": {
            name: round(1000 * (after[name] - before[name]) / len(sent), 1) for name in after
        },
        "in_time": versions, "closes_in_the_middle": closing is not None,
        "faults": faults_of(call, applications, sent, closing is not None),
    }  # fmt: skip


def send_at_once(addresses: Sequence[str], cookies: Sequence[str]) -> list[Sent]:
    """Have everybody post to an address of their own at once; return what became of each."""
    start = Barrier(len(cookies))

    def send(address: str, cookie: str) -> Sent:
        start.wait(TIMEOUT)
        begun = time.perf_counter()
        status = post(address, cookie, {})
        return Sent(status, time.perf_counter() - begun)

    with ThreadPoolExecutor(len(cookies)) as pool:
        return list(pool.map(send, addresses, cookies))


def faults_of(
    call: Call, applications: Sequence[Application], sent: Sequence[Sent], closes: bool
) -> list[str]:
    """Return what is wrong with what stands in the tables, looked at in plain loops."""
    call = Call.objects.get(pk=call.pk)
    rows = list(ApplicationVersion.objects.filter(application__call=call))
    kept = list(Application.objects.filter(call=call, state="submitted"))
    faults = [f"answer {each.status}" for each in sent if each.status != 302]
    if len({row.application_id for row in rows}) != len(rows):
        faults.append("an application counts twice")
    if {row.application_id for row in rows} != {each.pk for each in kept}:
        faults.append("a version without its application")
    if sorted(each.number or 0 for each in kept) != list(range(1, len(kept) + 1)):
        faults.append("numbers have gaps")
    late = [row for row in rows if call.closes_at and row.received_at >= call.closes_at]
    if late:
        faults.append(f"{len(late)} after the instant")
    if not closes and len(rows) != len(applications):
        faults.append(f"{len(applications) - len(rows)} lost")
    if closes and not 0 < len(rows) < len(applications):
        faults.append(f"{len(rows)} in time: the closing was not in the middle")
    return faults


def report(people: int, rows: list[dict[str, Any]]) -> None:
    """Print the rounds as JSON, keep them, and fail when a rule was broken."""
    result = {"people": people, "rounds": rows, "machine": description()}
    text = json.dumps(result, indent=2)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "submissions.json").write_text(text + "\n")
    print(text, flush=True)
    if any(row["faults"] for row in rows):
        raise SystemExit("a rule was broken")


if __name__ == "__main__":
    main()
