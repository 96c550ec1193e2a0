"""What applications hold of somebody, for the copy of their data and for their erasure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from funding.models import (
    Application,
    ApplicationVersion,
    BudgetLine,
    Document,
    Participant,
    SectionDraft,
)
from funding.services.documents import path_of
from konnect.accounts.models import User
from konnect.accounts.rights import Row, register_export, table


def register_own_applications() -> None:
    """Make one's applications a part of the copy."""
    for name, label, rows, model in PARTS:
        register_export(name, label, rows, models=[f"funding.{model}"])


def led(user: User) -> list[Row]:
    """Return the applications that the person leads."""
    rows = Application.objects.filter(lead__user=user).select_related("call")
    told = {each.pk: str(each.told_state) for each in rows}
    return [{**row, "state": told[row["id"]]} for row in table(rows)]


def seats(user: User) -> list[Row]:
    """Return the places that the person has in applications."""
    rows = Participant.objects.filter(person__user=user)
    return table(rows, leave_out=["token", "confirmed_content"])


def sections(user: User) -> list[Row]:
    """Return what stands in the drafts that the person leads."""
    return table(SectionDraft.objects.filter(application__lead__user=user))


def versions(user: User) -> list[Row]:
    """Return what the person handed in."""
    return table(ApplicationVersion.objects.filter(submitted_by__user=user))


def budgets(user: User) -> list[Row]:
    """Return the budgets of the applications that the person leads."""
    return table(BudgetLine.objects.filter(application__lead__user=user))


def documents(user: User) -> list[Row]:
    """Return the documents that the person uploaded."""
    return table(Document.objects.filter(uploaded_by__user=user))


PARTS = (
    ("applications", _("Applications that I lead"), led, "Application"),
    ("application_places", _("Applications in which I take part"), seats, "Participant"),
    ("application_sections", _("What my applications say"), sections, "SectionDraft"),
    ("application_versions", _("What I handed in"), versions, "ApplicationVersion"),
    ("application_budgets", _("Budgets of my applications"), budgets, "BudgetLine"),
    ("application_documents", _("Documents of my applications"), documents, "Document"),
)


def remove_files(paths: list[Path]) -> None:
    """Remove files, those that are still there."""
    for path in paths:
        path.unlink(missing_ok=True)


@transaction.atomic
def erase_drafts(*, user: User, **_more: Any) -> None:
    """Delete what somebody wrote and never handed in, before they become a pseudonym.

    What was handed in stays with its call: it was judged and may have been paid.
    """
    drafts = Application.objects.filter(lead__user=user, submitted_version=None)
    papers = list(Document.objects.filter(application__in=drafts))
    drafts.delete()
    paths = [path_of(paper.key) for paper in papers]
    transaction.on_commit(lambda: remove_files(paths))
    # Whoever was asked and has not answered is no part of an application.
    Participant.objects.filter(
        person__user=user, state__in=("invited", "reconfirm"), application__submitted_version=None
    ).exclude(role="lead").delete()
