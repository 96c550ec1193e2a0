"""Accounts that nobody uses: asked, then hidden, then deleted, each with a letter.

Every step waits for its time since the step before it, so nobody is hidden without having been
asked, or deleted without having been hidden for long. Whoever signs in is as they were.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from konnect.accounts.mail import queue_email
from konnect.accounts.models import ApiToken, Dormancy, User
from konnect.accounts.presence import today
from konnect.accounts.rights import came_back, hidden_for_absence
from konnect.accounts.services.erasure import ErasureBusyError, erase_account

BATCH = 200
DAYS_A_MONTH = 365.25 / 12
# Before an account is deleted, its owner gets a last word.
LAST_WORD = timedelta(days=30)


def months(name: str) -> timedelta:
    """Return one of the times that the settings name, in whole days."""
    return timedelta(days=round(settings.DORMANCY_MONTHS[name] * DAYS_A_MONTH))


def absent() -> QuerySet[User]:
    """Return those whose absence is looked after: not staff, nor whose programs come for them."""
    used = ApiToken.objects.filter(user=OuterRef("pk"), last_used_at__gt=Now() - months("asked"))
    return User.objects.filter(~Exists(used), is_staff=False)


def to_ask() -> QuerySet[User]:
    """Return those who have not been here for so long that they are asked."""
    day = today() - months("asked")
    never = Q(last_seen_on=None, joined_at__date__lte=day)
    return absent().filter(Q(last_seen_on__lte=day) | never, dormancy=Dormancy.NONE)


def to_hide() -> QuerySet[User]:
    """Return those who were asked and did not come."""
    waited = timezone.now() - (months("hidden") - months("asked"))
    return absent().filter(dormancy=Dormancy.ASKED, dormancy_since__lte=waited)


def to_warn() -> QuerySet[User]:
    """Return those who will be deleted soon."""
    waited = timezone.now() - (months("deleted") - months("hidden")) + LAST_WORD
    return absent().filter(dormancy=Dormancy.HIDDEN, dormancy_since__lte=waited)


def to_delete() -> QuerySet[User]:
    """Return those who were hidden and did not come."""
    waited = timezone.now() - (months("deleted") - months("hidden"))
    return absent().filter(dormancy=Dormancy.HIDDEN, dormancy_since__lte=waited)


def look_after_absent() -> dict[str, int]:
    """Do every step that is due; return how many people each one met.

    Any number of workers may do this at once: each takes people whom no other one holds.
    """
    return {
        "deleted": delete_absent(),
        "warned": warn_absent(),
        "hidden": hide_absent(),
        "asked": ask_absent(),
    }


@transaction.atomic
def ask_absent() -> int:
    """Ask people whether they want to stay."""
    found = claimed(to_ask())
    for user in found:
        step(user, Dormancy.ASKED, "dormancy_asked")
    return len(found)


@transaction.atomic
def hide_absent() -> int:
    """Hide people from others; their data stays for when they come."""
    found = claimed(to_hide())
    for user in found:
        step(user, Dormancy.HIDDEN, "dormancy_hidden")
        hidden_for_absence.send(User, user=user)
    return len(found)


@transaction.atomic
def warn_absent() -> int:
    """Say when the account will be deleted; once an absence, by the key of the letter."""
    return sum(write(user, "dormancy_last_word") for user in claimed(to_warn()))


def delete_absent() -> int:
    """Erase people, each in a transaction of their own."""
    return sum(delete_if_absent(user) for user in to_delete().order_by("pk")[:BATCH])


def delete_if_absent(user: User) -> bool:
    """Erase one person, unless they came back a moment ago or others work on their rows."""
    try:
        return erase_account(user, among=to_delete()) > 0
    except ErasureBusyError:
        return False


def claimed(people: QuerySet[User]) -> list[User]:
    """Lock people whom no other worker holds; who came back meanwhile is not among them."""
    free = people.select_for_update(skip_locked=True, of=("self",))
    return list(free.order_by("pk")[:BATCH])


def step(user: User, dormancy: Dormancy, letter: str) -> None:
    """Note the step, and write its letter."""
    user.dormancy, user.dormancy_since = dormancy, timezone.now()
    User.objects.filter(pk=user.pk).update(dormancy=dormancy, dormancy_since=Now())
    write(user, letter)


def write(user: User, letter: str) -> bool:
    """Write a letter about an absence, once an absence."""
    since = user.last_seen_on or user.joined_at.date()
    context: dict[str, object] = {"since": since, "deleted_on": deleted_on(user)}
    key = f"{letter}:{user.pk}:{since:%Y-%m-%d}"
    return queue_email(letter, to=user, context=context, deduplication_key=key) is not None


def deleted_on(user: User) -> date:
    """Return the day on which the account will be deleted if nobody comes."""
    step_from = "asked" if user.dormancy == Dormancy.ASKED else "hidden"
    since = user.dormancy_since or timezone.now()
    return (since + (months("deleted") - months(step_from))).date()


@transaction.atomic
def welcome_back(user: User) -> None:
    """Undo what absence brought; `last_seen_on` is written along."""
    user.dormancy, user.dormancy_since = Dormancy.NONE, None
    User.objects.filter(pk=user.pk).update(
        dormancy=Dormancy.NONE, dormancy_since=None, last_seen_on=today()
    )
    came_back.send(User, user=user)
