"""The consent ledger: lines are added, never changed."""

from collections.abc import Mapping

from django.db import transaction
from django.dispatch import Signal

from konnect.accounts.consent_texts import CONSENT_TEXTS
from konnect.accounts.models import Consent, User

# Sent in the same transaction, with `user` and `choices`: what stands to the right obeys it.
consents_recorded = Signal()


@transaction.atomic
def record_consents(
    user: User, *, choices: Mapping[str, bool], channel: str, language: str
) -> list[Consent]:
    """Add one line for each purpose: given or refused, in which words, language and place."""
    lines = [
        Consent(
            user=user,
            purpose=purpose,
            is_given=is_given,
            text_version=CONSENT_TEXTS[purpose].version,
            language=language,
            channel=channel,
        )
        for purpose, is_given in choices.items()
    ]
    written = Consent.objects.bulk_create(lines)
    consents_recorded.send(sender=Consent, user=user, choices=choices)
    return written
