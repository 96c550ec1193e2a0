"""Stopping mail by the link or the button of a mail program, without signing in (RFC 8058)."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import ConsentChannel, User
from konnect.accounts.models.notification import Rhythm
from konnect.accounts.notifications import Kind, kind_named, kinds
from konnect.accounts.services.consents import record_consents
from konnect.accounts.services.wishes import save_wishes, wishes

SALT = "accounts.stop-mail"
# What a digest is stopped by: every kind that goes into digests.
DIGEST = "digest"
DIGEST_LABEL = _("Daily and weekly summaries")


@dataclass(frozen=True)
class Stop:
    """Whose mail of which kind a link stops."""

    user: User
    scope: str

    @property
    def label(self) -> str | Promise:
        """What the settings call it."""
        return DIGEST_LABEL if self.scope == DIGEST else kind_named(self.scope).label


def stop_address(user: User, scope: str) -> str:
    """Return the address that stops somebody's mail of a kind, or their digests."""
    token = signing.Signer(salt=SALT).sign(f"{user.pk}.{scope}")
    return settings.SITE_URL + reverse("news:stop", args=[token])


def stop_headers(address: str) -> dict[str, str]:
    """Return what mail programs make their own button of."""
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def stop_of(token: str) -> Stop | None:
    """Return what a link stops; None when it was changed, or the account is gone.

    A link never ends: a mail of last year must still be stoppable.
    """
    try:
        user_id, _dot, scope = signing.Signer(salt=SALT).unsign(token).partition(".")
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=user_id).first()
    is_known = scope == DIGEST or any(kind.name == scope for kind in kinds() if kind.is_optional)
    return Stop(user, scope) if user and is_known else None


@transaction.atomic
def stop_mail(stop: Stop) -> None:
    """Send no more such mail, what waits in the outbox included; again does no harm."""
    stopped = stopped_kinds(stop)
    save_wishes(stop.user, actor=stop.user, rhythms={kind.name: Rhythm.OFF for kind in stopped})
    taken_back = {kind.consent: False for kind in stopped if kind.consent}
    if taken_back:
        record_consents(
            stop.user,
            choices=taken_back,
            channel=ConsentChannel.EMAIL,
            language=stop.user.language,
        )


def stopped_kinds(stop: Stop) -> list[Kind]:
    """Return the kinds that are still on and that this link switches off."""
    on = {name: rhythm for name, rhythm in wishes(stop.user).items() if rhythm != Rhythm.OFF}
    if stop.scope != DIGEST:
        return [kind_named(stop.scope)] if stop.scope in on else []
    return [kind_named(name) for name, rhythm in on.items() if rhythm != Rhythm.INSTANT]
