"""Ringing for the worker: quick, after commit, and never in the way of a request.

The work itself is found by query, and tasks are rung for by name, because tasks call services
and not the other way round. A ring that gets lost costs the time until the next beat.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)

# A frozen broker would otherwise freeze the page: one thread waits for it instead.
ringer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="doorbell")
WAITING_RINGS = BoundedSemaphore(100)


def ring(task: str, *arguments: int | str) -> None:
    """Ask the worker, once this transaction commits, to run a task soon."""
    transaction.on_commit(lambda: ring_now(task, *arguments))


def ring_now(task: str, *arguments: int | str) -> None:
    """Ask the worker to run a task soon; give up silently when too many rings wait."""
    if WAITING_RINGS.acquire(blocking=False):
        ringer.submit(publish, task, *arguments)


def publish(task: str, *arguments: int | str) -> None:
    """Send the message, or log that the broker is away."""
    try:
        current_app.send_task(task, args=arguments, retry=False)
    except Exception:  # noqa: BLE001 - whatever ails the broker, the beat finds the work
        logger.warning("The broker is away; the beat will find the work of %s.", task)
    finally:
        WAITING_RINGS.release()
