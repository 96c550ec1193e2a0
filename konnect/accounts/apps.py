"""The accounts application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, their roles, consents and mail."""

    name = "konnect.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
