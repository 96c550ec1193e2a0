"""What somebody wants to be told by e-mail, and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from konnect.accounts.mail_times import clock_of, mail_time
from konnect.accounts.models import (
    Consent,
    DeliveryState,
    Notification,
    NotificationPreference,
    OutgoingEmail,
    Rhythm,
    User,
)
from konnect.accounts.notifications import Kind, kind_named, kinds


@dataclass(frozen=True)
class Times:
    """When digests are written (0 to 23, 0 is Monday), and between which times nothing is sent."""

    digest_hour: int
    digest_weekday: int
    quiet_from: time | None = None
    quiet_until: time | None = None


def wish(user: User, kind: Kind) -> Rhythm:
    """Return how often somebody wants news of a kind; adverts need their consent as well."""
    if not kind.is_optional:
        return Rhythm.INSTANT
    if kind.consent and not Consent.objects.is_given(user, kind.consent):
        return Rhythm.OFF
    chosen = NotificationPreference.objects.filter(user=user, kind=kind.name)
    found = chosen.values_list("rhythm", flat=True).first()
    return Rhythm(found) if found else kind.default


def wishes(user: User) -> dict[str, Rhythm]:
    """Return the wish for every kind that can be switched off, consents not asked."""
    rows = NotificationPreference.objects.filter(user=user).values_list("kind", "rhythm")
    chosen = dict(rows)
    return {
        kind.name: Rhythm(chosen.get(kind.name, kind.default))
        for kind in kinds()
        if kind.is_optional
    }


@transaction.atomic
def save_wishes(
    user: User, *, actor: User | None, rhythms: Mapping[str, str], times: Times | None = None
) -> None:
    """Keep how often and when; what waits already follows.

    rhythms: by the name of a kind; kinds that are not named keep theirs.
    """
    if times is not None:
        save_times(user, times)
    # In one order, so that two who save at once never wait for each other.
    rows = [
        NotificationPreference(user=user, kind=name, rhythm=rhythm)
        for name, rhythm in sorted(rhythms.items())
    ]
    NotificationPreference.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["rhythm", "changed_at"],
    )
    drop_waiting_mail(user, [name for name, rhythm in rhythms.items() if rhythm == Rhythm.OFF])
    plan_digests_anew(user)


def save_times(user: User, times: Times) -> None:
    """Keep when mail may come."""
    columns = vars(times)
    for name, value in columns.items():
        setattr(user, name, value)
    user.save(update_fields=list(columns))


def drop_waiting_mail(user: User, names: Collection[str]) -> int:
    """Take out of the outbox what waits there of some kinds, held back by quiet hours for one."""
    if not names:
        return 0
    rows = Notification.objects.filter(user=user, kind__in=names)
    rows.filter(mailed_at=None).update(due_at=None)
    waiting = OutgoingEmail.objects.filter(
        state=DeliveryState.WAITING, tries=0, pk__in=rows.values("email")
    )
    return waiting.delete()[0]


def plan_digests_anew(user: User) -> None:
    """Give the news that waits for a digest its new time, or none."""
    chosen, waiting = wishes(user), waiting_for_digest(user)
    for name, own in set(waiting.values_list("kind", "rhythm")):
        kind = kind_named(name)
        wanted = chosen.get(name, Rhythm.INSTANT)
        clock = clock_of(user, is_advertising=bool(kind.consent))
        rhythm = own if own and wanted != Rhythm.OFF else wanted
        due_at = mail_time(clock, rhythm, timezone.now())
        waiting.filter(kind=name, rhythm=own).update(due_at=due_at)


def waiting_for_digest(user: User) -> QuerySet[Notification]:
    """Return somebody's news that no mail has told yet."""
    return Notification.objects.filter(user=user, mailed_at=None, due_at__isnull=False)


def follow_consents(*, user: User, choices: Mapping[str, bool], **options: Any) -> None:
    """Drop adverts that wait when their consent is taken back; begin anew when it is given."""
    for kind in kinds():
        if not kind.consent or kind.consent not in choices:
            continue
        if choices[kind.consent]:
            switched_off = NotificationPreference.objects.filter(user=user, kind=kind.name)
            switched_off.filter(rhythm=Rhythm.OFF).delete()
        else:
            drop_waiting_mail(user, [kind.name])
