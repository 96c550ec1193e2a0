"""Mail that comes back: whose it was, whether for good, and what follows.

A returned message is believed only when it came to the return path that the portal gave that one
message: its number, signed. So nobody can stop another person's mail by writing a report.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable
from email.message import Message
from email.utils import getaddresses, parseaddr

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _

from konnect.accounts.bounce_reports import COMPLAINT, HARD, LATE, Report, report_in
from konnect.accounts.models import DeliveryState, MailTrouble, OutgoingEmail, Rhythm, User
from konnect.accounts.services.notifications import put_on_site
from konnect.accounts.services.wishes import save_wishes, wishes

SIGNED_PART = re.compile(r"\+(\d{1,18})-([a-z2-7]{16})@", re.IGNORECASE)
# Where mail servers write whom a message was for.
RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


def return_path(message: OutgoingEmail) -> str:
    """Return the envelope's sender of one message; "" when no address for returns is set."""
    name, at, host = parseaddr(settings.BOUNCE_ADDRESS)[1].rpartition("@")
    return f"{name}+{message.pk}-{signature(message.pk)}@{host}" if at else ""


def signature(pk: int) -> str:
    """Return 80 bits that only we can make, in letters that survive a change of case."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"returned-mail:{pk}".encode(), "sha256")
    return base64.b32encode(digest.digest()[:10]).decode().lower()


def returned_message(addresses: Iterable[str]) -> OutgoingEmail | None:
    """Return the message whose return path is among these addresses, None when none is ours."""
    for address in addresses:
        found = SIGNED_PART.search(address)
        if found and hmac.compare_digest(signature(int(found[1])), found[2].lower()):
            return OutgoingEmail.objects.filter(pk=int(found[1])).first()
    return None


def recipients_of(mail: Message) -> list[str]:
    """Return the addresses that a received mail was for."""
    lines = [str(line) for name in RECIPIENT_HEADERS for line in mail.get_all(name, [])]
    return [address for _name, address in getaddresses(lines)]


@transaction.atomic
def take_back(mail: Message, *, recipient: str = "") -> str:
    """Note what a received mail reports; return in a word what it was.

    recipient: the envelope's, if the mail server tells it; else the headers are looked at.

    Returns "hard", "soft", "complaint", "late", "known" (reported before), "foreign" (not to a
    return path of ours) or "unread" (nothing that can be read as a report: an absence note).
    """
    message = returned_message([recipient] if recipient else recipients_of(mail))
    if message is None:
        return "foreign"
    report = report_in(mail)
    if report is None:
        return "unread"
    if report.kind == LATE:
        return LATE
    return report.kind if bury(message, report) else "known"


def bury(message: OutgoingEmail, report: Report) -> bool:
    """Mark a message as returned and note the trouble; false when that was done before."""
    alive = OutgoingEmail.objects.filter(pk=message.pk).exclude(state=DeliveryState.DEAD)
    words = one_line(f"returned: {report.reason}")
    if not alive.update(state=DeliveryState.DEAD, sent_at=None, last_error=words):
        return False
    note_trouble(message.to, report)
    return True


@transaction.atomic
def note_trouble(address: str, report: Report) -> None:
    """Count trouble of an address, and act on what is for good."""
    trouble, is_new = MailTrouble.objects.get_or_create(
        address__iexact=address,
        kind=report.kind,
        defaults={"address": address, "reason": one_line(report.reason)},
    )
    if not is_new:
        again = MailTrouble.objects.filter(pk=trouble.pk)
        again.update(count=F("count") + 1, last_at=Now(), reason=one_line(report.reason))
    user = User.objects.filter(email__iexact=address).first()
    if user is not None:
        follow_trouble(user, trouble)


def follow_trouble(user: User, trouble: MailTrouble) -> None:
    """Tell the person on the site what is for good; a complaint ends all mail that can be ended."""
    if trouble.kind == HARD:
        tell_of_trouble(user, trouble)
    elif trouble.kind == COMPLAINT:
        save_wishes(user, actor=None, rhythms=dict.fromkeys(wishes(user), Rhythm.OFF))


def tell_of_trouble(user: User, trouble: MailTrouble) -> None:
    """Tell somebody on the site that their address takes no mail."""
    put_on_site(
        user,
        "account",
        key=f"mail_trouble:{trouble.pk}",
        title=lambda: (
            _("E-mails to %(address)s come back. Please check the address.")
            % {"address": trouble.address}
        ),
        address=reverse("accounts:notifications"),
    )


def trouble_of(user: User) -> MailTrouble | None:
    """Return why somebody gets no mail at present, None when nothing stands in the way."""
    return MailTrouble.objects.filter(address__iexact=user.email, kind=HARD).first()


@transaction.atomic
def trust_again(user: User, *, actor: User | None) -> int:
    """Send mail to somebody's address again, because they say that it works; return the rows."""
    troubles = MailTrouble.objects.filter(address__iexact=user.email)
    return troubles.exclude(kind=COMPLAINT).delete()[0]


def one_line(words: str) -> str:
    """Return words that fit into a column."""
    return " ".join(words.replace("\0", "").split())[:500]
