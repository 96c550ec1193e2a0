"""Asking other places about oneself: beginning, dropping and forgetting a look."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from konnect.accounts.doorbell import ring
from matching.models import Profile, Source, SourceRequest, SourceRequestState
from matching.permissions.contacts import Blocker, RefusedError

if TYPE_CHECKING:
    from konnect.accounts.models import User

TASK = "matching.tasks.look_at_sources"
LOOKS_A_DAY = 30
DAY = timedelta(days=1)
# What was read and not taken over.
KEPT = timedelta(days=30)
# How long a taking can be undone.
UNDO_KEPT = timedelta(days=1)
OFTEN = Blocker(
    "often",
    _("You have looked at other sources very often today. Please go on tomorrow."),
)
NOT_OPEN = Blocker("not_open", _("This look is over: it was taken over or dropped already."))


@transaction.atomic
def ask_source(profile: Profile, *, actor: User, source: str, asked: str) -> SourceRequest:
    """Begin a look at a source; an open one of the same source makes room.

    Asking the same again while it is being fetched changes nothing.

    Raises:
        RefusedError: the person has asked very often today.
    """
    # Two windows ask one after the other.
    Profile.objects.select_for_update(of=("self",)).get(pk=profile.pk)
    return write_look(profile, actor=actor, source=source, asked=asked)


@transaction.atomic
def write_look(profile: Profile, *, actor: User, source: str, asked: str) -> SourceRequest:
    """Write the row; `ask_source` is the door.

    Raises:
        RefusedError: the person has asked very often today.
    """
    looks = profile.source_requests.filter(source=source)
    open_look = looks.open().first()
    if open_look and (open_look.state, open_look.asked) == (SourceRequestState.WAITING, asked):
        return open_look
    if profile.source_requests.filter(asked_at__gte=Now() - DAY).count() >= LOOKS_A_DAY:
        raise RefusedError([OFTEN])
    looks.open().update(**dropped())
    look = SourceRequest.objects.create(profile=profile, source=Source(source), asked=asked)
    ring(TASK)
    return look


def dropped() -> dict[str, object]:
    """Return the columns of a look that is over without anything being taken."""
    payload = {"asked": "", "found": [], "refused": []}
    return {"state": SourceRequestState.DROPPED, "ended_at": Now(), **payload}


@transaction.atomic
def drop_look(look: SourceRequest, *, actor: User) -> SourceRequest:
    """Throw away what was found, or stop waiting for it.

    Raises:
        RefusedError: it is over already.
    """
    rows = SourceRequest.objects.filter(pk=look.pk, state__in=SourceRequestState.open_states)
    if rows.update(**dropped()) != 1:
        raise RefusedError([NOT_OPEN])
    look.refresh_from_db()
    return look


@transaction.atomic
def forget_old_looks() -> int:
    """Delete what was read thirty days ago, and what undoing needed a day ago; return the rows.

    The newest taking of each source stays: it knows what the person left out on purpose.
    """
    old = SourceRequest.objects.filter(asked_at__lt=Now() - KEPT)
    open_ones = old.open().update(**dropped())
    newest = (
        SourceRequest.objects.filter(state=SourceRequestState.TAKEN)
        .order_by("profile_id", "source", "-asked_at", "-pk")
        .distinct("profile_id", "source")
        .values("pk")
    )
    over = old.filter(~Q(state__in=SourceRequestState.open_states)).exclude(pk__in=newest)
    finished = over.delete()[0]
    taken = SourceRequest.objects.filter(
        state=SourceRequestState.TAKEN, ended_at__lt=Now() - UNDO_KEPT, found__has_key="undo"
    )
    for look in taken:
        look.found = {"seen": look.found["seen"]}
    SourceRequest.objects.bulk_update(taken, ["found"], batch_size=500)
    return open_ones + finished + len(taken)
