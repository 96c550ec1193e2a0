"""Seeing the portal as somebody else: with a reason, for a short time, and never in secret."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Impersonation, User
from konnect.accounts.permissions import is_administrator
from konnect.accounts.services.audit import record
from konnect.accounts.services.notifications import notify

LONGEST = timedelta(minutes=30)


class ImpersonationRefusedError(Exception):
    """Nobody may be seen this way; `args[0]` says why in words."""


@transaction.atomic
def begin_impersonation(user: User, *, actor: User, reason: str) -> Impersonation:
    """Note that an administrator sees the portal as a person, and tell the person.

    Raises:
        ImpersonationRefusedError: the actor may not, or the person is of the staff or closed.
    """
    check_impersonation(user, actor)
    end_impersonations(actor)
    try:
        with transaction.atomic():
            row = Impersonation.objects.create(administrator=actor, user=user, reason=reason)
    except IntegrityError as error:
        raise ImpersonationRefusedError(_("You see the portal as somebody already.")) from error
    record(actor, "impersonation.begun", subject=user, target=row, reason=reason)
    notify(
        user,
        "account",
        key=f"impersonation:{row.pk}",
        title=_("A member of our staff looked at the portal as you"),
        address=reverse("accounts:impersonations"),
        letter="impersonation",
        context={"impersonation": row, "minutes": LONGEST.seconds // 60},
    )
    return row


def check_impersonation(user: User, actor: User) -> None:
    """Refuse whoever may not look, and whoever may not be looked at.

    Raises:
        ImpersonationRefusedError: with the reason in words.
    """
    if not is_administrator(actor):
        raise ImpersonationRefusedError(_("Only administrators may see the portal as somebody."))
    if user.is_staff or user.is_superuser or is_administrator(user):
        raise ImpersonationRefusedError(_("Nobody may see the portal as a member of the staff."))
    if not user.is_active:
        raise ImpersonationRefusedError(_("This account is closed."))


@transaction.atomic
def end_impersonation(row: Impersonation) -> bool:
    """Note that it is over; false when it was already."""
    ended = Impersonation.objects.filter(pk=row.pk, ended_at=None).update(ended_at=Now())
    if ended:
        record(row.administrator, "impersonation.ended", subject=row.user, target=row)
    return bool(ended)


def end_impersonations(administrator: User) -> None:
    """End what a closed browser left open."""
    for row in Impersonation.objects.filter(administrator=administrator, ended_at=None):
        end_impersonation(row)


def live_impersonation(pk: int) -> Impersonation | None:
    """Return one that is neither ended nor too old, of an administrator who still is one."""
    rows = Impersonation.objects.select_related("administrator", "user")
    row = rows.filter(pk=pk, ended_at=None, started_at__gt=Now() - LONGEST).first()
    return row if row is not None and is_administrator(row.administrator) else None
