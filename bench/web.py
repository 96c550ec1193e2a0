"""CPU time of 20 suggestions at 10,000 people, as page and as JSON, against bare Django views.

All run in this process, in alternating rounds. `to_bare` compares each row with a Django view
without middleware that returns the same bytes as that row; `to_bare_behind` with the bytes of the
page behind the portal's own middleware and the same signed-in session. The plain page is what a first version would be: two queries, a template, no cache, no
middleware, a twelfth of the bytes. PostgreSQL's own CPU time is measured apart, from its process.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.cache import caches
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from bench import stage, urls
from matching.models import Profile

ROUNDS, REQUESTS = 15, 6
BEHIND, PAGE = "bare view behind the middleware", "suggestions"
LIST, LIST_304 = "API list", "API list, 304"
API = "/api/v1/suggestions/"
Answer = tuple[str, bytes]
Call = Callable[[], Answer]


def main() -> None:
    """Measure and record."""
    columns = ("cpu_ms", "bare_ms", "to_bare", "to_bare_behind", "queries", "database_ms")
    with stage.prepared():
        stage.record("web", measure(), columns)


def measure() -> dict[str, object]:
    """Return medians in milliseconds and their ratios."""
    asked = contenders()
    bodies = {name: call()[1] for name, call in asked.items()}
    bare = {bare_name(name): bare_call(body) for name, body in bodies.items()}
    times = alternate(asked | bare)
    return {
        "people": 2 * stage.A_SIDE,
        "bytes": {name: len(body) for name, body in bodies.items()},
        "cards": bodies[PAGE].count(b'class="card suggestion"'),
        "rows": {name: row_of(name, asked[name], times) for name in asked},
    }


def row_of(name: str, call: Call, times: dict[str, float]) -> dict[str, object]:
    """Return one row of the table."""
    return {
        "cpu_ms": round(times[name], 3),
        "bare_ms": round(times[bare_name(name)], 3),
        "to_bare": round(times[name] / times[bare_name(name)], 1),
        "to_bare_behind": round(times[name] / times[BEHIND], 1),
        "queries": count_queries(call),
        "database_ms": round(database_time(call), 2),
    }


def bare_name(name: str) -> str:
    """Return the name of the bare view that answers with the same bytes."""
    return f"bare view of: {name}"


def bare_call(body: bytes) -> Call:
    """Return a call of the view that does nothing but answer with these bytes."""
    with override_settings(MIDDLEWARE=[]):
        without = handler()

    def call() -> Answer:
        urls.BODY["bytes"] = body
        return ask(without, "/bare/", "")

    return call


def contenders() -> dict[str, Call]:
    """Return what is compared, by the names of the table."""
    with override_settings(MIDDLEWARE=[]):
        without = handler()
    whole, cookie = handler(), signed_in()
    urls.BODY["reader"] = reader().pk
    page = must_answer(ask(whole, "/suggestions/", cookie))
    etag = etag_of(whole, cookie)

    def behind() -> Answer:
        urls.BODY["bytes"] = page
        return ask(whole, "/bare/", cookie)

    return {
        PAGE: lambda: ask(whole, "/suggestions/", cookie),
        "suggestions, frame and cards kept": lambda: ask_without(("panels",), whole, cookie),
        "suggestions, nothing kept": lambda: ask_without(
            ("panels", "cards", "layout"), whole, cookie
        ),
        LIST: lambda: ask(whole, API, cookie),
        "API list, made anew": lambda: ask_without(("panels",), whole, cookie, API),
        LIST_304: lambda: ask(whole, API, cookie, HTTP_IF_NONE_MATCH=etag),
        BEHIND: behind,
        "plain ORM page": lambda: ask(without, "/plain/", ""),
        "about": lambda: ask(whole, "/about/", cookie),
        "dashboard": lambda: ask(whole, "/dashboard/", cookie),
    }


def must_answer(answer: Answer) -> bytes:
    """Return the body of a page that has to be there."""
    status, body = answer
    if status != "200 OK":
        raise SystemExit(f"the page answered {status}")
    return body


def etag_of(application: WSGIHandler, cookie: str) -> str:
    """Return the ETag of the list; a 304 has to follow from it."""
    must_answer(ask(application, API, cookie))
    client = Client()
    client.cookies.load(cookie)
    etag = client.get(API).headers["ETag"]
    status, _body = ask(application, API, cookie, HTTP_IF_NONE_MATCH=etag)
    if not status.startswith("304"):
        raise SystemExit(f"the list answered {status}")
    return str(etag)


def ask_without(
    names: tuple[str, ...], application: WSGIHandler, cookie: str, path: str = "/suggestions/"
) -> Answer:
    """Ask with some caches emptied first."""
    for name in names:
        caches[name].clear()
    return ask(application, path, cookie)


def handler() -> WSGIHandler:
    """Return the WSGI application."""
    return WSGIHandler()


def signed_in() -> str:
    """Return the cookies of somebody who has seen the page before, as a browser sends them."""
    client = Client()
    client.force_login(reader().user)
    client.get("/suggestions/")
    return "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())


def reader() -> Any:
    """Return the profile of the person who reads."""
    return Profile.objects.order_by("pk")[7]


def ask(application: WSGIHandler, path: str, cookie: str, **headers: str) -> Answer:
    """Send one request as a server would; return status and body."""
    status = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "HTTP_COOKIE": cookie,
        "HTTP_USER_AGENT": "bench", "REMOTE_ADDR": "127.0.0.1",
        **headers,
    }  # fmt: skip
    response = application(environ, lambda line, headers, error=None: status.append(line))
    body = b"".join(response)
    response.close()
    return status[0], body


def alternate(asked: dict[str, Call]) -> dict[str, float]:
    """Return the median CPU milliseconds of each, measured turn by turn."""
    times: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, call in asked.items():
            call()
            start = time.process_time()
            for _ in range(REQUESTS):
                call()
            times[name].append((time.process_time() - start) / REQUESTS * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def count_queries(call: Call) -> int:
    """Return how many queries one page takes."""
    call()
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


def database_time(call: Call) -> float:
    """Return the milliseconds of CPU that PostgreSQL takes for one page."""
    pid = connection.connection.info.backend_pid
    call()
    before = process_seconds(pid)
    for _ in range(ROUNDS * REQUESTS // 2):
        call()
    return (process_seconds(pid) - before) / (ROUNDS * REQUESTS // 2) * 1000


def process_seconds(pid: int) -> float:
    """Return the CPU seconds that a process of this machine has taken."""
    schedule = Path(f"/proc/{pid}/schedstat")
    return int(schedule.read_text().split()[0]) / 1e9


if __name__ == "__main__":
    main()
