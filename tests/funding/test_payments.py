"""Payments: once for each form, never above the award, in words and tables."""

import csv
import io
from contextlib import contextmanager
from datetime import date
from functools import partial
from uuid import uuid4

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Sum

from funding.models import Award, Payment
from funding.refusing import RefusedError
from funding.services.payments import Paid, as_csv, as_workbook, record_payment
from tests.factories.accounts import UserFactory
from tests.factories.funding import funder_officer_of
from tests.funding.grants_made import due_of, lead_of, officer_at, running, trip_of
from tests.funding.read_pages import asks_of
from tests.together import together

pytestmark = pytest.mark.django_db
DAY = date(2031, 3, 1)


def award_in(grant, currency="EUR"):
    return Award.objects.select_related("grant", "funder").get(
        grant=grant, funder__currency=currency
    )


def paid(award, amount=10_000_00, *, key=None, kind="start", **more):
    return Paid(award, kind, amount, DAY, key or uuid4(), **more)


def codes(call):
    with pytest.raises(RefusedError) as caught:
        call()
    return [each.code for each in caught.value.blockers]


def test_the_same_form_sent_twice_is_one_payment():
    grant = running()
    form = paid(award_in(grant))

    first = record_payment(form, actor=officer_at(grant))
    second = record_payment(form, actor=officer_at(grant))

    assert first == second
    assert award_in(grant).paid_minor == 10_000_00


def test_another_payment_with_the_same_key_is_refused():
    grant, key = running(), uuid4()
    officer, award = officer_at(grant), award_in(grant)
    record_payment(paid(award, key=key), actor=officer)

    assert codes(lambda: record_payment(paid(award, 5, key=key), actor=officer)) == [
        "payment_key_used"
    ]


def test_never_more_than_was_awarded():
    grant = running()
    officer, award = officer_at(grant), award_in(grant)
    record_payment(paid(award, award.amount_minor - 1), actor=officer)

    assert codes(lambda: record_payment(paid(award, 2), actor=officer)) == ["more_than_awarded"]
    record_payment(paid(award, 1), actor=officer)


def test_each_funder_pays_its_own_award():
    grant = running()
    european = funder_officer_of(grant.decision.application.call, "europe")

    record_payment(paid(award_in(grant)), actor=european)
    with pytest.raises(PermissionDenied):
        record_payment(paid(award_in(grant, "KRW")), actor=european)
    with pytest.raises(PermissionDenied):
        record_payment(paid(award_in(grant)), actor=lead_of(grant))


def test_instalments_follow_approved_reports():
    grant = running()
    officer, award = officer_at(grant), award_in(grant)

    def pay():
        return record_payment(paid(award, kind="final"), actor=officer)

    assert codes(pay) == ["no_approved_report"]
    due_of(grant, "final", state="approved")
    assert pay().amount_minor == 10_000_00


def test_a_trip_is_paid_once_its_report_is_approved():
    grant = running()
    officer, award = officer_at(grant), award_in(grant)
    trip = trip_of(grant, state="report_approved")

    assert codes(lambda: record_payment(paid(award, kind="trip"), actor=officer)) == ["no_trip"]
    record_payment(paid(award, kind="trip", trip=trip), actor=officer)

    trip.refresh_from_db()
    assert trip.state == "paid"


@contextmanager
def uncounted():
    """Let the database not count what is paid."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE funding_payment DISABLE TRIGGER count_paid")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE funding_payment ENABLE TRIGGER count_paid")


def attempt(form, actor):
    try:
        record_payment(form, actor=actor)
    except RefusedError:
        return False
    return True


def two_of_three_quarters():
    grant = running()
    officer, award = officer_at(grant), award_in(grant)
    amount = award.amount_minor * 3 // 4
    forms = [paid(award_in(grant), amount) for _each in range(2)]
    return award, together(*(partial(attempt, form, officer) for form in forms))


@pytest.mark.django_db(transaction=True)
def test_two_payments_at_once_stay_within_the_award():
    award, answers = two_of_three_quarters()

    assert sorted(answers) == [False, True]
    assert award.payments.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_count_both_would_be_paid():
    with uncounted():
        award, answers = two_of_three_quarters()

    assert answers == [True, True]
    assert award.payments.aggregate(sum=Sum("amount_minor"))["sum"] > award.amount_minor


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_twice_at_once_is_one_payment():
    grant, key = running(), uuid4()
    officer = officer_at(grant)
    forms = [paid(award_in(grant), key=key) for _each in range(2)]

    assert together(*(partial(attempt, form, officer) for form in forms)) == [True, True]
    assert Payment.objects.count() == 1


def test_tables_hold_what_the_reader_may_see():
    grant = running()
    officer = officer_at(grant)
    record_payment(paid(award_in(grant), 12_34), actor=officer)
    record_payment(paid(award_in(grant, "KRW"), 5_000), actor=officer)

    rows = list(csv.DictReader(io.StringIO(as_csv(officer).lstrip("\ufeff"))))
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook(officer))).active

    assert [(row["amount"], row["currency"]) for row in rows] == [
        ("12.34", "EUR"),
        ("5000", "KRW"),
    ]
    assert sheet.max_row == 3
    assert len(as_csv(UserFactory()).splitlines()) == 1


def test_tables_ask_as_often_with_more_payments():
    grant, counts = running(), []
    officer = officer_at(grant)
    for more in (1, 2, 3):
        for _each in range(more):
            record_payment(paid(award_in(grant), 12_34), actor=officer)
        counts.append([asks_of(lambda: as_csv(officer)), asks_of(lambda: as_workbook(officer))])

    assert Payment.objects.count() == 6
    assert counts[0] == counts[1] == counts[2]
