"""A person's copy of their data: asked for with a click, made by the worker, gone after a week."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext

from konnect.accounts.archive import archive
from konnect.accounts.doorbell import ring
from konnect.accounts.models import DataExport, DataExportState, User
from konnect.accounts.services.notifications import notify

logger = logging.getLogger(__name__)

EXPORT_TASK = "konnect.accounts.tasks.make_exports"
MAXIMUM_TRIES = 3
# While one worker makes a copy, no other one takes it up; a killed one costs this time.
LEASE = timedelta(minutes=10)
PAUSE = timedelta(minutes=1)


@transaction.atomic
def ask_export(user: User, *, actor: User | None) -> DataExport:
    """Ask for a copy; whoever asks twice, also at once, waits for one and the same."""
    try:
        with transaction.atomic():
            DataExport.objects.filter(user=user, state=DataExportState.FAILED).delete()
            export = DataExport.objects.create(user=user)
    except IntegrityError:
        # The other click was faster; the newest is what it asked for, be it ready already.
        return DataExport.objects.filter(user=user).latest("pk")
    ring(EXPORT_TASK)
    return export


def make_due_exports() -> int:
    """Make every copy that is waited for; return how many are ready now.

    Any number of workers may do this at the same time, and each may die at any point.
    """
    give_up_exhausted_exports()
    made = 0
    while export := claim_due_export():
        made += make_export(export)
    return made


def give_up_exhausted_exports() -> None:
    """Give up what was tried often enough, also where the worker died in the last try."""
    waiting = DataExport.objects.filter(state=DataExportState.WAITING)
    exhausted = waiting.filter(tries__gte=MAXIMUM_TRIES, next_try_at__lte=Now())
    exhausted.update(state=DataExportState.FAILED)


@transaction.atomic
def claim_due_export() -> DataExport | None:
    """Lease the copy that has waited for longest, so that no other worker takes it."""
    waiting = DataExport.objects.filter(state=DataExportState.WAITING, next_try_at__lte=Now())
    due = waiting.filter(tries__lt=MAXIMUM_TRIES).order_by("asked_at", "pk")
    export = due.select_for_update(skip_locked=True, of=("self",)).select_related("user").first()
    if export is None:
        return None
    export.tries += 1
    DataExport.objects.filter(pk=export.pk).update(tries=F("tries") + 1, next_try_at=Now() + LEASE)
    return export


def make_export(export: DataExport) -> bool:
    """Make one copy and tell the person; whatever fails is tried again, then given up."""
    try:
        content = archive(export.user)
    except Exception:
        logger.exception("Copy %s could not be made.", export.pk)
        put_off(export)
        return False
    return finish_export(export, content)


@transaction.atomic
def finish_export(export: DataExport, content: bytes) -> bool:
    """Store the copy, unless the person was erased meanwhile; earlier copies make room."""
    waiting = DataExport.objects.filter(pk=export.pk, state=DataExportState.WAITING)
    if not waiting.update(
        state=DataExportState.READY,
        ready_at=Now(),
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    ):
        return False
    earlier = DataExport.objects.filter(user=export.user, state=DataExportState.READY)
    earlier.exclude(pk=export.pk).delete()
    notify(
        export.user,
        "account",
        key=f"data_export:{export.pk}",
        title=lambda: gettext("Your copy of your data is ready"),
        address=reverse("accounts:my_data"),
        letter="data_export_ready",
        context={"export": export, "days": DataExport.KEPT.days},
    )
    return True


def put_off(export: DataExport) -> None:
    """Try again soon, or give up."""
    waiting = DataExport.objects.filter(pk=export.pk, state=DataExportState.WAITING)
    if export.tries >= MAXIMUM_TRIES:
        waiting.update(state=DataExportState.FAILED)
    else:
        waiting.update(next_try_at=Now() + PAUSE * export.tries)
