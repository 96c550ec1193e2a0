"""Whether the portal works: for proxies, orchestrators and the supervisor."""

import logging
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from konnect.accounts.models import Heartbeat
from matching.embedding import embedder_warning

logger = logging.getLogger(__name__)

# Beat rings every ten seconds; a long task may keep one worker process busy for a while.
WORKER_SILENCE = timedelta(seconds=60)
BROKER_TIMEOUT_SECONDS = 1


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as this process lives."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Name what is down; 503 when people would notice, 200 when only the doorbell is away."""
    down = [name for name, works in CHECKS.items() if not works()]
    is_ready = not set(down) - DISPENSABLE
    return JsonResponse(
        {"ready": is_ready, "degraded": bool(down), "down": down}, status=200 if is_ready else 503
    )


def database_answers() -> bool:
    """Tell whether PostgreSQL takes queries."""
    try:
        Heartbeat.objects.exists()
    except DatabaseError:
        logger.warning("The database does not answer.")
        return False
    return True


def worker_beats() -> bool:
    """Tell whether a task has lately gone all the way from beat through the broker to a worker."""
    try:
        return Heartbeat.objects.filter(beat_at__gt=Now() - WORKER_SILENCE).exists()
    except DatabaseError:
        return False


def broker_answers() -> bool:
    """Tell whether Redis answers, within a second."""
    address = settings.REDIS_URL.replace("redis+socket://", "unix://")
    try:
        with redis.Redis.from_url(address, socket_timeout=BROKER_TIMEOUT_SECONDS) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def language_model_is_used() -> bool:
    """Tell whether texts are compared by meaning, as configured, and not by their words only."""
    return settings.EMBEDDER == "lexical" or not embedder_warning()


CHECKS = {
    "database": database_answers,
    "worker": worker_beats,
    "broker": broker_answers,
    "language model": language_model_is_used,
}
# Without the broker everything goes on, only later: the beat of the next minute finds the work.
# Without the language model texts are compared by their words.
DISPENSABLE = {"broker", "language model"}
