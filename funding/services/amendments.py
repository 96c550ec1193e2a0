"""Changes of an approved call: numbered, public, told to everybody with an application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from funding.machines import OFFICER
from funding.models import Call, CallAmendment
from funding.permissions import roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.call_notices import AMENDMENT_TASK
from funding.services.call_saving import EARLIER
from funding.services.ledger import record
from funding.services.people import person_of
from konnect.accounts.doorbell import ring

if TYPE_CHECKING:
    from konnect.accounts.models import User

# What an amendment may change: words, and a later closing.
COLUMNS = (
    "summary_en", "summary_ko", "text_en", "text_ko", "contact_email", "closes_wall", "closes_at",
)  # fmt: skip
NOT_APPROVED = Blocker("not_approved", _("Only an approved call is amended."))
NOT_AMENDABLE = Blocker(
    "call_is_frozen",
    _("The rules of an approved call are frozen; reopen the call to change them."),
)


@transaction.atomic
def amend_call(
    call: Call, *, actor: User, text_en: str, text_ko: str, columns: Mapping[str, Any]
) -> CallAmendment:
    """Publish an amendment and write what it changes; the worker tells everybody who applies.

    text_en, text_ko: what changes, in words; columns: the new values, some of `COLUMNS`.

    Raises:
        PermissionDenied: the actor is not its programme officer.
        RefusedError: it is not approved, would close earlier, or its rules would change.
    """
    call.refresh_from_db(from_queryset=Call.objects.select_for_update(of=("self",)))
    if OFFICER not in roles_for(call, actor):
        raise PermissionDenied
    if found := refusals(call, columns):
        raise RefusedError(found)
    changed = {name: value for name, value in columns.items() if getattr(call, name) != value}
    before = {name: plain(getattr(call, name)) for name in changed}
    after = {name: plain(value) for name, value in changed.items()}
    number = (call.amendments.aggregate(last=Max("number"))["last"] or 0) + 1
    amendment = CallAmendment.objects.create(
        call=call, number=number, text_en=text_en, text_ko=text_ko, made_by=actor,
        columns={name: [before[name], after[name]] for name in changed},
    )  # fmt: skip
    for name, value in changed.items():
        setattr(call, name, value)
    call.save(update_fields=[*changed, "updated_at"])
    record(call, "amend", actor=person_of(actor), before=before, after=after | {"number": number})
    ring(AMENDMENT_TASK)
    return amendment


def refusals(call: Call, columns: Mapping[str, Any]) -> list[Blocker]:
    """Return what stands against an amendment of a call that is locked."""
    if call.state != "approved":
        return [NOT_APPROVED]
    if set(columns) - set(COLUMNS):
        return [NOT_AMENDABLE]
    closes_at = columns.get("closes_at", call.closes_at)
    is_earlier = not closes_at or (call.closes_at and closes_at < call.closes_at)
    return [EARLIER] if is_earlier else []


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return value.isoformat() if isinstance(value, datetime) else value
