"""The kinds of news about finding, asking and talking."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from konnect.accounts.models.notification import Rhythm
from konnect.accounts.notifications import Kind

KINDS = (
    Kind(
        "contact_request",
        _("Contact requests and their answers"),
        Rhythm.INSTANT,
        reason=_("You receive this message because of a contact request on KONNECT."),
    ),
    Kind(
        "message",
        _("Messages from my contacts"),
        Rhythm.INSTANT,
        reason=_(
            "You receive this message because you have not read a message on KONNECT. There is "
            "one such mail for each conversation until you open it."
        ),
    ),
    Kind(
        "interest",
        _("Expressions of interest in my listings, and answers to mine"),
        Rhythm.INSTANT,
        reason=_("You receive this message because of an expression of interest on KONNECT."),
    ),
    Kind(
        "listing",
        _("Review and end of my listings"),
        Rhythm.INSTANT,
        reason=_("You receive this message because you have a listing on KONNECT."),
    ),
    Kind(
        "saved_search",
        _("New results of my saved searches"),
        Rhythm.DAILY,
        reason=_("You receive this message because you saved a search on KONNECT."),
        own_rhythms=_("As each search says"),
    ),
    Kind(
        "twinning",
        _("Twinnings of my organisation"),
        Rhythm.DAILY,
        reason=_("You receive this message because you look after a twinning on KONNECT."),
    ),
    Kind(
        "source_request",
        _("Data that was looked up for my profile"),
        Rhythm.DAILY,
        reason=_("You receive this message because KONNECT looked something up for your profile."),
    ),
)
