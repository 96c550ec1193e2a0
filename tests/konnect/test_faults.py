"""Workers, brokers and databases that die while people use the portal."""

import json
import subprocess
import sys
import time

import psycopg2
import pytest
import requests
from django.db import connection
from django.test import Client

from konnect import embedded
from matching.models import MatchRun, MatchRunState, Profile, SuggestionList
from tests.factories.matching import KoreanProfileFactory, ProfileFactory
from tests.form_reader import FormReader
from tests.processes import (
    PATIENCE,
    environment,
    start_site,
    start_worker,
    status_of,
    test_database_url,
    wait_until,
)

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

# Words only: these tests are about processes, and the model takes seconds to load.
LEXICAL = {"KONNECT_EMBEDDER": "lexical"}
# Seconds: whoever waits for a broker waits for ever, and a busy machine is slow without one.
QUICKLY = 30


@pytest.fixture
def start_portal_worker(transactional_db, broker, logs):
    """Return a function that starts a worker on the test database; all are killed in the end."""
    started = []

    def start():
        variables = environment(test_database_url(), broker.redis_url, **LEXICAL)
        started.append(start_worker(variables, logs / "faults.log"))
        return started[-1]

    yield start
    for worker in started:
        worker.stop()


@pytest.fixture
def people(transactional_db):
    """Three on each side."""
    return ProfileFactory.create_batch(3) + KoreanProfileFactory.create_batch(3)


def signed_in(person, site):
    """Return a person's HTTP session with the site."""
    client = Client()
    client.force_login(person.user)
    session = requests.Session()
    session.cookies.set("sessionid", client.cookies["sessionid"].value)
    session.base = site.url
    return session


def published_lists():
    """Return who has a list in the run that people see."""
    lists = SuggestionList.objects.filter(match_run__state=MatchRunState.PUBLISHED)
    return set(lists.values_list("profile_id", flat=True))


def hold(table):
    """Return a connection of its own that lets nobody write a table until it is closed."""
    holder = psycopg2.connect(test_database_url())
    with holder.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
    return holder


def somebody_waits_for_a_lock():
    # In this database: other tests have others on the same server.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database"
            " WHERE NOT granted AND datname = current_database()"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("table", ("matching_suggestionlist", "matching_matchrunchange"))
def test_worker_killed_in_a_run_shows_nothing_half_and_the_next_goes_on(
    people, start_portal_worker, table
):
    holder = hold(table)
    worker = start_portal_worker()
    running = MatchRun.objects.filter(state=MatchRunState.RUNNING)
    wait_until(lambda: running.exists() and somebody_waits_for_a_lock())

    worker.kill()
    holder.close()

    assert published_lists() == set()
    start_portal_worker()
    wait_until(published_lists)
    assert published_lists() == {person.pk for person in people}
    assert [len(row.partner_ids) for row in SuggestionList.objects.all()] == [3] * 6
    assert MatchRun.objects.get().state == MatchRunState.PUBLISHED


def test_profile_saved_while_the_broker_is_gone_gets_suggestions_when_it_is_back(
    people, site, broker, start_portal_worker
):
    start_portal_worker()
    wait_until(lambda: published_lists() == {person.pk for person in people})
    session = signed_in(people[0], site)
    address = f"{site.url}/profile/visibility/"
    values = FormReader(session.get(address).text).values
    broker.kill_valkey()

    started = time.monotonic()
    answer = session.post(address, data=values, headers={"Referer": address})
    seconds = time.monotonic() - started

    saved = Profile.objects.get(pk=people[0].pk)
    assert (answer.status_code, seconds < QUICKLY) == (200, True)
    assert saved.matching_changed_at > people[0].matching_changed_at
    broker.start_valkey()
    fresh = SuggestionList.objects.filter(
        profile=saved, built_from__gte=saved.matching_changed_at, match_run__state="published"
    )
    # A worker that cannot bear the loss of its broker is started again by its supervisor.
    start_portal_worker()
    wait_until(fresh.exists)


def test_profile_saved_while_the_broker_is_frozen_is_answered_quickly(people, site, broker):
    session = signed_in(people[0], site)
    address = f"{site.url}/profile/visibility/"
    values = FormReader(session.get(address).text).values
    broker.freeze_valkey()

    started = time.monotonic()
    answer = session.post(address, data=values, headers={"Referer": address})
    seconds = time.monotonic() - started

    broker.thaw_valkey()
    assert (answer.status_code, seconds < QUICKLY) == (200, True)
    saved = Profile.objects.get(pk=people[0].pk)
    assert saved.matching_changed_at > people[0].matching_changed_at


ADD_PEOPLE = """
import django; django.setup()
from tests.factories.matching import KoreanProfileFactory, ProfileFactory
ProfileFactory(); KoreanProfileFactory()
"""


def count_lists(servers):
    """Count the lists that people see on a server of the test's own."""
    query = (
        "SELECT count(*) FROM matching_suggestionlist list"
        " JOIN matching_matchrun run ON run.id = list.match_run_id WHERE run.state = 'published'"
    )
    try:
        with psycopg2.connect(servers.database_url) as link, link.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]
    except psycopg2.OperationalError:
        return 0


def test_web_and_worker_recover_when_the_database_restarts(own_servers, logs):
    variables = environment(own_servers.database_url, own_servers.redis_url, **LEXICAL)
    site = start_site(variables, logs / "restart-site.log")
    worker = start_worker(variables, logs / "restart-worker.log")
    ready = f"{site.url}/readyz"
    try:
        wait_until(lambda: status_of(ready)[0] == 200)

        own_servers.kill_postgres()

        status, body = status_of(ready, PATIENCE)
        assert (status, json.loads(body)["down"]) == (503, ["database", "worker"])
        own_servers.start()
        wait_until(lambda: status_of(ready)[0] == 200)
        subprocess.run(
            (sys.executable, "-c", ADD_PEOPLE), check=True, env=variables, cwd=embedded.ROOT
        )
        wait_until(lambda: count_lists(own_servers) == 2)
        assert worker.process.poll() is None
    finally:
        worker.stop()
        site.stop()
