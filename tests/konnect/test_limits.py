"""Limits of statements and transactions, and who may take longer."""

import threading
import time

import psycopg2
import pytest
from django.db import OperationalError, connection, transaction

from konnect import prepare
from konnect.limits import LIMITS, lift_limits
from tests.processes import test_database_url


def set_limits(scope="LOCAL"):
    with connection.cursor() as cursor:
        for limit in LIMITS:
            # Longer than a busy machine pauses between two statements.
            cursor.execute(f"SET {scope} {limit} = '1s'")


def sleep_in_a_statement():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1.5)")


def sleep_between_statements():
    time.sleep(1.5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@transaction.atomic
def within_limits(work):
    set_limits()
    work()


@pytest.fixture
def own_connection(transactional_db):
    """A session that the test may lose."""
    yield
    connection.close()


@pytest.mark.parametrize("work", (sleep_in_a_statement, sleep_between_statements))
def test_who_loads_data_may_take_long(own_connection, work):
    with transaction.atomic():
        set_limits()
        lift_limits("LOCAL")
        work()


@pytest.mark.parametrize("work", (sleep_in_a_statement, sleep_between_statements))
def test_nobody_else_may(own_connection, work):
    with pytest.raises(OperationalError):
        within_limits(work)


def test_limits_hold_again_after_the_transaction(own_connection):
    set_limits("SESSION")
    with transaction.atomic():
        lift_limits("LOCAL")

    with pytest.raises(OperationalError):
        sleep_in_a_statement()


def test_a_second_portal_waits_until_the_first_has_made_the_tables(own_connection):
    set_limits("SESSION")
    first = psycopg2.connect(test_database_url())
    with first.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [prepare.ADVISORY_LOCK])
    threading.Timer(1.5, first.close).start()

    prepare.prepare_database()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'events'")
        assert cursor.fetchone()[0] > 0
