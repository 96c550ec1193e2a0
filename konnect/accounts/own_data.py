"""What accounts hold of a person, for the copy that they may take with them."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import (
    ApiToken,
    AuditEvent,
    Consent,
    DataExport,
    Impersonation,
    MailTrouble,
    Notification,
    NotificationPreference,
    OutgoingEmail,
    RoleGrant,
    User,
)
from konnect.accounts.rights import Row, columns_of, exempt_from_export, register_export, table

# Whatever opens something: nobody needs it to know what is stored of them.
SECRETS = ("password", "digest", "session_key", "key", "headers", "deduplication_key")


def register_own_data() -> None:
    """Make everything that accounts hold a part of the copy."""
    for name, label, rows, models in PARTS:
        register_export(name, label, rows, models=models)
    exempt_from_export(
        {
            "account.EmailConfirmation": "a secret that proves an address, gone after use",
            "socialaccount.SocialToken": "a secret of another service; none is stored",
            "sessions.Session": "opens the account; its facts are among the sign-ins",
        }
    )


def account(user: User) -> list[Row]:
    """Return the account itself, without the password."""
    return [columns_of(user, leave_out=SECRETS)]


def addresses_of(user: User) -> set[str]:
    """Return every address that is the person's, also those not proven."""
    others = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    return {user.email, *others}


def written_to(user: User, column: str) -> Q:
    """Return the condition that a column holds one of the person's addresses."""
    condition = Q()
    for address in addresses_of(user):
        condition |= Q(**{f"{column}__iexact": address})
    return condition


def email_addresses(user: User) -> list[Row]:
    """Return the addresses that open the account."""
    return table(EmailAddress.objects.filter(user=user))


def sign_in_providers(user: User) -> list[Row]:
    """Return the accounts elsewhere that open this one."""
    return table(SocialAccount.objects.filter(user=user))


def second_factors(user: User) -> list[Row]:
    """Return which second factors there are, without their secrets."""
    return table(Authenticator.objects.filter(user=user), leave_out=["data"])


def sessions(user: User) -> list[Row]:
    """Return where the person is signed in."""
    return table(UserSession.objects.filter(user=user), leave_out=[*SECRETS, "data"])


def roles(user: User) -> list[Row]:
    """Return what the person may do beside being a researcher."""
    return table(RoleGrant.objects.filter(user=user), leave_out=["granted_by_id"])


def consents(user: User) -> list[Row]:
    """Return every line of the ledger."""
    return table(Consent.objects.filter(user=user))


def news(user: User) -> list[Row]:
    """Return the news that the person was told."""
    return table(Notification.objects.filter(user=user), leave_out=SECRETS)


def news_preferences(user: User) -> list[Row]:
    """Return how often the person wants which news."""
    return table(NotificationPreference.objects.filter(user=user))


def emails(user: User) -> list[Row]:
    """Return the messages to the person's addresses that have not been forgotten yet."""
    return table(
        OutgoingEmail.objects.filter(written_to(user, "to")).order_by("pk"),
        leave_out=[*SECRETS, "html"],
    )


def returned_emails(user: User) -> list[Row]:
    """Return what mail servers said of the person's addresses."""
    return table(MailTrouble.objects.filter(written_to(user, "address")))


def data_exports(user: User) -> list[Row]:
    """Return when copies were asked for."""
    return table(DataExport.objects.filter(user=user).defer("content"))


def api_tokens(user: User) -> list[Row]:
    """Return the keys for the person's programs, without what opens anything."""
    return table(ApiToken.objects.filter(user=user), leave_out=SECRETS)


def staff_access(user: User) -> list[Row]:
    """Return what staff read and did; who it was is between the operator and the staff."""
    lines = AuditEvent.objects.filter(subject=user).order_by("pk")
    read: list[Row] = [
        {"action": line.action, "reason": line.reason, "from": line.happened_at, "until": None}
        for line in lines
    ]
    borne = Impersonation.objects.filter(user=user)
    read += [
        {"action": "impersonation", "reason": each.reason, "from": each.started_at,
         "until": each.ended_at}
        for each in borne
    ]  # fmt: skip
    return read


def own_staff_acts(user: User) -> list[Row]:
    """Return what the person did as staff; of others, only that somebody was concerned."""
    acts = AuditEvent.objects.filter(actor=user).order_by("pk")
    noted: list[Row] = [
        {"action": act.action, "reason": act.reason, "when": act.happened_at} for act in acts
    ]
    made = Impersonation.objects.filter(administrator=user)
    noted += [
        {"action": "impersonation", "reason": each.reason, "when": each.started_at}
        for each in made
    ]
    entries = LogEntry.objects.filter(user=user).select_related("content_type").order_by("pk")
    noted += [
        {"action": f"administration: {entry.get_action_flag_display()} {entry.content_type}",
         "reason": "", "when": entry.action_time}
        for entry in entries
    ]  # fmt: skip
    return noted


PARTS = (
    ("account", _("Account"), account, ["accounts.User"]),
    ("email_addresses", _("E-mail addresses"), email_addresses, ["account.EmailAddress"]),
    (
        "sign_in_providers",
        _("Sign-in with other services"),
        sign_in_providers,
        ["socialaccount.SocialAccount"],
    ),
    ("second_factors", _("Second factors"), second_factors, ["mfa.Authenticator"]),
    ("sessions", _("Sign-ins"), sessions, ["usersessions.UserSession"]),
    ("roles", _("Roles"), roles, ["accounts.RoleGrant"]),
    ("consents", _("Consents"), consents, ["accounts.Consent"]),
    ("news", _("News"), news, ["accounts.Notification"]),
    (
        "news_preferences",
        _("Wishes about news"),
        news_preferences,
        ["accounts.NotificationPreference"],
    ),
    ("emails", _("E-mails to you"), emails, ["accounts.OutgoingEmail"]),
    ("returned_emails", _("Returned e-mails"), returned_emails, ["accounts.MailTrouble"]),
    ("data_exports", _("Copies of your data"), data_exports, ["accounts.DataExport"]),
    ("api_tokens", _("API tokens"), api_tokens, ["accounts.ApiToken"]),
    (
        "staff_access",
        _("What staff did with your data"),
        staff_access,
        ["accounts.AuditEvent", "accounts.Impersonation"],
    ),
    (
        "own_staff_acts",
        _("What you did as staff"),
        own_staff_acts,
        ["accounts.AuditEvent", "admin.LogEntry"],
    ),
)
