"""Django's sessions in the database, read with a statement made once."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.db.models.functions import Now

from konnect.accounts.prepared import prepared


@prepared
def live_session(session_key: str) -> QuerySet[Session]:
    """Return a session that has not run out."""
    return Session.objects.filter(session_key=session_key, expire_date__gt=Now())


class SessionStore(db.SessionStore):
    """What SESSION_ENGINE names; every request of a signed-in person reads one."""

    def _get_session_from_db(self) -> Any:
        """Return the session's row, None when there is none any more."""
        found = live_session.models(session_key=self.session_key or "")
        if not found:
            self._session_key = None
        return found[0] if found else None
