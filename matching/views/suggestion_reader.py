"""Who asks for suggestions, read in one query."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from konnect.accounts.models import User
from matching.context import Inbox
from matching.services.suggestion_state import reader_door


@dataclass(frozen=True)
class Reader:
    """A person with a profile, what their suggestions depend on, and the counts of the bar."""

    user: User
    state: str
    inbox: Inbox


def quick_reader(request: HttpRequest) -> Reader | None:
    """Return who asks, None when the long way has to find out."""
    admitted = reader_door().admit(request)
    if admitted is None or admitted.row[0] is None:
        return None
    state, *counts = admitted.row
    return Reader(admitted.user, state, Inbox(*counts))
