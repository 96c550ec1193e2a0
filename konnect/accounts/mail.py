"""The outbox: every message is a row, written with the change that caused it."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from konnect.accounts.models import OutgoingEmail


class OutboxBackend(BaseEmailBackend):
    """Django's mail goes into the outbox; the worker delivers it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store one row for each recipient."""
        rows = [outgoing(message, to) for message in email_messages for to in message.to]
        OutgoingEmail.objects.bulk_create(rows)
        return len(email_messages)


def outgoing(message: EmailMessage, to: str) -> OutgoingEmail:
    """Return the outbox row of a message for one recipient."""
    alternatives = getattr(message, "alternatives", [])
    html = next((str(body) for body, kind in alternatives if kind == "text/html"), "")
    subject = " ".join(str(message.subject).split())
    return OutgoingEmail(to=to, subject=subject, text=str(message.body), html=html)
