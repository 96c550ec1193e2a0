"""How a person wants the portal to look and speak."""

from django.db import transaction

from konnect.accounts.models import User


@transaction.atomic
def save_preferences(
    user: User,
    *,
    actor: User | None,
    language: str,
    time_zone: str,
    appearance: str,
    mails_about_contacts: bool = True,
) -> None:
    """Keep language, time zone, appearance and wanted mail; pages and mail follow them."""
    user.language = language
    user.time_zone = time_zone
    user.appearance = appearance
    user.mails_about_contacts = mails_about_contacts
    user.save(update_fields=["language", "time_zone", "appearance", "mails_about_contacts"])


@transaction.atomic
def change_language(user: User, *, actor: User | None, language: str) -> None:
    """Keep the language that the person switched to."""
    user.language = language
    user.save(update_fields=["language"])
