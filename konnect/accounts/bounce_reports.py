"""Reading what mail servers report of a message that did not arrive (RFC 3464, RFC 3463, RFC 5965)."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

HARD, SOFT, COMPLAINT, LATE = "hard", "soft", "complaint", "late"
# Failures that speak of the address itself. A full mailbox (5.2.2), a letter that is too long or
# a refusal of its content (5.7) may be over tomorrow.
HARD_STATUS = re.compile(r"5\.(?:0\.0|1\.\d{1,3}|2\.1|4\.4)")
STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
# Answers to RCPT that mean "there is nobody of this name" where no status says more.
HARD_ANSWERS = {550, 551, 553}
# What a server says that refuses us and not the address.
REFUSES_SENDER = re.compile(r"relay|polic|spam|block|denied|authenticat|reputation", re.IGNORECASE)


@dataclass(frozen=True)
class Report:
    """What is said of one message: hard, soft, complaint or late, and the server's own words."""

    kind: str
    reason: str


def report_in(mail: Message) -> Report | None:
    """Return what a mail reports, None when it is no report that can be read."""
    for part in mail.walk():
        if part.get_content_type() == "message/feedback-report":
            return complaint_in(part)
        if part.get_content_type() == "message/delivery-status":
            return failure_in(part)
    return None


def complaint_in(part: Message) -> Report | None:
    """Return the complaint of a reader who pressed the button against unwanted mail."""
    kinds = [field(block, "Feedback-Type").lower() for block in blocks_of(part)]
    return Report(COMPLAINT, "abuse") if "abuse" in kinds else None


def failure_in(part: Message) -> Report | None:
    """Return the failure of the first recipient that has one, else that it is late."""
    reports = [found for block in blocks_of(part) if (found := recipient_report(block))]
    failures = [report for report in reports if report.kind != LATE]
    return next(iter(failures or reports), None)


def blocks_of(part: Message) -> Iterator[Message]:
    """Yield the groups of fields of a report."""
    payload = part.get_payload()
    yield from (
        (block for block in payload if isinstance(block, Message))
        if isinstance(payload, list)
        else ()
    )


def recipient_report(block: Message) -> Report | None:
    """Return what one group of fields says of its recipient."""
    action, status = field(block, "Action").lower(), field(block, "Status")
    reason = f"{status} {field(block, 'Diagnostic-Code')}".strip()
    if action == "delayed":
        return Report(LATE, reason)
    if action != "failed":
        return None
    return Report(HARD if HARD_STATUS.match(status) else SOFT, reason)


def field(block: Message, name: str) -> str:
    """Return a field's text in one line without comments, "" when it is missing."""
    return " ".join(re.sub(r"\(.*?\)", "", str(block.get(name, ""))).split())


def refusal(error: Exception) -> Report | None:
    """Return what a server said that will never take this message, None for any other trouble."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return None
    answers = [(code, words_of(text)) for code, text in error.recipients.values()]
    if not answers or not all(500 <= code < 600 for code, _ in answers):
        return None
    code, words = answers[0]
    return Report(HARD if is_about_address(code, words) else SOFT, f"{code} {words}")


def words_of(text: bytes | str) -> str:
    """Return a server's answer as text, whatever bytes it sent."""
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)


def is_about_address(code: int, words: str) -> bool:
    """Tell whether a final refusal speaks of the address and not of us or our letter."""
    if status := STATUS.search(words):
        return bool(HARD_STATUS.match(status[0]))
    return code in HARD_ANSWERS and not REFUSES_SENDER.search(words)
