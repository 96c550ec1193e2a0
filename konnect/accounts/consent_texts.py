"""What people agree to: the words, and the version that the ledger names.

Whoever changes the meaning of a text gives it a new version, so that the ledger keeps telling
which words a person saw.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import ConsentPurpose
from konnect.accounts.policies import PRIVACY, TERMS


@dataclass(frozen=True)
class ConsentText:
    """The words of one purpose, short enough to be read at the tick box."""

    purpose: ConsentPurpose
    version: str
    text: str | Promise
    consequence: str | Promise
    is_required: bool = False


CONSENT_TEXTS: dict[str, ConsentText] = {
    text.purpose: text
    for text in (
        ConsentText(
            purpose=ConsentPurpose.TERMS,
            version=TERMS.newest.name,
            text=_("I am at least 16 years old and I accept the terms of use."),
            consequence=_("Without this there can be no account."),
            is_required=True,
        ),
        ConsentText(
            purpose=ConsentPurpose.PRIVACY,
            version=PRIVACY.newest.name,
            text=_(
                "I agree that my e-mail address, my profile and my messages are stored and "
                "used to find partners, until I delete my account."
            ),
            consequence=_("Without this there can be no account."),
            is_required=True,
        ),
        ConsentText(
            purpose=ConsentPurpose.PUBLIC_PROFILE,
            version="2026-11",
            text=_(
                "Anybody on the web, in Europe, Korea and elsewhere, may see those parts of my "
                "profile that I mark as public."
            ),
            consequence=_("Without this only members see your profile."),
        ),
        ConsentText(
            purpose=ConsentPurpose.NEWSLETTER,
            version="2026-11",
            text=_("Send me news about calls and events by e-mail, at most twice a month."),
            consequence=_("Without this you still get messages about your own contacts."),
        ),
    )
}
