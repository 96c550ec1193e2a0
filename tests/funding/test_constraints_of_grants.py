"""What the tables of grants hold, whoever writes to them."""

from datetime import date

import pytest
from django.db import transaction
from django.utils import timezone

from funding.models import (
    Award,
    Decision,
    DecisionAmount,
    DueExtension,
    FollowUp,
    Grant,
    Payment,
    ReportDue,
    Trip,
)
from tests.factories.funding import (
    ApplicationFactory,
    PersonFactory,
    days,
)
from tests.factories.matching import OrganisationFactory
from tests.funding.rows_made import YEAR, refused


@pytest.fixture
def application(db):
    return ApplicationFactory()


@pytest.fixture
def grant(application):
    call = application.call
    with transaction.atomic():
        decision = Decision.objects.create(application=application, outcome="funded")
        funder = call.commitments.first().funder
        DecisionAmount.objects.create(decision=decision, funder=funder, amount_minor=50_000)
    grant = Grant.objects.create(
        decision=decision, reference="G-1", period=YEAR, answer_by=timezone.now()
    )
    Award.objects.create(grant=grant, funder=funder, amount_minor=50_000)
    return grant


def test_no_more_is_committed_than_the_budget(grant):
    commitment = grant.decision.application.call.commitments.first()
    amount = grant.decision.amounts.get()

    assert commitment.committed_minor == 50_000
    with refused("commitment_within_budget"), transaction.atomic():
        DecisionAmount.objects.filter(pk=amount.pk).update(
            amount_minor=commitment.budget_minor + 1
        )


def test_no_more_is_paid_than_was_awarded(grant):
    award = grant.awards.get()
    values = {"grant": grant, "award": award, "kind": "start", "paid_on": date(2032, 2, 1)}
    Payment.objects.create(amount_minor=30_000, **values)

    with refused("award_not_overpaid"), transaction.atomic():
        Payment.objects.create(amount_minor=20_001, **values)

    Payment.objects.create(amount_minor=20_000, **values)
    award.refresh_from_db()
    assert award.paid_minor == 50_000


def trip(grant, traveller, first, last, **columns):
    values = {"home_region": "europe", "host_region": "korea", "grant_period": grant.period}
    organisation = OrganisationFactory()
    return Trip.objects.create(
        grant=grant, traveller=traveller, home_organisation=organisation,
        host_organisation=organisation, period=days(first, last), **(values | columns),
    )  # fmt: skip


def test_trips_of_one_traveller_do_not_overlap(grant):
    anna = PersonFactory()
    first = trip(grant, anna, date(2032, 3, 1), date(2032, 3, 14))
    first.refresh_from_db()
    assert first.days == 14

    with refused("one_trip_at_a_time"), transaction.atomic():
        trip(grant, anna, date(2032, 3, 14), date(2032, 3, 20))
    Trip.objects.filter(pk=first.pk).update(state="cancelled", is_live=False)
    trip(grant, anna, date(2032, 3, 14), date(2032, 3, 20))


def test_a_trip_lies_within_its_grant_and_between_two_regions(grant):
    anna = PersonFactory()

    with refused("trip_within_the_grant"), transaction.atomic():
        trip(grant, anna, date(2032, 12, 30), date(2033, 1, 2))
    with refused("trip_between_two_regions"), transaction.atomic():
        trip(grant, anna, date(2032, 3, 1), date(2032, 3, 2), host_region="europe")
    trip(grant, anna, date(2032, 12, 1), date(2032, 12, 2))
    with refused("trip_within_the_grant"), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(period=days(date(2032, 1, 1), date(2032, 6, 30)))


def test_due_dates_stand_and_only_extensions_move_them(grant):
    due = ReportDue.objects.create(grant=grant, kind="final", sequence=1, due_on=date(2033, 1, 31))

    with refused("a due date moves by an extension only"), transaction.atomic():
        ReportDue.objects.filter(pk=due.pk).update(due_on=date(2033, 2, 28))
    DueExtension.objects.create(due=due, new_on=date(2033, 2, 28), reason="Illness")
    with refused("report_due_once"), transaction.atomic():
        ReportDue.objects.create(grant=grant, kind="final", sequence=1, due_on=date(2034, 1, 1))


def test_follow_ups_are_after_one_three_and_five_years(grant):
    values = {"grant": grant, "kind": "follow_up", "due_on": date(2034, 1, 1)}

    with refused("follow_up_after_one_three_five_years"), transaction.atomic():
        ReportDue.objects.create(sequence=2, **values)
    due = ReportDue.objects.create(sequence=1, **values)
    FollowUp.objects.create(grant=grant, year=1, due=due)
    with refused("follow_up_once_a_year"), transaction.atomic():
        FollowUp.objects.create(
            grant=grant, year=1, due=ReportDue.objects.create(sequence=3, **values)
        )
