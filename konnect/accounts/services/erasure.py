"""Erasing an account with everything that hangs on it, for good.

One transaction takes everything or nothing. It locks the account, then lets every application
part its own from what stays with others (`rights.erasing`), then deletes. Whoever else works on
the same rows never suffers: it is the erasure that gives up first, and begins again.

Afterwards three things are left: the number of the account, in a table and in a log beside the
database, by which a restored backup is cleaned again; and a letter of farewell, until it is
delivered.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from konnect.accounts.doorbell import ring
from konnect.accounts.mail import DELIVERY_TASK, rendered
from konnect.accounts.models import (
    AuditEvent,
    DeliveryState,
    ErasedAccount,
    MailTrouble,
    Notification,
    OutgoingEmail,
    User,
)
from konnect.accounts.rights import erasing, words_wanted
from konnect.accounts.scrubbing import Words, naming, scrub, scrub_letters
from konnect.accounts.services.erasure_log import note_in_log

logger = logging.getLogger(__name__)

TRIES = 8
# Below PostgreSQL's own search for deadlocks, which would end whoever it likes.
PATIENCE = "700ms"
FAREWELL = "farewell"
LETTER_COLUMNS = ("subject", "text", "html")


class ErasureBusyError(Exception):
    """Others worked on the person's rows all the time; nothing was deleted."""


def erase_account(
    user: User,
    *,
    keeps_messages: bool = True,
    says_farewell: bool = True,
    among: QuerySet[User] | None = None,
) -> int:
    """Erase a person; return how many rows were deleted, 0 when they are gone already.

    keeps_messages: what they wrote to their contacts stays there without their name; else the
    words go too. says_farewell: a last letter confirms it. among: only somebody who still is one
    of these, looked at when nobody else can change the account any more.

    Raises:
        ErasureBusyError: it was not possible now; everything is as it was.
    """
    wish = Wish(keeps_messages, says_farewell, User.objects.all() if among is None else among)
    if connection.in_atomic_block:
        return erase_at_once(user, wish)
    for pause in pauses():
        try:
            with transaction.atomic():
                give_up_first()
                return erase_at_once(user, wish)
        except OperationalError as error:
            logger.info("Erasure of account %s waits: %s", user.pk, type(error.__cause__).__name__)
            time.sleep(pause)
    raise ErasureBusyError


@dataclass(frozen=True)
class Wish:
    """How somebody is to be erased."""

    keeps_messages: bool
    says_farewell: bool
    among: QuerySet[User]


def pauses() -> Iterator[float]:
    """Yield the seconds to wait after each try that failed."""
    return (0.1 * number for number in range(1, TRIES + 1))


def give_up_first() -> None:
    """Wait for others' locks, in this transaction, for less time than they would for ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])


@transaction.atomic
def erase_at_once(user: User, wish: Wish) -> int:
    """Erase in this transaction."""
    locked = wish.among.select_for_update(of=("self",)).filter(pk=user.pk).first()
    if locked is None:
        return 0
    words = words_of(locked)
    with ledgers_open():
        erasing.send(User, user=locked, words=words, keeps_messages=wish.keeps_messages)
        # After the others: they write letters when they part something. The outbox is read once.
        rows = forget_letters(locked, words) + forget_sessions(locked)
        part_from_staff_records(locked, words)
        if wish.says_farewell:
            write_farewell(locked)
        number = locked.pk
        rows += locked.delete()[0]
    note_erased(number)
    return rows


@contextmanager
def ledgers_open() -> Iterator[None]:
    """Let an erasure change the ledgers of consents and of staff, which refuse all else."""
    switch_ledgers("on")
    yield
    switch_ledgers("off")


def switch_ledgers(state: str) -> None:
    """Say to the triggers, in this transaction, whether somebody is erased now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('konnect.erasing', %s, true)", [state])


def words_of(user: User) -> Words:
    """Return by which words texts of others may name the person."""
    named = words_wanted.send(User, user=user)
    return Words.of(chain(addresses_of(user), *(words or () for _app, words in named)))


def addresses_of(user: User) -> set[str]:
    """Return every address of the person, also those not proven."""
    others = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    return {user.email, *others}


def forget_letters(user: User, words: Words) -> int:
    """Delete the mail to the person, and take them out of mail and news to others.

    Delivered letters that name them go as a whole; in those on their way a gap is left.
    """
    own, troubles = Q(), Q()
    for address in addresses_of(user):
        own |= Q(to__iexact=address)
        troubles |= Q(address__iexact=address)
    rows = OutgoingEmail.objects.filter(own).delete()[0]
    rows += MailTrouble.objects.filter(troubles).delete()[0]
    ended = OutgoingEmail.objects.exclude(state=DeliveryState.WAITING)
    rows += naming(ended, LETTER_COLUMNS, words).delete()[0]
    scrub_letters(OutgoingEmail.objects.all(), LETTER_COLUMNS, words)
    scrub(Notification.objects.exclude(user=user), ("title_en", "title_ko"), words)
    return rows


def forget_sessions(user: User) -> int:
    """Delete the sessions of the person, on whichever device."""
    keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    keys += [
        session.session_key
        for session in unlisted_sessions()
        if session.get_decoded().get("_auth_user_id") == str(user.pk)
    ]
    return Session.objects.filter(session_key__in=keys).delete()[0]


def unlisted_sessions() -> Iterator[Session]:
    """Return the sessions that the list of people's sessions does not have; they are few."""
    listed = UserSession.objects.values("session_key")
    return Session.objects.exclude(session_key__in=listed).iterator()


def part_from_staff_records(user: User, words: Words) -> None:
    """Leave in the staff's records that something was done, and not to whom.

    What the person did as staff stays, with their address: that is what the ledger is for.
    """
    AuditEvent.objects.filter(subject=user).update(subject=None, target_id="", reason="", facts={})
    scrub(AuditEvent.objects.exclude(actor=user), ("reason",), words)
    scrub(LogEntry.objects.exclude(user=user), ("object_repr", "change_message"), words)


def write_farewell(user: User) -> None:
    """Write the last letter: the outbox forgets it when it is delivered."""
    if not user.is_active:
        return
    OutgoingEmail.objects.create(
        to=user.email,
        deduplication_key=f"{FAREWELL}:{user.pk}",
        **rendered("account_erased", user, {}),
    )
    ring(DELIVERY_TASK)


def forget_farewells() -> int:
    """Delete the last letters that are delivered, or cannot be; return how many."""
    ended = OutgoingEmail.objects.exclude(state=DeliveryState.WAITING)
    return ended.filter(deduplication_key__startswith=f"{FAREWELL}:").delete()[0]


def note_erased(number: int) -> None:
    """Keep the number, in the database and beside it."""
    ErasedAccount.objects.bulk_create([ErasedAccount(account_id=number)], ignore_conflicts=True)
    erased = ErasedAccount.objects.get(account_id=number)
    transaction.on_commit(lambda: note_in_log([erased]))
