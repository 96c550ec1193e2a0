"""The invented calls in the database: each role finds work waiting, and nothing contradicts."""

from collections import Counter

import pytest
from django.core.management import call_command
from django.db.models import F, Sum

from funding.machines import STARTS, move_of
from funding.models import (
    Application,
    ApplicationVersion,
    Award,
    Call,
    CallState,
    Conflict,
    DecisionAmount,
    FunderCommitment,
    FunderOfficer,
    Grant,
    LedgerEntry,
    Participant,
    Person,
    RankList,
    ReportDue,
    ReviewAssignment,
    Trip,
)
from funding.ranking import UNDRAWN
from funding.services.demonstration import load_calls
from funding.services.exchange_rates import exchange_of
from funding.services.ledger import faults
from funding.services.moving import MACHINE_OF
from funding.services.projects import projects_of
from konnect.accounts.models import User
from matching.services.demonstration import (
    CHAIR,
    EUROPEAN_FUNDER,
    KOREAN_FUNDER,
    REVIEWER,
    load_demonstration,
)


@pytest.fixture(scope="module")
def demonstration(django_db_setup, django_db_blocker):
    """Load people and calls once for this file; every test sees them in a transaction."""
    with django_db_blocker.unblock():
        try:
            load_demonstration(count=160, seed=2026)
            call_command("load_demo_calls")
            yield
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def loaded(demonstration, db):
    """The demonstration."""


def test_the_joint_call_has_forty_applications_twenty_five_reviewers_and_eight_grants(loaded):
    call = Call.objects.get(number="J-1")

    assert call.applications.count() == 40
    assert call.expert_rows.count() == 25
    assert Grant.objects.filter(decision__application__call=call).count() == 8
    sides = call.commitments.values_list("funder__side", flat=True)
    assert sorted(sides) == ["europe", "europe", "korea", "korea"]


def test_calls_stand_in_most_states(loaded):
    states = set(Call.objects.values_list("state", flat=True))

    assert states == set(CallState.values) - {"decided", "cancelled"}


def test_the_best_outlines_are_invited_to_a_call_that_is_open(loaded):
    outlines, full = Call.objects.get(number="J-9"), Call.objects.get(number="J-9-2")
    outcomes = Counter(outlines.applications.values_list("decision__outcome", flat=True))

    assert full.outline_call == outlines
    assert Call.objects.open().filter(pk=full.pk).exists()
    assert outcomes.total() == 20
    assert 5 <= outcomes["invited"] <= 15
    assert not Grant.objects.filter(decision__application__call=outlines).exists()
    mine = outlines.applications.filter(
        state="invited", lead__user__email__endswith="demo.example"
    )
    assert mine.filter(
        lead__user__email__in=("minji.kim@demo.example", "anna.schmidt@demo.example")
    )


def test_every_version_came_while_its_call_was_open(loaded):
    late = ApplicationVersion.objects.exclude(
        received_at__gte=F("application__call__opens_at"),
        received_at__lt=F("application__call__closes_at"),
    )

    assert ApplicationVersion.objects.count() == 110
    assert not late.exists()


def test_teams_are_of_two_regions_and_stand_behind_their_text(loaded):
    submitted = Application.objects.exclude(submitted_version=None)

    for application in submitted.prefetch_related("participants"):
        people = application.participants.all()
        assert {each.region for each in people} == {"europe", "korea"}
        assert {each.state for each in people} == {"confirmed"}
        assert {each.confirmed_hash for each in people} == {application.draft_sha256}


def test_nobody_reviews_their_own_application_and_both_sides_judge(loaded):
    for assignment in ReviewAssignment.objects.select_related("reviewer"):
        own = Participant.objects.filter(
            application=assignment.application_id, person=assignment.reviewer.person_id
        )
        assert not own.exists()
    for application in Application.objects.filter(assignments__isnull=False).distinct():
        sides = set(application.assignments.values_list("reviewer__side", flat=True))
        assert sides == {"europe", "korea"}
    assert not Conflict.objects.filter(is_hard=True).exists()


def test_money_adds_up(loaded):
    for commitment in FunderCommitment.objects.all():
        given = DecisionAmount.objects.filter(
            decision__application__call=commitment.call, funder=commitment.funder
        ).aggregate(sum=Sum("amount_minor"))["sum"]
        assert (given or 0) == commitment.committed_minor
    for award in Award.objects.filter(grant__state="active"):
        assert award.paid_minor == award.amount_minor // 2
    for award in Award.objects.filter(grant__state="closed"):
        assert award.paid_minor == award.amount_minor
    assert Trip.objects.count() == 10


def test_a_pot_of_euros_and_won_can_be_counted(loaded):
    call = Call.objects.get(number="J-2")

    exchange = exchange_of(call, list(call.commitments.select_related("funder")))

    assert exchange is not None
    assert sorted({*map(float, exchange.per_euro.values())}) == [100, 1480.5]


def test_ranked_lists_open_with_reasons_and_say_what_was_decided(loaded, client):
    client.force_login(User.objects.get(email=CHAIR))
    lists = list(RankList.objects.select_related("call"))

    assert len(lists) == 3
    for each in lists:
        assert len(each.facts["reasons"]) == each.items.count()
        assert not each.items.filter(decided_by=UNDRAWN).exists()
        below = Application.objects.filter(rank_items__in=each.items.filter(zone="below"))
        assert not below.filter(decision__outcome="funded").exists()
        assert client.get(f"/calls/{each.call_id}/panel/ranking/").status_code == 200


@pytest.mark.parametrize("email", (CHAIR, EUROPEAN_FUNDER, KOREAN_FUNDER, REVIEWER))
def test_everybody_of_the_staff_can_sign_in(loaded, email):
    user = User.objects.get(email=email)

    assert user.emailaddress_set.get().verified


def test_the_reviewer_has_work_and_funders_have_officers(loaded):
    mine = ReviewAssignment.objects.filter(reviewer__person__user__email=REVIEWER)

    assert mine.filter(state__in=("invited", "accepted", "drafting")).count() >= 2
    assert FunderOfficer.objects.count() == 4


def test_nobody_who_runs_calls_is_known_by_an_address(loaded):
    people = Person.objects.filter(user__email__endswith="@demo.example")

    assert people.filter(user__email="officer@demo.example").exists()
    assert not people.filter(name="").exists()


def test_a_second_time_changes_nothing(loaded):
    before = Call.objects.count()

    assert not load_calls()
    assert Call.objects.count() == before


def test_everything_has_a_history_that_its_table_allows(loaded):
    for model, name in MACHINE_OF.items():
        for noun in model.objects.prefetch_related("changes"):
            entries = LedgerEntry.objects.filter(
                noun=model.__name__.lower(), object_id=noun.pk
            ).order_by("sequence")
            states = [each.after["state"] for each in entries]
            assert [each.new_state for each in noun.changes.all()][-1:] == states[-1:], noun
            assert ([STARTS[name], *states])[-1] == noun.state, noun
            assert all(
                each.before["state"] in move_of(name, each.event).sources for each in entries
            )
    assert list(faults()) == []


def test_the_call_that_is_over_shows_what_came_of_its_projects(loaded, client):
    call = Call.objects.get(state="closed_out")
    told = projects_of(call).filter(has_summary=True)

    assert told.count() == projects_of(call).count() > 0
    page = client.get(f"/projects/{told.first().pk}/").content.decode()
    assert "three other groups use it" in page
    assert not Trip.objects.filter(state="paid", officer_approved_at=None).exists()
    assert not ReportDue.objects.filter(state="approved", versions=None).exists()
    history = list(call.changes.values_list("new_state", "changed_at"))
    assert [state for state, _at in history][-2:] == ["running", "closed_out"]
    assert [at for _state, at in history] == sorted(at for _state, at in history)
