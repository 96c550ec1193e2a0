"""The web process is killed in the middle of a submission: nothing is half-done."""

import http.client
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from bench.registration_crowd import cookies_of, post
from funding.models import Application, ApplicationVersion, LedgerEntry
from funding.services.ledger import faults
from funding.services.submitting import NUMBERS
from tests.funding.application_stage import ready
from tests.processes import (
    PATIENCE,
    Running,
    environment,
    free_port,
    status_of,
    test_database_url,
    wait_until,
)

WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database
WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
"""
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
AND query LIKE '%%advisory%%'
"""


def number_of(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def lost(address, cookie):
    """Hand in, and come back with nothing when the server goes."""
    try:
        return post(address, cookie, {})
    except (OSError, http.client.HTTPException):
        return None


def patient_site(variables, log):
    """Start a web server of one's own and give it the time that a busy machine needs."""
    url = f"http://localhost:{(port := free_port())}"
    command = [
        sys.executable, "-m", "gunicorn", "konnect.wsgi:application", "--bind",
        f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "4", "--timeout", "120",
        "--log-level", "warning", "--no-control-socket",
    ]  # fmt: skip
    site = Running(command, variables | {"SITE_URL": url}, log, url=url).start()
    wait_until(lambda: status_of(f"{url}/healthz", 120)[0] == 200, message="No site")
    return site


@pytest.mark.django_db(transaction=True)
def test_a_killed_server_leaves_the_draft_as_it_was(broker, logs):
    application = ready()
    before = LedgerEntry.objects.count()
    cookie = cookies_of([application.lead.user])[0]
    variables = environment(test_database_url(), broker.redis_url)
    site = patient_site(variables, logs / "killed-site.log")
    path = f"/applications/{application.pk}/submit/"
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            # The version is written by then, the state is not.
            with connection.cursor() as cursor:
                cursor.execute(NUMBERS, [application.call_id])
            answer = pool.submit(lost, site.url + path, cookie)
            wait_until(lambda: number_of(WAITING), message="Nobody waits for a number")
            site.kill()
            assert answer.result(PATIENCE) is None
        wait_until(lambda: not number_of(OTHERS), message="The session of the killed one lives on")

    application.refresh_from_db()
    assert (application.state, application.number, application.submitted_version) == (
        "draft", None, None,
    )  # fmt: skip
    assert not ApplicationVersion.objects.exists()
    assert LedgerEntry.objects.count() == before
    assert list(faults()) == []

    again = patient_site(variables, logs / "second-site.log")
    try:
        assert post(again.url + path, cookie, {}) == 302
    finally:
        again.kill()
    assert Application.objects.get(pk=application.pk).state == "submitted"
    assert ApplicationVersion.objects.count() == 1
