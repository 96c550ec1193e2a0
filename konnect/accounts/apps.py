"""The accounts application."""

from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.auth.signals import user_logged_in
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, their roles, consents and mail."""

    default = True
    name = "konnect.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Make known which news there is of accounts."""
        news = "konnect.accounts.notifications"
        register = import_string(f"{news}.register")
        register(import_string(f"{news}.ACCOUNT"), import_string(f"{news}.ANNOUNCEMENT"))
        consents = import_string("konnect.accounts.services.consents.consents_recorded")
        consents.connect(follow_consents)
        user_logged_in.connect(warn_at_sign_in)
        import_string("konnect.accounts.own_data.register_own_data")()
        user_logged_in.connect(import_string("konnect.accounts.presence.notice_sign_in"))
        user_logged_in.connect(note_policy_changes)


class PortalAdminConfig(admin_apps.AdminConfig):
    """The administration, entered by the portal's own sign-in."""

    default = False
    default_site = "konnect.accounts.administration.PortalAdminSite"


def follow_consents(**choices: Any) -> None:
    """Send no more adverts to somebody who takes that consent back."""
    import_string("konnect.accounts.services.wishes.follow_consents")(**choices)


def note_policy_changes(**facts: Any) -> None:
    """Remember at sign-in that a policy changed."""
    import_string("konnect.accounts.services.policy_changes.note_changes")(**facts)


def warn_at_sign_in(**signed_in: Any) -> None:
    """Tell those whose address takes no mail."""
    import_string("konnect.accounts.returned.warn_at_sign_in")(**signed_in)
