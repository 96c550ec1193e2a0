"""Hidden words: an officer hides what tells who applies, and the applicants see it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from funding.forms_schema import schema_of, without_names
from funding.machines import OFFICER
from funding.models import Application, ApplicationVersion, Redaction
from funding.permissions import roles_for
from funding.redacting import LEAST, LONGEST, proposals, redacted, stands_in
from funding.refusing import Blocker, RefusedError
from funding.services.drafts import locked_application
from funding.services.lead_news import tell_lead
from funding.services.ledger import record
from funding.services.people import person_of
from konnect.accounts.models import User
from konnect.accounts.text import tidy

# From the panel on, everything was read as it was.
OPEN_STATES = ("approved", "screening", "reviewing")
NOT_THERE = Blocker(
    "not_there", gettext_lazy("These words do not stand in what reviewers would read.")
)
TOO_SHORT = Blocker("too_short", gettext_lazy("Hide at least two letters, and at most 200."))
STANDS = Blocker("text_stands", gettext_lazy("Reviews are over: the text stands as it was read."))


def texts_of(version: ApplicationVersion) -> list[str]:
    """Return what blind reviewers read of a version, before anything is hidden."""
    content = version.content
    answers = without_names(schema_of(content["form"]), content["answers"])
    words = [value for part in answers.values() for value in part.values()]
    names = [content["title"], content.get("acronym") or ""]
    return names + [each for each in words if isinstance(each, str)]


def proposed(application: Application) -> list[str]:
    """Return what should still be hidden: names, houses, addresses that stand in the text."""
    hidden = [each.passage for each in application.redactions.all()]
    version = application.counted
    left = [redacted(text, hidden, " ") for text in texts_of(version)]
    return proposals(version.content, left)


@transaction.atomic
def hide(application: Application, *, actor: User, passage: str) -> Redaction:
    """Hide some words from everybody who may not know who applies, and tell the lead.

    Raises:
        PermissionDenied: somebody else than the programme officer. RefusedError: too short or too
        long, not in the text, or reviews are over.
    """
    row = changeable(application, actor)
    words = " ".join(tidy(passage).split())
    if not LEAST <= len(words) <= LONGEST:
        raise RefusedError([TOO_SHORT])
    if not stands_in(words, texts_of(row.counted)):
        raise RefusedError([NOT_THERE])
    found, is_new = Redaction.objects.get_or_create(
        application=row, passage=words, defaults={"made_by": person_of(actor)}
    )
    if is_new:
        # The words themselves name people: they are not for a ledger that nobody can correct.
        record(row, "hide_words", actor=person_of(actor), after={"redaction": found.pk})
        tell_lead(
            row, key=f"redaction:{row.pk}:{row.submitted_version}",
            title=lambda: gettext("Words that tell who applies were hidden in your application"),
            address=reverse("funding:application_redaction", args=[row.pk]),
        )  # fmt: skip
    return found


@transaction.atomic
def show_again(redaction: Redaction, *, actor: User) -> None:
    """Let everybody read what was hidden.

    Raises:
        PermissionDenied, RefusedError: see `changeable`.
    """
    row = changeable(redaction.application, actor)
    record(row, "show_words", actor=person_of(actor), after={"redaction": redaction.pk})
    redaction.delete()


def changeable(application: Application, actor: User) -> Application:
    """Return an application that nobody else changes now.

    Raises:
        PermissionDenied: somebody else than the programme officer. RefusedError: reviews are over.
    """
    row = locked_application(application.pk)
    if OFFICER not in roles_for(row, actor):
        raise PermissionDenied
    if row.call.state not in OPEN_STATES:
        raise RefusedError([STANDS])
    return row
