"""People as accounts: sign-in, roles, consents, mail, news, rights, audit, heartbeats."""

from konnect.accounts.models.audit import AuditEvent, Impersonation
from konnect.accounts.models.consent import (
    Consent,
    ConsentChannel,
    ConsentPurpose,
    ConsentQuerySet,
)
from konnect.accounts.models.heartbeat import Heartbeat
from konnect.accounts.models.mail import (
    DeliveryState,
    MailTrouble,
    MailTroubleKind,
    OutgoingEmail,
    OutgoingEmailQuerySet,
)
from konnect.accounts.models.notification import Notification, NotificationPreference, Rhythm
from konnect.accounts.models.rights import (
    ApiToken,
    ApiTokenScope,
    DataExport,
    DataExportState,
    ErasedAccount,
)
from konnect.accounts.models.role import Role, RoleGrant, Scope
from konnect.accounts.models.user import (
    Appearance,
    Dormancy,
    Language,
    User,
    UserManager,
    validate_time_zone,
)

__all__ = [
    "ApiToken", "ApiTokenScope", "Appearance", "AuditEvent", "Consent", "ConsentChannel",
    "ConsentPurpose", "ConsentQuerySet", "DataExport", "DataExportState", "DeliveryState",
    "Dormancy", "ErasedAccount", "Heartbeat", "Impersonation", "Language", "MailTrouble",
    "MailTroubleKind", "Notification", "NotificationPreference", "OutgoingEmail",
    "OutgoingEmailQuerySet", "Rhythm", "Role", "RoleGrant", "Scope", "User", "UserManager",
    "validate_time_zone",
]  # fmt: skip
