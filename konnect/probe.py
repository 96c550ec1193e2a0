"""Health checks for containers: quick, without loading Django.

    python -m konnect.probe web        is the web server of this machine ready?
    python -m konnect.probe worker     did a worker run a task within the last minute?

The exit status is 0 when all is well.
"""

import json
import os
import socket
import sys
import urllib.error
import urllib.request

import psycopg2

TIMEOUT_SECONDS = 8


def web_answers(path: str = "/healthz") -> bool:
    """Tell whether the web server of this machine answers as it does to its proxy."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}{path}"
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - our own server, over http
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def worker_beats() -> bool:
    """Tell whether the row that the heartbeat task writes is young."""
    query = "SELECT count(*) FROM accounts_heartbeat WHERE beat_at > now() - interval '1 minute'"
    try:
        connection = psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=5)
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone() != (0,)
    except psycopg2.Error:
        return False


def is_listening(host: str, port: int) -> bool:
    """Tell whether somebody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def portal_hears_worker(host: str, port: int) -> bool:
    """Ask the portal whether its worker has lately done anything."""
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return not says_worker_is_down(error.read())
    except (OSError, ValueError):
        # The web server is not there to ask; its supervisor looks after it.
        return True


def says_worker_is_down(answer: bytes) -> bool:
    """Read what /readyz says; a page of any other kind, as after a crash, says nothing of the worker."""
    try:
        found = json.loads(answer)
    except ValueError:
        return False
    return isinstance(found, dict) and "worker" in found.get("down", [])


PROBES = {"web": web_answers, "worker": worker_beats}

if __name__ == "__main__":
    if sys.argv[1:] not in [[name] for name in PROBES]:
        sys.exit(__doc__)
    sys.exit(0 if PROBES[sys.argv[1]]() else 1)
