"""News about calls and events, for those who agreed to get it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import get_language

from konnect.accounts.models import Consent, User
from konnect.accounts.notifications import ANNOUNCEMENT
from konnect.accounts.services.notifications import notify


def announce(*, key: str, title_en: str, title_ko: str, address: str) -> int:
    """Tell everybody who agreed; return how many had not been told yet.

    Whoever was told under this key is passed over, so that an announcement which broke off is
    simply made again.
    """
    told = 0
    for user in agreed_readers().iterator(chunk_size=500):
        news = notify(
            user,
            ANNOUNCEMENT.name,
            key=f"announcement:{key}",
            title=lambda: title_ko if get_language() == "ko" else title_en,
            address=address,
        )
        told += news is not None
    return told


def agreed_readers() -> QuerySet[User]:
    """Return the people whose newest word on this purpose is yes."""
    newest = Consent.objects.filter(purpose=ANNOUNCEMENT.consent).current()
    given = Consent.objects.filter(pk__in=newest.values("pk"), is_given=True)
    return User.objects.filter(is_active=True, pk__in=given.values("user")).order_by("pk")
