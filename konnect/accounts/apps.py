"""The accounts application."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, their roles, consents and mail."""

    default = True
    name = "konnect.accounts"
    label = "accounts"
    verbose_name = _("Accounts")


class PortalAdminConfig(admin_apps.AdminConfig):
    """The administration, entered by the portal's own sign-in."""

    default = False
    default_site = "konnect.accounts.administration.PortalAdminSite"
