"""Delivery of the outbox: claim a row, send it, say what became of it."""

import logging
import smtplib
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Lower, Now
from django.utils import timezone

from konnect.accounts.bounce_reports import refusal
from konnect.accounts.mail_parts import add_attachments, add_calendar
from konnect.accounts.models import DeliveryState, MailTrouble, MailTroubleKind, OutgoingEmail
from konnect.accounts.services.bounces import note_trouble, return_path

logger = logging.getLogger(__name__)

# Well below the lease, so that nobody else takes a message that is still being handed over.
SMTP_TIMEOUT_SECONDS = 20
FIRST_PAUSE = timedelta(seconds=30)
# django-environ's names of the settings, and the names of the mail backends' arguments.
DELIVERY_ARGUMENTS = {
    "EMAIL_HOST": "host",
    "EMAIL_PORT": "port",
    "EMAIL_HOST_USER": "username",
    "EMAIL_HOST_PASSWORD": "password",
    "EMAIL_USE_TLS": "use_tls",
    "EMAIL_USE_SSL": "use_ssl",
    "EMAIL_FILE_PATH": "file_path",
}


def deliver_due_mail() -> int:
    """Send every message whose time has come; return how many went out.

    Any number of workers may do this at the same time, and each of them may die at any point:
    a message that was claimed and not marked is due again when its lease ends.
    """
    bury_exhausted_mail()
    bury_undeliverable_mail()
    connection, sent = open_connection(), 0
    while message := claim_due_message():
        sent += deliver(message, connection)
    return sent


def bury_exhausted_mail() -> None:
    """Give up what was tried often enough, also where the worker died in the last try."""
    exhausted = OutgoingEmail.objects.due().filter(tries__gte=OutgoingEmail.MAXIMUM_TRIES)
    exhausted.update(state=DeliveryState.DEAD)


def bury_undeliverable_mail() -> None:
    """Give up what nobody waits for and what would come back again."""
    unwanted = OutgoingEmail.objects.due().filter(is_requested=False).filter(comes_back())
    unwanted.update(state=DeliveryState.DEAD, last_error="Mail to this address came back before.")


def comes_back() -> Exists:
    """Return whether mail to a message's address came back for good."""
    hard = MailTrouble.objects.filter(kind=MailTroubleKind.HARD)
    return Exists(hard.annotate(low=Lower("address")).filter(low=Lower(OuterRef("to"))))


@transaction.atomic
def claim_due_message() -> OutgoingEmail | None:
    """Lease the message that has been due for longest, so that no other worker takes it.

    A code that somebody waits for goes before ten thousand invitations.
    """
    due = OutgoingEmail.objects.due().filter(tries__lt=OutgoingEmail.MAXIMUM_TRIES)
    due = due.select_for_update(skip_locked=True).order_by("next_try_at", "pk")
    message = due.filter(is_requested=True).first() or due.first()
    if message is None:
        return None
    message.tries += 1
    OutgoingEmail.objects.filter(pk=message.pk).update(
        tries=F("tries") + 1, next_try_at=Now() + OutgoingEmail.LEASE
    )
    return message


def deliver(message: OutgoingEmail, connection: BaseEmailBackend) -> bool:
    """Hand a claimed message over; put off or bury it when that fails."""
    try:
        connection.send_messages([as_email(message)])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        record_failure(message, error)
        return False
    return mark_sent(message)


def mark_sent(message: OutgoingEmail) -> bool:
    """Write that the message is out of our hands."""
    waiting = OutgoingEmail.objects.filter(pk=message.pk, state=DeliveryState.WAITING)
    return bool(waiting.update(state=DeliveryState.SENT, sent_at=timezone.now(), last_error=""))


@transaction.atomic
def record_failure(message: OutgoingEmail, error: Exception) -> None:
    """Put the message off for longer each time, or give it up."""
    report = refusal(error)
    is_dead = message.tries >= OutgoingEmail.MAXIMUM_TRIES or report is not None
    logger.warning("E-mail %s was not delivered: %s", message.pk, type(error).__name__)
    OutgoingEmail.objects.filter(pk=message.pk, state=DeliveryState.WAITING).update(
        state=DeliveryState.DEAD if is_dead else DeliveryState.WAITING,
        next_try_at=Now() + pause_after(message.tries),
        last_error=f"{type(error).__name__}: {error}".replace("\0", "")[:500],
    )
    if report is not None:
        note_trouble(message.to, report)


def pause_after(tries: int) -> timedelta:
    """Return the wait before the next try: 30 s, 1 min, 2 min ... 32 min."""
    return FIRST_PAUSE * 2 ** (tries - 1)


def as_email(message: OutgoingEmail) -> EmailMultiAlternatives:
    """Return the row as a message; its id stays the same however often it is tried."""
    identity = f"<{message.created_at:%Y%m%d%H%M%S}.{message.pk}@{sending_host()}>"
    own = {
        "From": settings.DEFAULT_FROM_EMAIL,
        "Auto-Submitted": "auto-generated",
        "Message-ID": identity,
    }
    email = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        # The envelope's sender, where what does not arrive returns to.
        from_email=return_path(message) or settings.DEFAULT_FROM_EMAIL,
        to=[message.to],
        headers={**own, **message.headers},
    )
    if message.html:
        email.attach_alternative(message.html, "text/html")
    add_calendar(email, message.calendar)
    add_attachments(email, message.attachments)
    return email


def sending_host() -> str:
    """Return the host name of the portal."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def open_connection() -> BaseEmailBackend:
    """Return the way out that EMAIL_URL names; nothing leaves the demonstration.

    The line is opened and closed for each message: one that broke cannot spoil the next.
    """
    arguments = {
        argument: settings.DELIVERY[name]
        for name, argument in DELIVERY_ARGUMENTS.items()
        if settings.DELIVERY.get(name)
    }
    if arguments.get("host"):
        arguments["timeout"] = SMTP_TIMEOUT_SECONDS
    backend: BaseEmailBackend = get_connection(settings.DELIVERY["EMAIL_BACKEND"], **arguments)
    return backend
