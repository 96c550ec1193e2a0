"""What /healthz and /readyz say while parts of the portal are away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from konnect.accounts.models import Heartbeat

NOBODY = "redis+socket:///nobody/listens.sock"


def beat(seconds_ago):
    """Write the row that the heartbeat task writes."""
    beat_at = timezone.now() - timedelta(seconds=seconds_ago)
    Heartbeat.objects.create(name="worker", beat_at=beat_at)


def test_healthz_answers(client):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")


def test_readyz_without_worker_names_it(db, broker, settings, client):
    settings.REDIS_URL = broker.redis_url

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "degraded": True, "down": ["worker"]}


@pytest.mark.parametrize(("age", "status"), ((1, 200), (59, 200), (61, 503)))
def test_readyz_judges_the_age_of_the_heartbeat(db, broker, settings, client, age, status):
    settings.REDIS_URL = broker.redis_url
    beat(seconds_ago=age)

    response = client.get("/readyz")

    assert response.status_code == status


def test_readyz_without_broker_is_degraded_only(db, settings, client):
    settings.REDIS_URL = NOBODY
    beat(seconds_ago=1)

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"ready": True, "degraded": True, "down": ["broker"]}


def test_readyz_with_frozen_broker_answers_quickly(db, broker, settings, client):
    settings.REDIS_URL = broker.redis_url
    beat(seconds_ago=1)
    # The first page of a process takes seconds of its own.
    client.get("/readyz")
    broker.freeze_valkey()
    started = timezone.now()

    response = client.get("/readyz")

    broker.thaw_valkey()
    assert response.json()["down"] == ["broker"]
    assert timezone.now() - started < timedelta(seconds=20)
