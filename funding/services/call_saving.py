"""Writing calls: what officers type, part by part, while nothing is frozen.

Every change of a call that waits for approval takes back what was approved: people agree to what
they read. Two open windows never overwrite each other silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.forms_schema import default_schema, outline_schema
from funding.machines import OFFICER
from funding.models import Call, Form, FormKind, Mission
from funding.permissions import programmes_run_by, roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.ledger import record
from funding.services.people import person_of
from matching.models import Area
from matching.services.profiles import EditConflict

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from konnect.accounts.models import User

WRITTEN_IN = ("draft", "in_approval")
FROZEN = Blocker(
    "call_is_frozen",
    _("The call is approved: its rules are frozen. Publish an amendment, or reopen the call."),
)
EARLIER = Blocker(
    "call_never_closes_earlier",
    _("This call was approved before: it can close later than was promised, never earlier."),
)


def may_create_calls(user: User | AnonymousUser) -> bool:
    """Tell whether somebody may prepare calls: officers of some programme."""
    return user.is_authenticated and programmes_run_by(user).exists()


def version_of(call: Call) -> str:
    """Return what tells one saved state of a call from the next; '' for a new one."""
    return call.updated_at.isoformat() if call.pk else ""


@transaction.atomic
def create_call(call: Call, *, actor: User, columns: Mapping[str, Any]) -> Call:
    """Begin a call of a programme, with the standard forms.

    Raises:
        PermissionDenied: it is not the actor's programme.
    """
    for name, value in columns.items():
        setattr(call, name, value)
    if not programmes_run_by(actor).filter(pk=call.programme_id).exists():
        raise PermissionDenied
    call.created_by = actor
    call.save()
    set_form(call)
    record(call, "create", actor=person_of(actor), after={"state": call.state})
    return call


def set_form(call: Call) -> None:
    """Give a call the form of its step."""
    schema = outline_schema() if call.is_outline else default_schema()
    Form.objects.update_or_create(
        call=call, kind=FormKind.APPLICATION, defaults={"schema": schema}
    )


@transaction.atomic
def save_call(
    call: Call,
    *,
    actor: User,
    columns: Mapping[str, Any],
    areas: Iterable[Area] | None = None,
    missions: Iterable[Mission] | None = None,
    version: str | None = None,
) -> Call:
    """Write what was given and leave the rest.

    version: the state on which the change builds.

    Raises:
        EditConflict: `version` is given and is no longer the stored one.
        RefusedError: the call is frozen, or would close earlier than was once promised.
        PermissionDenied: the actor is not its programme officer.
    """
    stored = begin_change(call, actor=actor, version=version)
    check_promise(stored, columns)
    changed = [name for name, value in columns.items() if getattr(stored, name) != value]
    for name, value in columns.items():
        setattr(call, name, value)
    # Only these: the state belongs to `move`, which may have been faster.
    call.save(update_fields=[*columns, "updated_at"])
    if "is_outline" in changed:
        set_form(call)
    if areas is not None and set(areas) != set(call.areas.all()):
        call.areas.set(areas)
        changed.append("areas")
    if missions is not None and set(missions) != set(call.missions.all()):
        call.missions.set(missions)
        changed.append("missions")
    finish_change(call, changed, actor=actor)
    return call


def begin_change(call: Call, *, actor: User, version: str | None) -> Call:
    """Lock the stored row, and look whether it may be changed; return it.

    Raises:
        EditConflict, RefusedError, PermissionDenied: see `save_call`.
    """
    stored = Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if OFFICER not in roles_for(stored, actor):
        raise PermissionDenied
    if stored.state not in WRITTEN_IN:
        raise RefusedError([FROZEN])
    if version is not None and version_of(stored) != version:
        raise EditConflict
    return stored


def check_promise(stored: Call, columns: Mapping[str, Any]) -> None:
    """Refuse an earlier closing of a call that was approved once, and is open for changes again.

    Raises:
        RefusedError: it would close earlier.
    """
    closes_at = columns.get("closes_at", stored.closes_at)
    was_approved = stored.changes.filter(new_state="approved").exists()
    is_later = closes_at and stored.closes_at and closes_at >= stored.closes_at
    if was_approved and not is_later:
        raise RefusedError([EARLIER])


def finish_change(call: Call, changed: Iterable[str], *, actor: User) -> None:
    """Take back approvals of what reads otherwise now, and write into the ledger what changed."""
    names = sorted(changed)
    if not names:
        return
    call.approvals.all().delete()
    moment = timezone.now()
    Call.objects.filter(pk=call.pk).update(updated_at=moment)
    call.updated_at = moment
    record(call, "edit", actor=person_of(actor), after={"changed": names})
