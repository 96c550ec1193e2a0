"""How a person wants the portal to look and speak."""

from django.db import transaction

from konnect.accounts.models import User
from konnect.accounts.services.wishes import plan_digests_anew


@transaction.atomic
def save_preferences(
    user: User,
    *,
    actor: User | None,
    language: str,
    time_zone: str,
    appearance: str,
) -> None:
    """Keep language, time zone and appearance; pages and mail follow them."""
    user.language = language
    user.time_zone = time_zone
    user.appearance = appearance
    user.save(update_fields=["language", "time_zone", "appearance"])
    # Summaries that wait follow the new zone.
    plan_digests_anew(user)


@transaction.atomic
def change_language(user: User, *, actor: User | None, language: str) -> None:
    """Keep the language that the person switched to."""
    user.language = language
    user.save(update_fields=["language"])
