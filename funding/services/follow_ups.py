"""Follow-ups one, three and five years on: filled in from what is public, confirmed in two minutes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funding.machines import LEAD, OFFICER, PARTNER
from funding.models import Expert, FollowOn, FollowUp, Grant, Output, Person, Report, ReportDue
from funding.months import months_later
from funding.permissions import roles_for
from funding.refusing import Blocker, RefusedError
from funding.report_forms import RUBRIC
from funding.services.grant_times import first_day, today_everywhere
from funding.services.ledger import record
from funding.services.people import person_of
from matching.clients import ServiceError
from matching.models import Profile
from matching.services.source_fetching import read_openalex, read_orcid
from matching.sources.proposals import FoundWork, WrongRecordError

if TYPE_CHECKING:
    from collections.abc import Callable

    from konnect.accounts.models import User
    from matching.sources.proposals import Reading

logger = logging.getLogger(__name__)
YEARS = (1, 3, 5)
PEOPLE = ("lead", "partner")
# Source as it is shown, and who reads it.
READERS: tuple[tuple[str, Callable[[str], Reading]], ...] = (
    ("ORCID", read_orcid), ("OpenAlex", read_openalex),
)  # fmt: skip
BEST_MARK = 5
NOT_INDEPENDENT = Blocker(
    "judged_before", _("Choose somebody who did not review this application and is no part of it.")
)
NO_MARKS = Blocker("marks_missing", _("Give every mark from 0 to 5."))


@dataclass(frozen=True)
class Known:
    """A work that a source knows of one of the people."""

    work: FoundWork
    source: str


def schedule_follow_ups(grant: Grant) -> None:
    """Set the three follow-ups of a grant when it is completed; asked twice, they are set once."""
    done: date = today_everywhere()
    for year in YEARS:
        due, _is_new = ReportDue.objects.get_or_create(
            grant=grant, kind="follow_up", sequence=year,
            defaults={"due_on": months_later(done, 12 * year)},
        )  # fmt: skip
        FollowUp.objects.get_or_create(grant=grant, year=year, defaults={"due": due})


def prefill_follow_ups() -> int:
    """Fill in the open follow-ups that have not been filled in; return how many were.

    A service that is away is asked again with the next round.
    """
    empty = ReportDue.objects.filter(kind="follow_up", state="open")
    empty = empty.exclude(versions__isnull=False).select_related("grant__decision__application")
    return sum(prefill(due) for due in empty)


def prefill(due: ReportDue) -> bool:
    """Look for what the people of a grant published since, and note it as results to confirm."""
    try:
        known = works_of(due.grant)
    except ServiceError as error:
        if error.is_temporary:
            logger.warning("Follow-up %s waits: %s", due.pk, error.code)
            return False
        known = []
    keep(due, known)
    return True


def works_of(grant: Grant) -> list[Known]:
    """Return the works with a DOI that its people published since the grant began.

    Raises:
        ServiceError: a source does not answer as it should, and may later.
    """
    seats = grant.decision.application.participants.filter(role__in=PEOPLE)
    profiles = Profile.objects.filter(user__funding_person__participations__in=seats)
    found: list[Known] = []
    for orcid in profiles.exclude(orcid="").values_list("orcid", flat=True).distinct():
        for source, read in READERS:
            found += [Known(work, source) for work in works_in(read, orcid)]
    since = first_day(grant.period).year
    return [each for each in found if each.work.doi and (each.work.year or 0) >= since]


def works_in(read: Callable[[str], Reading], orcid: str) -> Iterable[FoundWork]:
    """Return the works that a source has of somebody; none when it does not know them.

    Raises:
        ServiceError: it may answer later.
    """
    try:
        return [each for each in read(orcid).proposals if isinstance(each, FoundWork)]
    except WrongRecordError:
        return []
    except ServiceError as error:
        if error.is_temporary:
            raise
        return []


@transaction.atomic
def keep(due: ReportDue, known: Iterable[Known]) -> None:
    """Write what was found, each work once, and that the follow-up is filled in."""
    rows = [
        Output(
            grant=due.grant, kind="publication", identifier=each.work.doi.lower(),
            title=each.work.title[:500], year=each.work.year, source=each.source,
        )
        for each in known
    ]  # fmt: skip
    Output.objects.bulk_create(rows, ignore_conflicts=True)
    Report.objects.get_or_create(due=due, number=1, defaults={"is_prefilled": True})


def may_tell(grant: Grant, user: User) -> bool:
    """Tell whether somebody says what came of a grant."""
    return bool(roles_for(grant, user) & {LEAD, PARTNER})


@transaction.atomic
def answer_output(output: Output, *, actor: User, is_ours: bool) -> None:
    """Say whether a result that was found came of the grant; it can be said anew.

    Raises:
        PermissionDenied: the actor neither leads nor is the partner.
    """
    if not may_tell(output.grant, actor):
        raise PermissionDenied
    Output.objects.filter(pk=output.pk).update(is_confirmed=is_ours, confirmed_at=Now())


@transaction.atomic
def add_output(grant: Grant, *, actor: User, facts: Mapping[str, Any]) -> Output:
    """Note a result that somebody tells; one that was found before is confirmed.

    facts: kind, identifier, title and year.

    Raises:
        PermissionDenied: the actor neither leads nor is the partner.
    """
    if not may_tell(grant, actor):
        raise PermissionDenied
    output, _is_new = Output.objects.update_or_create(
        grant=grant, kind=facts["kind"], identifier=facts["identifier"],
        defaults={"is_confirmed": True, "confirmed_at": Now()},
        create_defaults={**facts, "source": "KONNECT", "is_confirmed": True,
                         "confirmed_at": Now()},
    )  # fmt: skip
    return output


@transaction.atomic
def add_follow_on(grant: Grant, *, actor: User, facts: Mapping[str, Any]) -> FollowOn:
    """Note later money that grew out of a grant.

    facts: name, funder_name, amount_minor and currency, or next_grant.

    Raises:
        PermissionDenied: the actor neither leads nor is the partner.
    """
    if not may_tell(grant, actor):
        raise PermissionDenied
    return FollowOn.objects.create(grant=grant, **facts)


def evaluators_for(grant: Grant) -> list[Expert]:
    """Return experts who may judge what became of a grant: others than reviewed or applied."""
    application = grant.decision.application
    reviewed = application.assignments.values("reviewer")
    involved = application.participants.filter(person__isnull=False).values("person")
    rows = Expert.objects.exclude(pk__in=reviewed).exclude(person__in=involved)
    rows = rows.exclude(person=application.lead_id).filter(person__user__isnull=False)
    return list(rows.select_related("person"))


@transaction.atomic
def ask_evaluator(follow_up: FollowUp, person: Person, *, actor: User) -> None:
    """Ask an expert to judge what became of a grant.

    Raises:
        PermissionDenied: the actor is not its programme officer.
        RefusedError: the expert reviewed the application, or is part of it.
    """
    if OFFICER not in roles_for(follow_up.grant, actor):
        raise PermissionDenied
    if person.pk not in {expert.person_id for expert in evaluators_for(follow_up.grant)}:
        raise RefusedError([NOT_INDEPENDENT])
    follow_up.judged_by, follow_up.rubric = person, {}
    follow_up.save(update_fields=["judged_by", "rubric"])
    record(follow_up, "ask_evaluator", actor=person_of(actor), after={"person": person.pk})


@transaction.atomic
def judge(follow_up: FollowUp, marks: Mapping[str, int], *, actor: User) -> None:
    """Keep an expert's marks of what became of a grant.

    Raises:
        PermissionDenied: somebody else was asked.
        RefusedError: a mark is missing, or is none.
    """
    if follow_up.judged_by is None or follow_up.judged_by.user_id != actor.pk:
        raise PermissionDenied
    if set(marks) != set(RUBRIC) or not all(0 <= mark <= BEST_MARK for mark in marks.values()):
        raise RefusedError([NO_MARKS])
    follow_up.rubric = dict(marks)
    follow_up.save(update_fields=["rubric"])
    record(follow_up, "judge", actor=person_of(actor), after={"marks": dict(marks)})
