"""Running things at the same moment, each over a database connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

from django.db import connection

from tests.processes import PATIENCE


def together(*calls):
    """Begin all calls at once; return their results, or raise what the first one raised."""
    start = Barrier(len(calls))

    def run(call):
        try:
            start.wait(PATIENCE)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def outcomes(*calls, refusals=(Exception,)):
    """Begin all calls at once; return their results, and in its place what a refused one raised."""

    def settled(call):
        try:
            return call()
        except refusals as refusal:
            return refusal

    return together(*(partial(settled, call) for call in calls))
