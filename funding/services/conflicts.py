"""Conflicts of interest: looked for, declared, judged by officers, obeyed at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Greatest, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.machines import GONE, OFFICER
from funding.models import (
    ACTIVE,
    HARD_KINDS,
    Application,
    Call,
    CallApproval,
    CallExpert,
    Conflict,
    FunderOfficer,
    PanelMember,
    Person,
    ReviewAssignment,
    Verdict,
)
from funding.permissions import roles_for
from funding.refusing import REASON_MISSING, Blocker, RefusedError
from funding.services.conflict_facts import Known, judged_in, judges_of, teams_of
from funding.services.conflict_sources import Finding, Surroundings, findings
from funding.services.constraints import check_now
from funding.services.ledger import record
from funding.services.moving import move
from funding.services.people import person_of
from konnect.accounts.models import Role, RoleGrant, Scope

if TYPE_CHECKING:
    from konnect.accounts.models import User

# Rows a transaction: each holds a lock of its pair until the end.
AT_ONCE = 200
TRIES = 3
FOUND = "A conflict of interest was found."
DECLARED = "A conflict of interest was declared."
DECIDING_STATES = ("screening", "reviewing", "panel")
HARD_STANDS = Blocker("hard_conflict", _("A conflict of this kind cannot be overridden."))
SAME_OFFICER = Blocker("same_officer", _("A second officer has to agree, not the same one."))
OWN = Blocker("own_conflict", _("Nobody decides about a conflict of interest of their own."))
WAS_DECLARED = Blocker(
    "was_declared", _("They have declared this themselves: nobody else is meant.")
)
NOT_PROPOSED = Blocker("not_proposed", _("Nobody has proposed to override this conflict."))


def refresh_conflicts(call: Call, *, people: Collection[int] | None = None) -> int:
    """Look for the conflicts of everybody who judges in a call; return how many are new.

    people: ids of persons, where only some have changed.
    """
    began = timezone.now()
    judges = judges_of(judges_in(call) if people is None else people)
    found = list(findings(judges, teams_of(judged_in(call)), surroundings(call)))
    count = sum(keep(found[at : at + AT_ONCE]) for at in range(0, len(found), AT_ONCE))
    ids = [judge.person_id for judge in judges]
    for rows, path in looked_at(call):
        rows.filter(**{f"{path}__in": ids}).update(conflicts_checked_at=began)
    return count


def judges_in(call: Call) -> set[int]:
    """Return the ids of everybody who reviews in a call, may, or sits on its panel."""
    asked = CallExpert.objects.filter(call=call).exclude(answer__in=GONE)
    assigned = ReviewAssignment.objects.filter(application__call=call, state__in=ACTIVE)
    members = Person.objects.filter(panels__panel__call=call)
    return {
        *asked.values_list("expert__person", flat=True),
        *assigned.values_list("reviewer__person", flat=True),
        *members.values_list("pk", flat=True),
    }


def surroundings(call: Call) -> Surroundings:
    """Return who made a call, and who judges what in it now."""
    active = ReviewAssignment.objects.filter(application__call=call, state__in=ACTIVE)
    judging = active.values_list("reviewer__person", "application")
    return Surroundings(designers_of(call), frozenset(judging))


def designers_of(call: Call) -> dict[int, str]:
    """Return the people who wrote, approved and run a call, and what they did."""
    approvers = CallApproval.objects.filter(call=call).values("approved_by")
    speakers = FunderOfficer.objects.filter(funder__commitments__call=call).values("user")
    runners = RoleGrant.objects.filter(
        Q(scope=Scope.PORTAL) | Q(scope=Scope.PROGRAMME, scope_id=call.programme_id),
        role=Role.PROGRAMME_OFFICER,
    ).values("user")
    parts = (("officer", Q(user__in=runners)), ("funder", Q(user__in=speakers)),
             ("approved", Q(user__in=approvers)),
             ("wrote", Q(user=call.created_by_id, user__isnull=False)))  # fmt: skip
    return {
        pk: part for part, who in parts
        for pk in Person.objects.filter(who).values_list("pk", flat=True)
    }  # fmt: skip


def keep(found: list[Finding]) -> int:
    """Write conflicts down and take their hard ones off at once; return how many are new.

    An assignment that is being made meanwhile is refused by the database, or refuses this: then
    it is seen the next time.
    """
    for attempt in range(TRIES):
        try:
            return write(found)
        except IntegrityError:
            if attempt == TRIES - 1:
                raise
    return 0


@transaction.atomic
def write(found: list[Finding]) -> int:
    """Write what is new, mark what is still there, recuse whoever must not judge.

    Raises:
        IntegrityError: an assignment was made beside a hard conflict at the same moment.
    """
    rows = [
        Conflict(person_id=one.person_id, application_id=one.application_id, kind=one.kind,
                 is_hard=one.is_hard, source=one.source, evidence=one.evidence)
        for one in found if one.person_id is not None
    ]  # fmt: skip
    known = {row_key(row) for row in standing_rows(rows)}
    recuse_where(row for row in rows if row.is_hard and row_key(row) not in known)
    Conflict.objects.bulk_create(
        rows, update_conflicts=True, update_fields=["evidence"],
        unique_fields=["person", "application", "kind", "source"],
    )  # fmt: skip
    Conflict.objects.filter(pk__in=[row.pk for row in rows]).update(seen_at=Now())
    fresh = [row for row in rows if row_key(row) not in known]
    for row in fresh:
        record(row, "find", actor=None, after={"kind": row.kind, "source": row.source})
    check_now("assignment_without_conflict", "conflict_without_assignment")
    return len(fresh)


def row_key(row: Conflict) -> tuple[int, int, str, str]:
    """Return what a conflict is known by."""
    return row.person_id, row.application_id, row.kind, row.source


def standing_rows(rows: Collection[Conflict]) -> QuerySet[Conflict]:
    """Return what the table has of these people and applications."""
    return Conflict.objects.filter(
        person__in={row.person_id for row in rows},
        application__in={row.application_id for row in rows},
    )


def recuse_where(rows: Iterable[Conflict], reason: str = FOUND) -> None:
    """End the active assignments beside hard conflicts: before these are written."""
    kinds = {(row.person_id, row.application_id): row.kind for row in rows}
    active = ReviewAssignment.objects.filter(
        reviewer__person__in={person for person, _application in kinds},
        application__in={application for _person, application in kinds}, state__in=ACTIVE,
    ).select_related("reviewer")  # fmt: skip
    for assignment in active if kinds else ():
        kind = kinds.get((assignment.reviewer.person_id, assignment.application_id))
        if kind is not None:
            move(assignment, "recuse", actor=None, reason=reason, facts={"conflict": kind})


@transaction.atomic
def declare_conflict(
    person: Person, application: Application, *, kind: str, note: str = ""
) -> Conflict:
    """Keep what somebody says of themselves; a hard one ends their review at once.

    note: in their own words; not for the ledger.
    """
    row = Conflict(
        person=person, application=application, kind=kind, is_hard=kind in HARD_KINDS,
        source="declared", evidence={"note": [note]} if note else {},
    )  # fmt: skip
    if row.is_hard:
        recuse_where([row], DECLARED)
    kept, is_new = Conflict.objects.update_or_create(
        person=person, application=application, kind=kind, source="declared",
        defaults={"evidence": row.evidence, "is_hard": row.is_hard, "verdict": Verdict.STANDS},
    )  # fmt: skip
    if is_new:
        record(kept, "declare", actor=person, after={"kind": kind})
    return kept


def call_it_false(conflict: Conflict, *, actor: User, reason: str) -> None:
    """Decide that somebody else was meant: recorded with the reason, and never found again.

    Raises:
        PermissionDenied, RefusedError: see `locked`; no reason given; they declared it themselves.
    """
    decide(conflict, Verdict.FALSE_POSITIVE, actor=actor, reason=reason)


def propose_override(conflict: Conflict, *, actor: User, reason: str) -> None:
    """Say why a soft conflict should not keep somebody from reviewing; it stands until seconded.

    Raises:
        PermissionDenied, RefusedError: not an officer; a hard conflict; no reason given.
    """
    if conflict.is_hard:
        raise RefusedError([HARD_STANDS])
    decide(conflict, Verdict.STANDS, actor=actor, reason=reason)


@transaction.atomic
def second_override(conflict: Conflict, *, actor: User) -> None:
    """Agree with another officer: from now on the reviewer may judge all the same.

    Raises:
        PermissionDenied, RefusedError: not an officer; nobody proposed it, or the same person did.
    """
    row, person = locked(conflict, actor)
    if row.decided_by is None or row.is_hard or row.verdict != Verdict.STANDS:
        raise RefusedError([NOT_PROPOSED])
    if row.decided_by_id == person.pk:
        raise RefusedError([SAME_OFFICER])
    Conflict.objects.filter(pk=row.pk).update(verdict=Verdict.OVERRIDDEN, seconded_by=person)
    record(row, "override", actor=person, reason=row.reason, after={"kind": row.kind})


@transaction.atomic
def take_back(conflict: Conflict, *, actor: User, reason: str) -> None:
    """Let a conflict stand again; a hard one ends the review that was begun meanwhile.

    Raises:
        PermissionDenied, RefusedError: not an officer; no reason given.
    """
    row, person = locked(conflict, actor)
    if not reason.strip():
        raise RefusedError([REASON_MISSING])
    if row.is_hard:
        recuse_where([row])
    Conflict.objects.filter(pk=row.pk).update(
        verdict=Verdict.STANDS, decided_by=None, seconded_by=None, reason=""
    )
    record(row, "stand", actor=person, reason=reason, after={"kind": row.kind})


@transaction.atomic
def decide(conflict: Conflict, verdict: str, *, actor: User, reason: str) -> None:
    """Write a verdict of one officer."""
    row, person = locked(conflict, actor)
    if not reason.strip():
        raise RefusedError([REASON_MISSING])
    if verdict == Verdict.FALSE_POSITIVE and row.source == "declared":
        raise RefusedError([WAS_DECLARED])
    Conflict.objects.filter(pk=row.pk).update(
        verdict=verdict, decided_by=person, seconded_by=None, reason=reason[:500]
    )
    event = "false_positive" if verdict == Verdict.FALSE_POSITIVE else "propose_override"
    record(row, event, actor=person, reason=reason, after={"kind": row.kind})


def locked(conflict: Conflict, actor: User) -> tuple[Conflict, Person]:
    """Return a conflict that nobody else decides now, and the officer who does.

    Raises:
        PermissionDenied: they do not run the application. RefusedError: it is their own.
    """
    row = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict.pk)
    if OFFICER not in roles_for(row.application, actor):
        raise PermissionDenied
    person = person_of(actor)
    if row.person_id == person.pk:
        raise RefusedError([OWN])
    return row, person


def forbidding(person_id: int, application_id: int) -> QuerySet[Conflict]:
    """Return what keeps somebody from judging an application now."""
    rows = Conflict.objects.filter(person=person_id, application=application_id)
    return rows.filter(verdict=Verdict.STANDS) | rows.filter(
        verdict=Verdict.OVERRIDDEN, is_hard=True
    )


def refresh_stale() -> int:
    """Look anew where somebody's profile changed since the last look; return how many calls."""
    calls = Call.objects.filter(state__in=DECIDING_STATES).order_by("pk")
    done = 0
    for call in calls:
        stale = stale_people(call)
        if stale:
            refresh_conflicts(call, people=stale)
            done += 1
    return done


def stale_people(call: Call) -> set[int]:
    """Return who must be looked at: those who changed, or all where an applicant changed."""
    everybody = looked_at(call)
    checked = [rows.aggregate(at=Min("conflicts_checked_at"))["at"] for rows, _path in everybody]
    since = min(filter(None, checked), default=None)
    is_all = since is not None and has_team_changed(call, since)
    found: set[int] = set()
    for rows, path in everybody:
        changed = rows.annotate(changed=changed_at(f"{path}__user__profile__"))
        stale = Q(conflicts_checked_at=None) | Q(conflicts_checked_at__lt=F("changed"))
        found.update((rows if is_all else changed.filter(stale)).values_list(path, flat=True))
    return found


def looked_at(call: Call) -> tuple[tuple[QuerySet[Any], str], ...]:
    """Return the rows that say when somebody was looked at, each with the way to the person."""
    experts = CallExpert.objects.filter(call=call).exclude(answer__in=GONE)
    return (experts, "expert__person"), (PanelMember.objects.filter(panel__call=call), "person")


def has_team_changed(call: Call, since: datetime) -> bool:
    """Tell whether somebody of an application of a call changed their profile since a moment."""
    rows = Application.objects.filter(call=call).exclude(state__in=("draft", "withdrawn"))
    changed = changed_at("participants__person__user__profile__")
    return rows.annotate(changed=changed).filter(changed__gt=since).exists()


def changed_at(path: str) -> Greatest:
    """Return when a profile changed: its own columns, or the works and projects beside it."""
    return Greatest(f"{path}updated_at", f"{path}matching_changed_at")


def found_for(known: Known, call: Call) -> list[Finding]:
    """Return what would be found for somebody, without keeping anything: "check a name"."""
    return list(findings([known], teams_of(judged_in(call)), surroundings(call)))
