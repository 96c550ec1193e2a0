"""The kinds of news that there are: what each is called, and how often it is sent by default.

Applications register their kinds in `AppConfig.ready`; news is told by
`konnect.accounts.services.notifications.notify`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models.notification import Rhythm

Words = str | Promise


@dataclass(frozen=True)
class Kind:
    """One kind of news.

    name: what rows and addresses call it; label: what the settings call it; default: how often
    it is sent to somebody who has not chosen; is_optional: whether it can be switched off;
    reason: the sentence of a mail that says why one gets it; consent: the purpose that somebody
    must have agreed to before any mail of this kind, which makes it advertising; own_rhythms: what
    to call it when each thing of the kind has a rhythm of its own, so that the settings only
    offer that or nothing.
    """

    name: str
    label: Words
    default: Rhythm
    is_optional: bool = True
    reason: Words = ""
    consent: str = ""
    own_rhythms: Words = ""

    def choices(self) -> list[tuple[str, Words]]:
        """Return how often one may get it."""
        if not self.own_rhythms:
            return list(Rhythm.choices)
        return [(self.default, self.own_rhythms), (Rhythm.OFF, Rhythm.OFF.label)]

    def shown(self, rhythm: str) -> str:
        """Return which of the choices a stored wish is."""
        if self.own_rhythms and rhythm != Rhythm.OFF:
            return self.default
        return rhythm


REGISTER: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make kinds known, in the order in which the settings show them; twice does no harm."""
    REGISTER.update({kind.name: kind for kind in kinds})


def kinds() -> tuple[Kind, ...]:
    """Return every kind that is known."""
    return tuple(REGISTER.values())


def kind_named(name: str) -> Kind:
    """Return the kind of this name.

    Raises:
        KeyError: nobody registered it.
    """
    return REGISTER[name]


ACCOUNT = Kind(
    "account",
    _("My account and its security"),
    Rhythm.INSTANT,
    is_optional=False,
    reason=_(
        "You receive this message because it concerns the security or the data of your account."
    ),
)
ANNOUNCEMENT = Kind(
    "announcement",
    _("News about calls and events"),
    Rhythm.INSTANT,
    reason=_("You receive this message because you agreed to news about calls and events."),
    consent="newsletter",
)
