"""Reports: written with autosave, submitted, returned or approved, published in part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.applying import seats_of
from funding.machines import HOST, LEAD, OFFICER
from funding.models import DueExtension, Report, ReportDue
from funding.permissions import roles_for
from funding.refusing import REASON_MISSING, Blocker, RefusedError
from funding.services.grant_notices import tell_of_report
from funding.services.grants import grants_visible_to
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.people import person_of
from funding.services.report_content import newest, public_part
from funding.services.report_dates import OPEN_STATES, date_of
from matching.services.profiles import EditConflict

if TYPE_CHECKING:
    from konnect.accounts.models import User

# From these a report becomes a draft when somebody begins to write.
TO_BEGIN = ("open", "returned", "auto_filled_unconfirmed")
NOT_WRITABLE = Blocker("report_not_open", _("This report cannot be changed now."))
NOT_LATER = Blocker("not_later", _("An extension gives a later date than the one that counts."))
HANDED_IN = Blocker("handed_in", _("This report was handed in: it needs no later date."))


def reports_visible_to(user: User) -> QuerySet[ReportDue]:
    """Return the reports of the grants that somebody may read, and a host's own statement."""
    hosted = seats_of(user).filter(role="host").values("application")
    own = Q(kind="host", grant__decision__application__in=hosted)
    return ReportDue.objects.filter(own | Q(grant__in=grants_visible_to(user).values("pk")))


def may_write(due: ReportDue, user: User) -> bool:
    """Tell whether somebody writes a report: the lead, and the host of their own statement."""
    writers = {LEAD, HOST} if due.kind == "host" else {LEAD}
    return bool(roles_for(due, user) & writers)


@transaction.atomic
def save_report(
    due: ReportDue, answers: Mapping[str, Mapping[str, Any]], *, actor: User, seen: int
) -> Report:
    """Keep what somebody wrote; an open or returned report becomes a draft. The same again changes nothing.

    seen: the number of the draft that they had before them.

    Raises:
        PermissionDenied: somebody else writes it.
        RefusedError: it is not open.
        EditConflict: another person saved meanwhile; nothing is overwritten.
    """
    due.refresh_from_db(from_queryset=ReportDue.objects.select_for_update(of=("self",)))
    if not may_write(due, actor):
        raise PermissionDenied
    if due.state not in (*TO_BEGIN, "draft"):
        raise RefusedError([NOT_WRITABLE])
    draft = draft_of(due)
    wanted = {**draft.answers, **answers}
    if due.state == "draft" and draft.pk and draft.answers == wanted:
        return draft
    if draft.draft_number != seen:
        raise EditConflict
    if due.state != "draft":
        move(
            due, "answer_late" if due.state == "auto_filled_unconfirmed" else "draft", actor=actor
        )
    draft.answers = wanted
    draft.draft_number += 1
    draft.saved_by, draft.saved_at = person_of(actor), timezone.now()
    draft.save()
    return draft


def draft_of(due: ReportDue) -> Report:
    """Return the version that is written now; after one was submitted, the next, not yet stored."""
    last = newest(due)
    if last is None:
        return Report(due=due, number=1)
    if last.submitted_at is None:
        return last
    return Report(due=due, number=last.number + 1, answers=last.answers)


@transaction.atomic
def submit_report(due: ReportDue, *, actor: User) -> None:
    """Hand a report in.

    Raises:
        RefusedError: answers are missing or too long; and see `move`.
        PermissionDenied, TransitionError: see `move`.
    """
    due.refresh_from_db(from_queryset=ReportDue.objects.select_for_update(of=("self",)))
    if not may_write(due, actor):
        raise PermissionDenied
    move(due, "submit", actor=actor)
    report = newest(due)
    assert report is not None
    report.submitted_at = timezone.now()
    report.save(update_fields=["submitted_at"])


@transaction.atomic
def return_report(due: ReportDue, *, actor: User, reason: str) -> None:
    """Give a report back with what is missing; the lead goes on from what was submitted.

    Raises:
        RefusedError, PermissionDenied, TransitionError: see `move`.
    """
    move(due, "return", actor=actor, reason=reason)
    Report.objects.filter(due=due, pk=newest_pk(due) or 0).update(officer_note=reason)
    tell_of_report(due, _("%(project)s: the %(kind)s was returned"), f"return:{newest_pk(due)}")


def newest_pk(due: ReportDue) -> int | None:
    """Return the key of the newest version."""
    report = newest(due)
    return report.pk if report else None


@transaction.atomic
def approve_report(due: ReportDue, *, actor: User) -> None:
    """Take a report as it is; its summary for everybody, where it has one, is public from now on.

    Raises:
        RefusedError, PermissionDenied, TransitionError: see `move`.
    """
    move(due, "approve", actor=actor)
    if public_part(due):
        move(due, "publish", actor=actor)
    tell_of_report(due, _("%(project)s: the %(kind)s is approved"), "approve")


@transaction.atomic
def hide_report(due: ReportDue, *, actor: User, reason: str) -> None:
    """Take the summary of a report off the public pages.

    Raises:
        RefusedError, PermissionDenied, TransitionError: see `move`.
    """
    move(due, "hide", actor=actor, reason=reason)
    words = _("%(project)s: the summary is no longer public")
    tell_of_report(due, words, f"hide:{due.changes.count()}")


@transaction.atomic
def publish_report(due: ReportDue, *, actor: User, reason: str = "") -> None:
    """Show the summary of an approved report to everybody; with a reason if it was taken off.

    Raises:
        RefusedError: the reason is missing; and see `move`.
        PermissionDenied, TransitionError: see `move`.
    """
    move(due, "publish", actor=actor, reason=reason)
    if was_hidden(due) and not reason.strip():
        raise RefusedError([REASON_MISSING])
    words = _("%(project)s: the summary is public")
    tell_of_report(due, words, f"publish:{due.changes.count()}")


def was_hidden(due: ReportDue) -> bool:
    """Tell whether the summary was public once and taken off."""
    return due.changes.filter(old_state="published").exists()


@transaction.atomic
def extend(due: ReportDue, *, actor: User, new_on: date, reason: str) -> DueExtension:
    """Give a report a later date; the one that was set first stays written.

    Raises:
        PermissionDenied: the actor is not the programme officer.
        RefusedError: it is no later date, has no reason, or the report is there.
    """
    due.refresh_from_db(from_queryset=ReportDue.objects.select_for_update(of=("self",)))
    if OFFICER not in roles_for(due, actor):
        raise PermissionDenied
    found = [] if due.state in OPEN_STATES else [HANDED_IN]
    found += [] if new_on > date_of(due) else [NOT_LATER]
    found += [] if reason.strip() else [REASON_MISSING]
    if found:
        raise RefusedError(found)
    row = DueExtension.objects.create(due=due, new_on=new_on, reason=reason, granted_by=actor)
    # Reminders begin again for the new date.
    ReportDue.objects.filter(pk=due.pk).update(reminders=0, reminded_at=None)
    record(due, "extend", actor=person_of(actor), reason=reason,
           after={"new_on": new_on.isoformat()})  # fmt: skip
    tell_of_report(due, _("%(project)s: there is more time for the %(kind)s"), f"extend:{row.pk}")
    return row
