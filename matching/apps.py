"""The matching application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    """Organisations, profiles, listings, suggestions, contacts."""

    name = "matching"
    verbose_name = _("Matching")
