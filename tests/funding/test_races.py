"""Two at the same moment: the database lets one of them win; without its guard both would."""

from contextlib import contextmanager
from datetime import date
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from funding.models import (
    Award,
    Criterion,
    Decision,
    DecisionAmount,
    Grant,
    Payment,
)
from funding.models.call import Call
from funding.services.ledger import faults, record
from tests.factories.funding import (
    ApplicationFactory,
    approved_call,
    days,
    prepared_call,
)
from tests.funding.rows_made import submit
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
YEAR = days(date(2032, 1, 1), date(2032, 12, 31))


@contextmanager
def unguarded(table, trigger):
    """Switch a trigger off, for all connections."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def attempt(call):
    """Return whether a write was let through."""
    try:
        with transaction.atomic():
            call()
    except IntegrityError:
        return False
    return True


def both(*calls):
    return together(*(partial(attempt, call) for call in calls))


def offered(amount=50_000):
    application = ApplicationFactory()
    funder = application.call.commitments.first().funder
    with transaction.atomic():
        decision = Decision.objects.create(application=application, outcome="funded")
        DecisionAmount.objects.create(decision=decision, funder=funder, amount_minor=amount)
    grant = Grant.objects.create(
        decision=decision, reference=f"G-{decision.pk}", period=YEAR, answer_by=timezone.now()
    )
    return Award.objects.create(grant=grant, funder=funder, amount_minor=amount)


def pay(award, amount):
    return Payment.objects.create(
        grant=award.grant, award=award, kind="start", amount_minor=amount, paid_on=YEAR.lower
    )


def test_two_payments_at_once_stay_within_the_award():
    award = offered()

    assert sorted(both(partial(pay, award, 30_000), partial(pay, award, 30_000))) == [False, True]
    award.refresh_from_db()
    assert award.paid_minor == 30_000


def test_without_the_count_more_would_be_paid_than_awarded():
    award = offered()

    with unguarded("funding_payment", "count_paid"):
        both(partial(pay, award, 30_000), partial(pay, award, 30_000))

    assert award.payments.aggregate(sum=Sum("amount_minor"))["sum"] == 60_000 > award.amount_minor


def fund(application, amount):
    decision = Decision.objects.create(application=application, outcome="funded")
    funder = application.call.commitments.first().funder
    DecisionAmount.objects.create(decision=decision, funder=funder, amount_minor=amount)


def two_decisions():
    call = approved_call()
    most = call.commitments.first().budget_minor
    applications = [ApplicationFactory(call=call) for _each in range(2)]
    return both(*(partial(fund, application, most * 2 // 3) for application in applications))


def test_two_decisions_at_once_stay_within_the_budget():
    assert sorted(two_decisions()) == [False, True]


def test_without_the_count_more_would_be_decided_than_there_is():
    with unguarded("funding_decisionamount", "count_committed_more"):
        assert two_decisions() == [True, True]


def approve(call):
    Call.objects.filter(pk=call.pk).update(state="approved", approved_at=timezone.now())


def reweigh(call):
    Criterion.objects.filter(call=call, code="impact").update(weight=2)


def test_a_criterion_changes_before_the_approval_or_not_at_all():
    """Whoever approves after the change approves the change: nobody changes it after that."""
    call = prepared_call()

    changed, approved = both(partial(reweigh, call), partial(approve, call))

    assert approved
    assert changed == (call.criteria.get(code="impact").weight == 2)
    assert not attempt(partial(reweigh, call))


def test_a_version_has_its_number_once_when_two_submit():
    application = ApplicationFactory()

    answers = both(partial(submit, application), partial(submit, application))

    assert sorted(answers) == [False, True]
    assert application.versions.count() == 1


def test_entries_of_the_ledger_stand_in_one_row_when_many_write():
    application = ApplicationFactory()

    together(*(partial(record, application, f"event {number}", actor=None) for number in range(6)))

    assert list(faults()) == []
