"""Who is what towards the nouns of funding: the roles that the tables of moves ask for.

A superuser has none of them: whoever runs the portal does not read reviews by default.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from funding import machines
from funding.machines import GONE
from funding.models import (
    ACTIVE,
    Application,
    Call,
    Conflict,
    FunderOfficer,
    Grant,
    PanelMember,
    Participant,
    Programme,
    Recusal,
    ReportDue,
    ReviewAssignment,
    Trip,
)
from konnect.accounts.models import Role, RoleGrant, Scope

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from konnect.accounts.models import User

Roles = frozenset[str]
NOBODY: Roles = frozenset()


def programmes_run_by(user: User) -> QuerySet[Programme]:
    """Return the programmes of which somebody is an officer."""
    grants = RoleGrant.objects.filter(user=user, role=Role.PROGRAMME_OFFICER)
    if grants.filter(scope=Scope.PORTAL).exists():
        return Programme.objects.all()
    own = grants.filter(scope=Scope.PROGRAMME).values("scope_id")
    return Programme.objects.filter(pk__in=own)


def calls_run_by(user: User) -> QuerySet[Call]:
    """Return the calls that somebody runs as programme officer or as officer of a funder."""
    funded = FunderOfficer.objects.filter(user=user).values("funder")
    mine = Q(programme__in=programmes_run_by(user)) | Q(commitments__funder__in=funded)
    return Call.objects.filter(pk__in=Call.objects.filter(mine).values("pk"))


def calls_visible_to(user: User | AnonymousUser) -> QuerySet[Call]:
    """Return the calls that somebody may read: public ones, and those that they prepare."""
    public = Call.objects.public()
    if not user.is_authenticated:
        return public
    seen = Q(pk__in=public.values("pk")) | Q(pk__in=calls_run_by(user).values("pk"))
    return Call.objects.filter(seen)


@singledispatch
def roles_for(noun: Any, user: User | AnonymousUser) -> Roles:
    """Return somebody's roles towards a noun of funding; empty for strangers.

    Raises:
        TypeError: nobody has roles towards such a thing.
    """
    raise TypeError(type(noun).__name__)


@roles_for.register
def roles_at_call(call: Call, user: Any) -> Roles:
    """Look at programme, funders and panel."""
    if not user.is_authenticated:
        return NOBODY
    found = set()
    if programmes_run_by(user).filter(pk=call.programme_id).exists():
        found.add(machines.OFFICER)
    if FunderOfficer.objects.filter(user=user, funder__commitments__call=call).exists():
        found.add(machines.FUNDER)
    for is_chair in PanelMember.objects.filter(panel__call=call, person__user=user).values_list(
        "is_chair", flat=True
    ):
        found |= {machines.MEMBER, machines.CHAIR} if is_chair else {machines.MEMBER}
    return frozenset(found)


# Whoever has left an application is none of these towards it.
RUNNING_OR_JUDGING = frozenset(
    {machines.OFFICER, machines.FUNDER, machines.MEMBER, machines.CHAIR}
)
STANDS = Q(verdict="stands") | Q(verdict="overridden", is_hard=True)


def left_by(user: User) -> QuerySet[Application]:
    """Return the applications that somebody who runs calls is kept from, with their own.

    Lead, named, recused from it, or in a hard conflict that stands; a soft one keeps nobody from
    running a call, or whoever designed it could not.
    """
    hard = Conflict.objects.filter(STANDS, person__user=user, is_hard=True)
    return Application.objects.filter(
        Q(lead__user=user)
        | Q(pk__in=Participant.objects.filter(person__user=user).values("application"))
        | Q(pk__in=Recusal.objects.filter(member__person__user=user).values("application"))
        | Q(pk__in=hard.values("application"))
    )


def kept_roles(application: Application, user: User, roles: Roles) -> Roles:
    """Return what is left of somebody's roles at a call towards one of its applications."""
    if roles and left_by(user).filter(pk=application.pk).exists():
        return roles - RUNNING_OR_JUDGING
    judging = roles & {machines.MEMBER, machines.CHAIR}
    if judging and application.conflicts.filter(STANDS, person__user=user).exists():
        return roles - judging
    return roles


OF_PARTICIPANT = {
    "lead": machines.LEAD, "partner": machines.PARTNER, "traveller": machines.TRAVELLER,
    "host": machines.HOST,
}  # fmt: skip


@roles_for.register
def roles_at_application(application: Application, user: Any) -> Roles:
    """Look at the call, at who is named, and at who judges."""
    if not user.is_authenticated:
        return NOBODY
    found = set(kept_roles(application, user, roles_for(application.call, user)))
    named = application.participants.filter(person__user=user).exclude(state__in=GONE)
    found |= {OF_PARTICIPANT[role] for role in named.values_list("role", flat=True)
              if role in OF_PARTICIPANT}  # fmt: skip
    if application.lead.user_id == user.pk:
        found.add(machines.LEAD)
    judged = application.assignments.filter(reviewer__person__user=user, state__in=ACTIVE)
    for is_rapporteur in judged.values_list("is_rapporteur", flat=True):
        found |= {machines.REVIEWER, machines.RAPPORTEUR} if is_rapporteur else {machines.REVIEWER}
    return frozenset(found)


@roles_for.register
def roles_at_participant(participant: Participant, user: Any) -> Roles:
    """Whoever is named answers for themselves; the lead invites."""
    if not user.is_authenticated:
        return NOBODY
    others = roles_for(participant.application, user) - {machines.PARTNER}
    is_self = participant.person is not None and participant.person.user_id == user.pk
    return others | {machines.PARTNER} if is_self else others


@roles_for.register
def roles_at_assignment(assignment: ReviewAssignment, user: Any) -> Roles:
    """Whoever reviews, and who runs the call and may; other reviewers are nobody here."""
    if not user.is_authenticated:
        return NOBODY
    application = assignment.application
    found = kept_roles(application, user, roles_for(application.call, user))
    is_own = assignment.reviewer.person.user_id == user.pk
    return found | {machines.REVIEWER} if is_own else found


@roles_for.register
def roles_at_grant(grant: Grant, user: Any) -> Roles:
    """The people of the application are the people of the grant."""
    kept = {machines.OFFICER, machines.FUNDER, machines.LEAD, machines.PARTNER, machines.HOST,
            machines.TRAVELLER}  # fmt: skip
    return roles_for(grant.decision.application, user) & kept


@roles_for.register
def roles_at_trip(trip: Trip, user: Any) -> Roles:
    """A trip has its own traveller and host."""
    if not user.is_authenticated:
        return NOBODY
    found = roles_for(trip.grant, user) - {machines.HOST, machines.TRAVELLER}
    own = {machines.TRAVELLER} if trip.traveller.user_id == user.pk else set()
    hosts = {machines.HOST} if trip.host and trip.host.user_id == user.pk else set()
    return found | own | hosts


@roles_for.register
def roles_at_report(due: ReportDue, user: Any) -> Roles:
    """Reports are of grants."""
    return roles_for(due.grant, user)
