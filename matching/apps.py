"""The matching application."""

from collections.abc import Mapping
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    """Organisations, profiles, listings, suggestions, contacts."""

    name = "matching"
    verbose_name = _("Matching")

    def ready(self) -> None:
        """Have the vocabulary written whenever the tables are new or were emptied; obey consents."""
        post_migrate.connect(write_vocabulary, sender=self)
        consents = import_string("konnect.accounts.services.consents.consents_recorded")
        consents.connect(follow_consents)


def write_vocabulary(*, using: str, apps: Any = None, **options: Any) -> None:
    """Load areas and topics after a migration or a flush."""
    if apps is None or "topic" in apps.all_models["matching"]:
        import_string("matching.services.vocabulary.load_vocabulary")(using=using)


def follow_consents(*, user: Any, choices: Mapping[str, bool], **options: Any) -> None:
    """Open or close a profile to the web when that consent is given or taken back."""
    import_string("matching.services.profiles.follow_consents")(user, choices=choices)
