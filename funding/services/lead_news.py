"""News for whoever leads an application."""

from __future__ import annotations

from collections.abc import Callable

from funding.models import Application
from konnect.accounts.services.notifications import notify


def tell_lead(
    application: Application, *, key: str, title: Callable[[], str], address: str = ""
) -> None:
    """Tell the lead something once, unless they have left the portal.

    key: what the same news is known by; title: called in the reader's language.
    address: of the page that it leads to; else the application's.
    """
    lead = application.lead.user
    if lead is not None:
        notify(
            lead, "applications", key=key, title=title,
            address=address or application.get_absolute_url(),
        )  # fmt: skip
