"""CPU time of the page of 20 suggestions at 10,000 people, against a bare Django view.

Both run in this process, in alternating rounds; PostgreSQL's own time is not in it. The bare view
returns the same bytes, once through no middleware at all and once through the portal's own with
the same signed-in session.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable

from django.core.handlers.wsgi import WSGIHandler

from bench import stage

ROUNDS, REQUESTS = 25, 8


def main() -> None:
    """Measure and record."""
    started = stage.prepare()
    try:
        stage.record("web", measure())
    finally:
        if started:
            stage.embedded.stop()


def measure() -> dict[str, object]:
    """Return medians in milliseconds and their ratios."""
    from django.test import override_settings  # noqa: PLC0415 - needs django.setup

    from bench import urls  # noqa: PLC0415

    with override_settings(MIDDLEWARE=[]):
        without = handler()
    whole = handler()
    cookie = signed_in()
    page, urls.BODY["bytes"] = ask(whole, "/suggestions/", cookie)
    asked: dict[str, Callable[[], object]] = {
        "bare": lambda: ask(without, "/bare/", ""),
        "bare_with_middleware": lambda: ask(whole, "/bare/", cookie),
        "suggestions": lambda: ask(whole, "/suggestions/", cookie),
    }
    times = alternate(asked)
    return {
        "people": 2 * stage.A_SIDE,
        "status": page,
        "bytes": len(urls.BODY["bytes"]),
        "cards": urls.BODY["bytes"].count(b'class="card suggestion"'),
        "queries": count_queries(asked["suggestions"]),
        **{f"{name}_ms": round(value, 3) for name, value in times.items()},
        "ratio_to_bare": round(times["suggestions"] / times["bare"], 1),
        "ratio_to_bare_with_middleware": round(
            times["suggestions"] / times["bare_with_middleware"], 1
        ),
    }


def handler() -> WSGIHandler:
    """Return the WSGI application."""
    return WSGIHandler()


def signed_in() -> str:
    """Return the cookies of somebody who has seen the page before, as a browser sends them."""
    from django.test import Client  # noqa: PLC0415

    from matching.models import Profile  # noqa: PLC0415

    client = Client()
    client.force_login(Profile.objects.order_by("pk")[7].user)
    client.get("/suggestions/")
    return "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())


def ask(application: WSGIHandler, path: str, cookie: str) -> tuple[str, bytes]:
    """Send one request as a server would; return status and body."""
    status = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "HTTP_COOKIE": cookie,
        "HTTP_USER_AGENT": "bench", "REMOTE_ADDR": "127.0.0.1",
    }  # fmt: skip
    response = application(environ, lambda line, headers, error=None: status.append(line))
    body = b"".join(response)
    response.close()
    return status[0], body


def alternate(asked: dict[str, Callable[[], object]]) -> dict[str, float]:
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


def count_queries(call: Callable[[], object]) -> int:
    """Return how many queries one page takes."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


if __name__ == "__main__":
    main()
