"""Questions of officers about what was handed in, each limited to named fields and a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funding.forms_schema import schema_of
from funding.machines import OFFICER
from funding.models import Application, Clarification
from funding.permissions import roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.draft_content import form_of
from funding.services.drafts import locked_application
from funding.services.lead_news import tell_lead
from funding.services.ledger import record
from funding.services.people import person_of
from funding.services.windows import ANSWERABLE, ASKS
from konnect.accounts.models import User

NO_FIELDS = Blocker("no_fields", gettext_lazy("Choose the fields that may be changed."))
NOT_AHEAD = Blocker("not_ahead", gettext_lazy("The time for an answer must lie ahead."))
STILL_OPEN = Blocker("still_open", gettext_lazy("A question to this application waits already."))
NOT_NOW = Blocker("not_now", gettext_lazy("Nothing can be asked about this application now."))


@transaction.atomic
def ask(
    application: Application, *, question: str, fields: Sequence[str], due_at: datetime,
    actor: User,
) -> Clarification:  # fmt: skip
    """Ask the applicants about some fields; they alone can be changed, until the time is over.

    fields: codes "section.field" of the form; others are left out.

    Raises:
        PermissionDenied: somebody else than the programme officer asks.
        RefusedError: no field, no time ahead, a question waits, or the application is over.
    """
    application = locked_application(application.pk)
    if OFFICER not in roles_for(application, actor):
        raise PermissionDenied
    wanted = known_fields(application, fields)
    if found := ask_blockers(application, wanted, due_at):
        raise RefusedError(found)
    asked = Clarification.objects.create(
        application=application, question=question, fields=wanted, due_at=due_at, asked_by=actor
    )
    record(
        application, "ask", actor=person_of(actor), reason=question,
        after={"fields": wanted, "due_at": due_at.isoformat()},
    )  # fmt: skip
    tell_lead(
        application, key=f"clarification:{asked.pk}",
        title=lambda: _("A question about your application"),
    )  # fmt: skip
    return asked


def known_fields(application: Application, fields: Sequence[str]) -> list[str]:
    """Return those codes that the form has, in its order."""
    schema = schema_of(form_of(application.call_id).schema)
    codes = [f"{section.code}.{field.code}" for section, field in schema.fields()]
    return [code for code in codes if code in set(fields)]


def ask_blockers(application: Application, fields: list[str], due_at: datetime) -> list[Blocker]:
    """Return what stands against a question."""
    now = timezone.now()
    found = [] if fields else [NO_FIELDS]
    if due_at <= now:
        found.append(NOT_AHEAD)
    if application.clarifications.filter(answered_version=None, due_at__gt=now).exists():
        found.append(STILL_OPEN)
    if application.state not in ANSWERABLE or application.call.state not in ASKS:
        found.append(NOT_NOW)
    return found
