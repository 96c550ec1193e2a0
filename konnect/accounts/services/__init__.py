"""What may happen to accounts."""

from konnect.accounts.services.consents import record_consents
from konnect.accounts.services.delivery import deliver_due_mail
from konnect.accounts.services.erasure import erase_account
from konnect.accounts.services.heartbeats import record_heartbeat
from konnect.accounts.services.identities import verified_orcid
from konnect.accounts.services.preferences import change_language, save_preferences
from konnect.accounts.services.retention import forget_what_is_over
from konnect.accounts.services.roles import grant_role, revoke_role

__all__ = [
    "change_language",
    "deliver_due_mail",
    "erase_account",
    "forget_what_is_over",
    "grant_role",
    "record_consents",
    "record_heartbeat",
    "revoke_role",
    "save_preferences",
    "verified_orcid",
]
