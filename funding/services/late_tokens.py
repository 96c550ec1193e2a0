"""Leave to submit after closing: one applicant, given by one officer and agreed to by a second."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funding.machines import FUNDER, OFFICER
from funding.models import Application, Call, LateToken
from funding.permissions import roles_for
from funding.phases import database_now
from funding.refusing import Blocker, RefusedError
from funding.services.lead_news import tell_lead
from funding.services.ledger import record
from funding.services.people import person_of
from funding.services.windows import TAKES_LATE

if TYPE_CHECKING:
    from konnect.accounts.models import User

NOT_NOW = Blocker(
    "call_takes_nothing_late", gettext_lazy("This call has gone too far to take anything late.")
)
SAME_PERSON = Blocker(
    "same_person",
    gettext_lazy("A second officer must agree: somebody other than the one who gave it."),
)
AGREED = Blocker("already_agreed", gettext_lazy("Somebody agreed to it already."))


@transaction.atomic
def grant_late_token(
    call: Call,
    *,
    actor: User,
    application: Application,
    valid_until: datetime,
    reason: str,
    most_uses: int = 1,
) -> LateToken:
    """Give leave to submit late; it opens nothing before a second officer agrees.

    Raises:
        PermissionDenied: the actor is not the programme officer of the call.
        RefusedError: the call takes nothing late any more.
    """
    if OFFICER not in roles_for(call, actor):
        raise PermissionDenied
    if call.state not in TAKES_LATE or application.call_id != call.pk:
        raise RefusedError([NOT_NOW])
    person = person_of(actor)
    token = LateToken.objects.create(
        call=call, application=application, most_uses=most_uses, valid_until=valid_until,
        reason=reason, granted_by=person,
    )  # fmt: skip
    after = {"token": token.pk, "application": application.pk, "uses": most_uses}
    record(call, "late_token", actor=person, reason=reason, after=after)
    return token


@transaction.atomic
def approve_late_token(token: LateToken, *, actor: User) -> None:
    """Agree to a late submission as the second officer, of the programme or of a funder.

    Raises:
        PermissionDenied: the actor does not run the call.
        RefusedError: they gave it themselves, somebody agreed before, or it is too late.
    """
    token.refresh_from_db(from_queryset=LateToken.objects.select_for_update(of=("self",)))
    if not roles_for(token.call, actor) & {OFFICER, FUNDER}:
        raise PermissionDenied
    person = person_of(actor)
    if token.granted_by_id == person.pk:
        raise RefusedError([SAME_PERSON])
    if token.approved_by_id is not None:
        raise RefusedError([AGREED])
    if token.call.state not in TAKES_LATE or token.valid_until <= database_now():
        raise RefusedError([NOT_NOW])
    token.approved_by = person
    token.save(update_fields=["approved_by"])
    record(token.call, "late_token_agreed", actor=person, after={"token": token.pk})
    if token.application is not None:
        tell_lead(
            token.application, key=f"late_token:{token.pk}",
            title=lambda: _("You may submit late: %(call)s") % {"call": token.call},
        )  # fmt: skip
