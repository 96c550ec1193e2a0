"""Why a row of a table of people is not taken, in the reader's language.

Tables are checked in English codes, which programs and the logs read too; this is the one place
that puts them into words, for the page of tables and for the form that adds one person.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

WORDS = {
    "no member has this address": _("No member of KONNECT has this address."),
    "is registered already": _("This person is registered already."),
    "already_registered": _("This person is registered already."),
    "stands above already": _("This address stands in an earlier row already."),
    "no name": _("This person has not entered a name yet."),
    "profile unpublished": _(
        "This person's profile is not published; meetings need a published profile."
    ),
    "full": _("All places are taken, and this event has no waiting list."),
    "the event is on_site only": _("This event takes place on site only."),
    "the event is online only": _("This event takes place online only."),
    "more cells than columns": _("The row has more cells than there are columns."),
    "fewer cells than columns": _("The row has fewer cells than there are columns."),
    "longer than 1000 characters": _("The note is longer than 1,000 characters."),
}
# After what was read in the cell, which stays as it is.
ENDINGS = {
    " is no e-mail address": _("%(cell)s is not an e-mail address."),
    " is not one of on_site, online, hybrid": _("%(cell)s is not one of on_site, online, hybrid."),
    ": no column email": _(
        "The column “email” is missing. Columns found: %(cell)s. Expected: email; if you like mode, wants_meetings, maximum_meetings, note."
    ),
    " is neither yes nor no": _("%(cell)s is neither yes nor no."),
    " is not a number from 1 to 100": _("%(cell)s is not a number from 1 to 100."),
}


def refusal_words(reason: str) -> str:
    """Return why a row is not taken; what is rare, such as a broken file, stays in English."""
    for ending, words in ENDINGS.items():
        if reason.endswith(ending):
            return str(words) % {"cell": reason.removesuffix(ending)}
    return str(WORDS.get(reason, reason))
