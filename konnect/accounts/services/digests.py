"""Digests: the news of a day or a week in one mail, titles and links only."""

from __future__ import annotations

from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from konnect.accounts.mail import queue_email
from konnect.accounts.models import Consent, Notification, OutgoingEmail, User
from konnect.accounts.notifications import kind_named
from konnect.accounts.services.notifications import advert_mark, frame_words
from konnect.accounts.services.unsubscribing import DIGEST, stop_address, stop_headers

READERS_A_TURN = 200
# What one reads in a mail; the rest is on the site.
TITLES_SHOWN = 40
REASON = _(
    "You receive this summary because you chose to get news on KONNECT once a day or a week."
)


def write_due_digests() -> int:
    """Write the digests whose hour has come; return how many."""
    due = Notification.objects.due().order_by("user_id").values_list("user_id", flat=True)
    return sum(write_digest(user_id) for user_id in due.distinct()[:READERS_A_TURN])


@transaction.atomic
def write_digest(user_id: int) -> bool:
    """Write one person's digest of everything that is due; none of what they have read."""
    rows = claim_due_news(user_id)
    if not rows:
        return False
    user = rows[0].user
    told = [row for row in rows if row.read_at is None and is_wanted(row, user)]
    if not told:
        return settle(rows, told, None)
    mail = queue_digest(user, told)
    # Without a mail another worker is telling the same news at this moment.
    return mail is not None and settle(rows, told, mail)


def claim_due_news(user_id: int) -> list[Notification]:
    """Lock the news of a digest; another worker passes over what is locked."""
    due = Notification.objects.due().filter(user_id=user_id).select_related("user")
    return list(due.select_for_update(of=("self",), skip_locked=True).order_by("pk"))


def is_wanted(row: Notification, user: User) -> bool:
    """Tell whether the account is open, and an advert still has its consent."""
    if not user.is_active:
        return False
    consent = kind_named(row.kind).consent
    return not consent or Consent.objects.is_given(user, consent)


def queue_digest(user: User, told: list[Notification]) -> OutgoingEmail | None:
    """Queue the mail; its key keeps the same news from going out in two digests."""
    stop = stop_address(user, DIGEST)
    has_advert = any(kind_named(row.kind).consent for row in told)
    return queue_email(
        "digest",
        to=user,
        context={**frame_words(REASON, stop), **digest_words(told)},
        deduplication_key=f"digest:{user.pk}:{told[0].pk}",
        headers=stop_headers(stop),
        mark=advert_mark(user) if has_advert else "",
    )


def digest_words(told: list[Notification]) -> dict[str, object]:
    """Return the titles by kind, as many as fit, and how many there are."""
    shown = sorted(told[-TITLES_SHOWN:], key=lambda row: row.kind)
    groups = [
        {"label": kind_named(name).label, "rows": list(rows)}
        for name, rows in groupby(shown, key=lambda row: row.kind)
    ]
    return {
        "groups": groups,
        "count": len(told),
        "more": len(told) - len(shown),
        "list_address": settings.SITE_URL + reverse("news:list"),
    }


def settle(rows: list[Notification], told: list[Notification], mail: OutgoingEmail | None) -> bool:
    """Note what the digest told, if anything; what it did not tell waits no longer."""
    of_digest = Notification.objects.filter(pk__in=[row.pk for row in told])
    of_digest.update(mailed_at=timezone.now(), email=mail)
    silent = Notification.objects.filter(pk__in=[row.pk for row in rows], mailed_at=None)
    silent.update(due_at=None)
    return bool(told)
