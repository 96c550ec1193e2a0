"""Handing an application in, as often as one likes until the call closes; the last one counts.

The minute before a deadline is the one that matters: a submission reads its parts once, writes a
version, a state and an entry of the ledger, and answers. Letters and receipts come from the worker.
The clock of the database decides what is in time; the trigger of the versions has the last word.
"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from funding.applying import is_lead
from funding.forms_schema import check_sum
from funding.machines import LEAD
from funding.models import Application, ApplicationVersion
from funding.refusing import Blocker, RefusedError
from funding.services.constraints import constraint_of
from funding.services.draft_content import Draft, read_draft
from funding.services.drafts import locked_application
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.undeciding import forget_decision
from funding.services.windows import CLARIFICATION_OVER, CLOSED, Window, window_of
from konnect.accounts.models import User
from konnect.states import TransitionError

NOT_COMPLETE = _("The application is not complete yet.")
# The partner stood behind the version that the officer asks about.
OF_PARTNER = ("partner_must_reconfirm", "partner_not_confirmed")
HOLD_CALL = """
SELECT now() FROM funding_call
WHERE id = (SELECT call_id FROM funding_application WHERE id = %s) FOR SHARE
"""
NUMBERS = "SELECT pg_advisory_xact_lock(hashtextextended('application numbers', %s))"
NEXT = "SELECT coalesce(max(number), 0) + 1 FROM funding_application WHERE call_id = %s"


def submit(pk: int, *, actor: User) -> ApplicationVersion:
    """Hand in what the draft says now; the same again is the version that there is.

    Raises:
        RefusedError: something is missing, or it is too late; the draft stays as it is.
        PermissionDenied: somebody else than the lead asks.
        Application.DoesNotExist: there is none.
    """
    try:
        return submit_once(pk, actor)
    except IntegrityError as error:
        if "version_in_time" not in constraint_of(error):
            raise
        raise RefusedError([CLOSED]) from error


@transaction.atomic
def submit_once(pk: int, actor: User) -> ApplicationVersion:
    """Write the version, the state and the ledger, or nothing; see `submit`."""
    now = hold_call(pk)
    application = locked_application(pk)
    if not is_lead(application, actor):
        raise PermissionDenied
    # Whoever asks is known: nothing has to look for them again.
    application.lead.user = actor
    window = window_of(application, now)
    if window.blocker:
        raise RefusedError([window.blocker])
    draft = read_draft(application)
    if same := unchanged(application, draft):
        return same
    application.__dict__["read_draft"] = draft
    if window.clarification:
        return answer(application, draft, window)
    if draft.problems:
        raise RefusedError([Blocker(each.code, each.words) for each in draft.problems])
    version = write_version(application, draft, window)
    columns = {"submitted_version": version.number, "number": number_of(application)}
    facts = {"version": version.number, "sha256": version.sha256, "late_by": version.late_by}
    move(application, "submit", actor=actor, columns=columns, facts=facts,
         known_roles=frozenset({LEAD}))  # fmt: skip
    return version


def hold_call(pk: int) -> datetime:
    """Keep the call of an application where it stands until the transaction ends; it comes first.

    Whoever counts what was handed in, or releases, waits for those who hand in or withdraw.
    Returns when the transaction began by the clock of the database: that is when a version came,
    however long it waited for a lock.

    Raises:
        Application.DoesNotExist: there is no such application.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD_CALL, [pk])
        row = cursor.fetchone()
    if row is None:
        raise Application.DoesNotExist
    began: datetime = row[0]
    return began


def unchanged(application: Application, draft: Draft) -> ApplicationVersion | None:
    """Return the version that counts when it says the same; a double click is one submission."""
    if application.submitted_version is None:
        return None
    rows = application.versions.filter(number=application.submitted_version)
    return rows.filter(draft_sha256=draft.sha256).first()


def write_version(application: Application, draft: Draft, window: Window) -> ApplicationVersion:
    """Write what nobody changes any more; the database says when it came.

    Raises:
        IntegrityError: it is too late, or the two are of one region.
        RefusedError: there is no partner.
    """
    lead, partner = draft.in_role("lead"), draft.in_role("partner")
    if lead is None or partner is None:
        raise RefusedError([Blocker("partner_missing", NOT_COMPLETE)])
    content = draft.version_content()
    version = ApplicationVersion(
        application=application, number=(application.submitted_version or 0) + 1,
        form=draft.form, content=content, sha256=check_sum(content), draft_sha256=draft.sha256,
        lead_region=lead.region, partner_region=partner.region,
        submitted_by_id=application.lead_id, token=window.token,
        clarification=window.clarification,
    )  # fmt: skip
    version.save(force_insert=True)
    return version


def number_of(application: Application) -> int:
    """Return the number of an application within its call, the next one at its first submission.

    Those who hand in at once wait for each other here, until the one before has committed.
    """
    if application.number is not None:
        return application.number
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [application.call_id])
        cursor.execute(NEXT, [application.call_id])
        number: int = cursor.fetchone()[0]
    return number


def answer(application: Application, draft: Draft, window: Window) -> ApplicationVersion:
    """Hand in the answer to an officer's question: a version, and no other state.

    Raises:
        RefusedError: something is missing.
        TransitionError: the application moved on.
    """
    found = [each for each in draft.problems if each.code not in OF_PARTNER]
    if found:
        raise RefusedError([Blocker(each.code, each.words) for each in found])
    question = window.clarification
    if question is None:
        raise RefusedError([CLARIFICATION_OVER])
    before = application.submitted_version
    version = write_version(application, draft, window)
    rows = Application.objects.filter(pk=application.pk, state=application.state)
    if rows.update(submitted_version=version.number) != 1:
        raise TransitionError(application.state)
    application.submitted_version = version.number
    question.answered_version = version.number
    question.save(update_fields=["answered_version"])
    record(
        application, "clarify", actor=application.lead, before={"version": before},
        after={"version": version.number, "sha256": version.sha256},
    )  # fmt: skip
    return version


@transaction.atomic
def withdraw(application: Application, *, actor: User, reason: str) -> None:
    """Take an application back, any time before the decisions are out; its money is free again.

    Raises:
        TransitionError, PermissionDenied, RefusedError: see `move`.
    """
    hold_call(application.pk)
    move(application, "withdraw", actor=actor, reason=reason)
    forget_decision(application, actor=actor, reason=reason)
