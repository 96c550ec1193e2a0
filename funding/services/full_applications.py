"""Full applications begin with what their outline said: answers, people, money."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.db import transaction

from funding.forms_schema import Schema
from funding.machines import GONE
from funding.models import Application, BudgetLine, Call, SectionDraft
from funding.refusing import RefusedError
from funding.services.draft_content import read_draft
from funding.services.drafts import start_draft, touch
from funding.services.participants import invite_member

if TYPE_CHECKING:
    from konnect.accounts.models import User


@transaction.atomic
def start_application(call: Call, *, actor: User) -> Application:
    """Start an application; one that follows an outline begins with what the outline said.

    Raises:
        RefusedError: see `start_draft`.
    """
    application, is_new = start_draft(call, actor=actor)
    if is_new and application.outline is not None:
        take_over(application, application.outline, actor)
    return application


def take_over(application: Application, outline: Application, actor: User) -> None:
    """Write what an outline said into a draft that was just begun; its people are asked anew."""
    for name in ("title", "acronym", "area", "language"):
        setattr(application, name, getattr(outline, name))
    application.save(update_fields=["title", "acronym", "area", "language", "updated_at"])
    draft = read_draft(outline)
    take_answers(application, draft.answers, read_draft(application).schema)
    paying = set(application.call.commitments.values_list("funder", flat=True))
    BudgetLine.objects.bulk_create(
        BudgetLine(application=application, funder_id=line.funder_id, cost=line.cost,
                   note=line.note, amount_minor=line.amount_minor)
        for line in draft.lines if line.funder_id in paying
    )  # fmt: skip
    touch(application)
    ask_people(application, outline, actor)


def take_answers(
    application: Application, answers: dict[str, dict[str, object]], schema: Schema
) -> None:
    """Write the answers to questions that the form asks as well."""
    for section in schema.sections:
        known = {field.code for field in section.fields}
        kept = {
            code: value for code, value in answers.get(section.code, {}).items() if code in known
        }
        if kept:
            SectionDraft.objects.create(
                application=application, code=section.code, answers=kept, number=1,
                saved_by=application.lead,
            )  # fmt: skip


def ask_people(application: Application, outline: Application, actor: User) -> None:
    """Ask everybody of an outline who has an account; who cannot be asked any more is left out."""
    rows = outline.participants.exclude(role="lead").exclude(state__in=GONE)
    known = rows.filter(person__user__is_active=True, person__user__profile__isnull=False)
    for row in known.select_related("person__user__profile").order_by("pk"):
        assert row.person is not None
        assert row.person.user is not None
        with suppress(RefusedError), transaction.atomic():
            invite_member(application, row.person.user.profile, role=row.role, actor=actor)
