"""Addresses of calls, what stands on a page, and how often a page asks the database."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse


def of(name, call, *more):
    return reverse(f"funding:{name}", args=[call.pk, *more])


def url(name, *args):
    return reverse(f"funding:{name}", args=args)


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def words_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def asks_for(client, *addresses):
    """Return how often each of these pages asks the database; the session was read before."""
    return [asks_of(lambda page=each: client.get(page).status_code == 200) for each in addresses]


def asks_of(work):
    """Return how often some work asks the database; what it returns is true."""
    with CaptureQueriesContext(connection) as asked:
        assert work()
    return len(asked)
