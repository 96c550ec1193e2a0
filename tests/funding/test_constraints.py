"""What the tables of calls and applications hold, whoever writes to them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from funding.models import (
    ApplicationVersion,
    Call,
    Clarification,
    CountryStatus,
    Criterion,
    FunderCommitment,
    LateToken,
)
from tests.factories.funding import (
    ApplicationFactory,
    PersonFactory,
    approved_call,
    days,
    prepared_call,
    team,
)
from tests.funding.rows_made import SUM, YEAR, check_now, close, refused, submit


@pytest.fixture
def application(db):
    return ApplicationFactory()


def test_a_call_opens_before_it_closes(db):
    call = prepared_call()

    with refused("call_opens_before_it_closes"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(opens_at=call.closes_at)


def test_an_approved_call_closes_later_but_never_earlier(db):
    call = approved_call()

    Call.objects.filter(pk=call.pk).update(closes_at=call.closes_at + timedelta(days=7))
    with refused("call_never_closes_earlier|closes later"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(closes_at=call.closes_at)


@pytest.mark.parametrize(
    ("column", "value"),
    (("blind_level", 2), ("overall_threshold", 9), ("policy", "strict"), ("reviews_wanted", 2)),
)
def test_rules_of_an_approved_call_are_frozen(db, column, value):
    call = approved_call()

    with refused("frozen"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(**{column: value})


def test_criteria_budgets_forms_and_missions_are_frozen_with_it(db):
    call = approved_call()

    for change in (
        lambda: Criterion.objects.filter(call=call).update(weight=2),
        lambda: Criterion.objects.create(call=call, code="more", name_en="More", name_ko="추가"),
        lambda: FunderCommitment.objects.filter(call=call).update(budget_minor=1),
        lambda: FunderCommitment.objects.filter(call=call).update(
            per_euro=1, rate_on=date(2026, 3, 2), rate_source="ECB"
        ),
        lambda: call.forms.all().delete(),
        lambda: call.mission_rows.all().delete(),
    ):
        with refused("frozen"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    "rate",
    (
        {"per_euro": 1480},
        {"per_euro": 0, "rate_on": date(2026, 3, 2), "rate_source": "ECB"},
        {"per_euro": 1480, "rate_on": date(2026, 3, 2)},
        {"rate_on": date(2026, 3, 2), "rate_source": "ECB"},
    ),
)
def test_a_rate_has_a_day_and_a_source(db, rate):
    call = prepared_call()

    with refused("exchange_rate_is_dated"), transaction.atomic():
        FunderCommitment.objects.filter(call=call).update(**rate)


def test_an_approved_call_serves_a_mission(db):
    call = prepared_call()
    call.mission_rows.all().delete()

    with refused("serves a mission"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(state="approved", approved_at=timezone.now())


@pytest.mark.parametrize("threshold", (Decimal(-1), Decimal(6)))
def test_a_threshold_lies_within_its_criterion(db, threshold):
    call = prepared_call()

    with refused("criterion_threshold_within"), transaction.atomic():
        call.criteria.filter(code="impact").update(threshold=threshold)


def test_a_country_has_one_status_a_day_and_part(db):
    for part in (0, 2):
        CountryStatus.objects.create(
            country_code="KR", programme_part=part, side="korea", status="associated", valid=YEAR
        )

    with refused("country_one_status_a_day"), transaction.atomic():
        CountryStatus.objects.create(
            country_code="KR", programme_part=2, side="korea", status="third",
            valid=days(date(2032, 12, 31), date(2033, 12, 31)),
        )  # fmt: skip
    CountryStatus.objects.create(
        country_code="RK", programme_part=2, side="korea", status="third", valid=YEAR
    )


def test_one_live_application_a_call_and_lead(application):
    with refused("one_live_application_a_lead"), transaction.atomic():
        ApplicationFactory(call=application.call, lead=application.lead)


def test_the_number_of_an_application_is_given_once(application):
    application.number = 1
    application.save()

    with refused("application_number_once"), transaction.atomic():
        ApplicationFactory(call=application.call, number=1)


def test_there_is_one_lead_and_one_partner_and_confirming_has_a_date(application):
    lead, partner = team(application)

    with refused("one_lead"), transaction.atomic():
        type(lead).objects.create(application=application, role="lead", region="europe")
    with refused("one_partner"), transaction.atomic():
        type(lead).objects.create(application=application, role="partner", region="korea")
    with refused("confirmed_has_date_and_version"), transaction.atomic():
        type(lead).objects.filter(pk=partner.pk).update(state="confirmed", confirmed_hash=SUM)


def test_a_version_stands_and_belongs_to_two_regions(application):
    version = submit(application)

    with refused("stays"), transaction.atomic():
        ApplicationVersion.objects.filter(pk=version.pk).update(content={"title": "other"})
    with refused("stays"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM funding_applicationversion")
    with refused("version_of_two_regions"), transaction.atomic():
        submit(application, 2, partner_region="europe")
    with refused("version_number_once"), transaction.atomic():
        submit(application)


def test_an_application_counts_a_version_of_its_own(application):
    other = ApplicationFactory(call=application.call)
    submit(other)

    with refused("application_counts_its_own_version"), transaction.atomic():
        type(application).objects.filter(pk=application.pk).update(submitted_version=1)
        check_now()


def test_the_clock_of_the_database_takes_no_version_after_closing(application):
    version = submit(application)
    version.refresh_from_db()
    assert version.late_by == 0
    close(application.call, timedelta(seconds=1))

    with refused("the call has closed"), transaction.atomic():
        submit(application, 2)


def test_what_the_writer_says_about_the_time_does_not_count(application):
    close(application.call, timedelta(hours=1))

    with refused("the call has closed"), transaction.atomic():
        submit(application, received_at=timezone.now() - timedelta(days=3))


def test_grace_is_for_drafts_that_were_there_and_is_written_down(db):
    call = approved_call(grace_seconds=600)
    early = ApplicationFactory(call=call)
    close(call, timedelta(seconds=60))
    type(early).objects.filter(pk=early.pk).update(created_at=timezone.now() - timedelta(days=1))
    late = ApplicationFactory(call=call)

    version = submit(early)
    version.refresh_from_db()

    assert 60 <= version.late_by <= 120
    with refused("the call has closed"), transaction.atomic():
        submit(late)


def token_for(application, **columns):
    values = {
        "valid_until": timezone.now() + timedelta(days=1), "reason": "Power cut",
        "granted_by": PersonFactory(), "approved_by": PersonFactory(),
    } | columns  # fmt: skip
    return LateToken.objects.create(call=application.call, application=application, **values)


def test_a_late_token_opens_once_and_only_for_whom_it_was_given(application):
    close(application.call, timedelta(days=1))
    token = token_for(application)
    stranger = ApplicationFactory(call=application.call)

    with refused("the call has closed"), transaction.atomic():
        submit(stranger, token=token)
    submit(application, token=token)
    with refused("the call has closed"), transaction.atomic():
        submit(application, 2, token=token)

    token.refresh_from_db()
    assert token.used == 1


def test_a_late_token_needs_two_officers(application):
    close(application.call, timedelta(days=1))
    officer = PersonFactory()
    alone = token_for(application, approved_by=None)

    with refused("the call has closed"), transaction.atomic():
        submit(application, token=alone)
    with refused("late_token_of_two_people"), transaction.atomic():
        token_for(application, granted_by=officer, approved_by=officer)
    with refused("late_token_not_overused"), transaction.atomic():
        LateToken.objects.filter(pk=alone.pk).update(used=2)


def test_a_clarification_has_its_own_deadline(application):
    submit(application)
    close(application.call, timedelta(days=9))
    asked = Clarification.objects.create(
        application=application, question="Which weeks?",
        due_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip

    assert submit(application, 2, clarification=asked).pk
    Clarification.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    with refused("the time for clarification is over"), transaction.atomic():
        submit(application, 3, clarification=asked)
