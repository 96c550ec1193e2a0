"""Tokens for people's own programs: made once, shown once, kept as a digest."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from konnect.accounts.models import ApiToken, ApiTokenScope, User

MOST_A_PERSON = 20
LONGEST_DAYS = 366
PREFIX = "kn_"
SHOWN_CHARACTERS = 8
TOKEN_SHAPE = re.compile(r"kn_[A-Za-z0-9_-]{43}")


class TooManyTokens(Exception):  # noqa: N818 - it is no fault, but a thing that happens
    """The person has as many live tokens as anybody may have."""


def digest_of(token: str) -> str:
    """Return what is stored of a token: its text has 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def create_api_token(
    user: User, *, actor: User, name: str, scope: ApiTokenScope | str, days: int | None = None
) -> tuple[ApiToken, str]:
    """Make a token; return its row and its text, which nobody can read again.

    Raises:
        TooManyTokens: the person has `MOST_A_PERSON` live ones.
    """
    # One at a time a person, so that the limit holds.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if ApiToken.objects.live().filter(user=user).count() >= MOST_A_PERSON:
        raise TooManyTokens
    text = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        user=user, name=name, scope=scope, digest=digest_of(text),
        prefix=text[: len(PREFIX) + SHOWN_CHARACTERS], expires_at=end_of(days),
    )  # fmt: skip
    row.refresh_from_db(fields=["created_at"])
    return row, text


def end_of(days: int | None) -> datetime | None:
    """Return when a token ends that lasts some days; None for one that lasts until revoked."""
    return timezone.now() + timedelta(days=days) if days else None


def revoke_api_token(token: ApiToken, *, actor: User) -> bool:
    """Let a token open nothing from now on; false when it was revoked already."""
    now = timezone.now()
    return bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now))
