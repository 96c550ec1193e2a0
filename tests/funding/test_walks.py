"""Random walks: whatever anybody tries in whatever order, tables, constraints and ledger hold."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funding.machines import MACHINES, move_of, states
from funding.models import (
    Award,
    Decision,
    DecisionAmount,
    Grant,
    Panel,
    PanelMember,
    ReportDue,
    Review,
    Trip,
)
from funding.refusing import RefusedError
from funding.services.ledger import faults
from funding.services.moving import MACHINE_OF, move
from konnect.states import TransitionError
from tests.factories.accounts import UserFactory
from tests.factories.funding import (
    ApplicationFactory,
    ExpertFactory,
    PersonFactory,
    approved_call,
    days,
    funder_officer_of,
    officer_of,
    team,
)
from tests.factories.matching import OrganisationFactory
from tests.funding.rows_made import SUM, assign, submit

REFUSALS = (TransitionError, PermissionDenied, RefusedError)
NOUNS = tuple(MACHINES)
ROLES = ("officer", "funder", "lead", "partner", "reviewer", "chair", "stranger", "portal")
STEPS = st.lists(
    st.tuples(
        st.sampled_from([(noun, each.event) for noun in NOUNS for each in MACHINES[noun]]),
        st.sampled_from(ROLES),
        st.sampled_from(("", "It has to be")),
    ),
    min_size=8,
    max_size=40,
)


def columns_of(noun, event):
    """Return what the services write beside the state, because a constraint ties it to it."""
    now = timezone.now()
    return {
        ("call", "approve"): {"approved_at": now}, ("call", "reopen"): {"approved_at": None},
        ("call", "release"): {"released_at": now},
        ("participant", "confirm"): {"confirmed_at": now, "confirmed_hash": SUM},
        ("participant", "decline"): {"confirmed_at": None, "confirmed_hash": ""},
        ("participant", "change"): {"confirmed_at": None, "confirmed_hash": ""},
        ("grant", "accept"): {"accepted_at": now}, ("grant", "complete"): {"completed_at": now},
        ("trip", "cancel"): {"is_live": False}, ("trip", "miss"): {"is_live": False},
    }.get((noun, event), {})  # fmt: skip


class World:
    """One of each noun, and one person of each role."""

    def __init__(self):
        call = approved_call()
        application = ApplicationFactory(call=call, number=1)
        _lead, partner = team(application)
        submit(application)
        application.submitted_version, application.state = 1, "submitted"
        application.save()
        expert = ExpertFactory()
        assignment = assign(application, expert)
        Review.objects.create(assignment=assignment)
        chair = PanelMember.objects.create(
            panel=Panel.objects.create(call=call), person=PersonFactory(), side="korea",
            is_chair=True,
        )  # fmt: skip
        grant = self.grant_of(application)
        self.people = {
            "officer": officer_of(call), "funder": funder_officer_of(call),
            "lead": application.lead.user, "partner": partner.person.user,
            "reviewer": expert.person.user, "chair": chair.person.user,
            "stranger": UserFactory(), "portal": None,
        }  # fmt: skip
        self.nouns = {
            "call": call, "application": application, "participant": partner,
            "review": assignment, "grant": grant, "trip": self.trip_of(grant, partner),
            "report": ReportDue.objects.create(
                grant=grant, kind="final", sequence=1, due_on=date(2033, 1, 1)
            ),
        }  # fmt: skip

    def grant_of(self, application):
        funder = application.call.commitments.first().funder
        decision = Decision.objects.create(application=application, outcome="funded")
        DecisionAmount.objects.create(decision=decision, funder=funder, amount_minor=5)
        grant = Grant.objects.create(
            decision=decision, reference="G-1", answer_by=timezone.now(),
            period=days(date(2032, 1, 1), date(2032, 12, 31)),
        )  # fmt: skip
        Award.objects.create(grant=grant, funder=funder, amount_minor=5)
        return grant

    def trip_of(self, grant, partner):
        return Trip.objects.create(
            grant=grant, grant_period=grant.period, traveller=grant.decision.application.lead,
            host=partner.person, home_organisation=OrganisationFactory(),
            host_organisation=partner.organisation, home_region="europe", host_region="korea",
            period=days(date(2032, 3, 1), date(2032, 3, 9)),
        )  # fmt: skip


def attempt(world, step):
    """Let somebody try something; return whether it happened."""
    (name, event), role, reason = step
    noun = world.nouns[name]
    columns = columns_of(name, event)
    try:
        with transaction.atomic():
            move(noun, event, actor=world.people[role], reason=reason, columns=columns)
    except REFUSALS:
        noun.refresh_from_db()
        return False
    return True


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
@pytest.mark.django_db
def test_no_walk_leaves_the_tables_or_breaks_a_constraint(steps):
    with transaction.atomic():
        world = World()
        for step in steps:
            before = world.nouns[step[0][0]].state
            happened = attempt(world, step)
            noun = world.nouns[step[0][0]]
            line = move_of(*step[0])
            assert noun.state in states(MACHINE_OF[type(noun)])
            assert noun.state == (line.target if happened else before)
            assert not happened or before in line.sources
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert list(faults()) == []
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_walk_that_is_allowed_happens():
    """The twin: refusals alone would hold every promise."""
    world = World()

    assert attempt(world, (("grant", "accept"), "stranger", "")) is False
    assert attempt(world, (("participant", "decline"), "partner", "")) is True
    assert attempt(world, (("review", "recuse"), "reviewer", "")) is False
    assert attempt(world, (("review", "recuse"), "reviewer", "It has to be")) is True
