"""The outbox: every message is a row, written with the change that caused it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import timezone, translation

from konnect.accounts.doorbell import ring
from konnect.accounts.models import OutgoingEmail, User
from konnect.accounts.zones import zone_named

DELIVERY_TASK = "konnect.accounts.tasks.deliver_mail"


def queue_email(
    name: str,
    *,
    to: User,
    context: dict[str, object],
    deduplication_key: str | None = None,
    headers: Mapping[str, str] | None = None,
    not_before: datetime | None = None,
    mark: str = "",
    attachments: Sequence[Mapping[str, str]] = (),
) -> OutgoingEmail | None:
    """Store a message to a person in their language and time zone, and ring for its delivery.

    `headers` is for what only some messages carry, such as List-Unsubscribe; `not_before` holds
    the message back, in quiet hours for one; `mark` stands before the subject; `attachments` are
    made by `konnect.accounts.mail_parts.attachment`. Returns None when the key exists already, or
    when the account is closed.
    """
    if not to.is_active:
        return None
    columns = rendered(name, to, context) | {"to": to.email, "headers": dict(headers or {})}
    columns["subject"] = one_line(f"{mark}{columns['subject']}")
    columns["attachments"] = list(attachments)
    if not_before is not None:
        columns["next_try_at"] = not_before
    if deduplication_key is None:
        message, created = OutgoingEmail.objects.create(**columns), True
    else:
        message, created = OutgoingEmail.objects.get_or_create(
            deduplication_key=deduplication_key, defaults=columns
        )
    ring(DELIVERY_TASK)
    return message if created else None


def rendered(name: str, to: User, context: Mapping[str, object]) -> dict[str, object]:
    """Return subject, text and HTML of a message in the recipient's language and time zone."""
    words = {**context, "site_url": settings.SITE_URL, "recipient": to}
    with translation.override(to.language), timezone.override(zone_named(to.time_zone)):
        return {
            "subject": one_line(render_to_string(f"emails/{name}-subject.txt", words)),
            "text": render_to_string(f"emails/{name}-body.txt", words).strip() + "\n",
            "html": render_to_string(f"emails/{name}-body.html", words),
        }


def one_line(subject: str) -> str:
    """Return a subject that fits into one header and into its column."""
    return " ".join(subject.split())[:300]


class OutboxBackend(BaseEmailBackend):
    """Django's mail goes into the outbox; the worker delivers it.

    It is what people ask for at that moment: codes, new passwords, word of changed addresses.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store one row for each recipient."""
        rows = [outgoing(message, to) for message in email_messages for to in message.recipients()]
        OutgoingEmail.objects.bulk_create(rows)
        ring(DELIVERY_TASK)
        return len(email_messages)


def outgoing(message: EmailMessage, to: str) -> OutgoingEmail:
    """Return the outbox row of a message for one recipient."""
    alternatives = getattr(message, "alternatives", [])
    html = next((str(body) for body, kind in alternatives if kind == "text/html"), "")
    return OutgoingEmail(
        to=to,
        subject=one_line(str(message.subject)),
        text=str(message.body),
        html=html,
        headers=dict(message.extra_headers),
        is_requested=True,
    )
