"""From a draft to an open call: who says yes, what is frozen, and what the clock decides."""

import threading
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from funding.models import Call, CallAmendment, CallApproval, CallMission, FunderOfficer, Outage
from funding.phases import Phase, phase_of
from funding.refusing import RefusedError
from funding.services import approvals
from funding.services.amendments import amend_call
from funding.services.approvals import approve_call, may_approve
from funding.services.call_events import happen
from funding.services.call_notices import tell_amendments, tell_of_cancelled_calls
from funding.services.call_parts import CriterionFacts, set_criteria
from funding.services.call_readiness import problems_of
from funding.services.call_saving import save_call, version_of
from funding.services.late_tokens import approve_late_token, grant_late_token
from funding.services.ledger import faults
from funding.services.outages import extend_for_outage
from konnect.accounts.models import Notification, OutgoingEmail
from konnect.states import TransitionError
from matching.services.profiles import EditConflict
from tests.factories.accounts import UserFactory
from tests.factories.funding import (
    WITH_SUMMARY,
    ApplicationFactory,
    approved_call,
    funder_officer_of,
    officer_of,
    prepared_call,
    team,
)
from tests.processes import PATIENCE
from tests.together import outcomes

pytestmark = pytest.mark.django_db


def failures(*acts):
    """Return what was raised when people act at once."""
    return [each for each in outcomes(*acts) if isinstance(each, Exception)]


def codes(refusal):
    return {blocker.code for blocker in refusal.value.blockers}


def refused(act):
    with pytest.raises(RefusedError) as refusal:
        act()
    return codes(refusal)


@pytest.fixture
def call():
    return prepared_call(schema=WITH_SUMMARY)


@pytest.fixture
def officer(call):
    return officer_of(call)


@pytest.fixture
def funders(call):
    return [funder_officer_of(call), funder_officer_of(call, "korea")]


def send(call, officer):
    happen(call, "send_for_approval", actor=officer)


# --- Approval ---------------------------------------------------------------------------------


def test_call_opens_when_the_last_of_all_has_approved(call, officer, funders):
    send(call, officer)
    for person in (officer, *funders):
        assert call.state == "in_approval"
        approve_call(call, actor=person)

    call.refresh_from_db()
    assert call.state == "approved"
    assert call.approved_at is not None
    assert phase_of(call) == Phase.OPEN
    assert list(faults()) == []


def test_funders_are_told_that_a_call_waits_for_them(call, officer, funders):
    send(call, officer)

    told = Notification.objects.filter(kind="calls").values_list("user", flat=True)
    assert set(told) == {person.pk for person in funders}


def test_nobody_approves_twice_or_for_others(call, officer, funders):
    FunderOfficer.objects.create(funder=call.commitments.first().funder, user=officer)
    send(call, officer)
    approve_call(call, actor=officer)

    assert refused(lambda: approve_call(call, actor=officer)) == {"already_approved"}
    with pytest.raises(PermissionDenied):
        approve_call(call, actor=UserFactory())
    assert not may_approve(call, officer)
    assert may_approve(call, funders[0])


def test_second_officer_of_a_funder_is_told_that_it_has_approved(call, officer, funders):
    second = funder_officer_of(call)
    send(call, officer)
    approve_call(call, actor=funders[0])

    assert refused(lambda: approve_call(call, actor=second)) == {"approved_by_another"}


def test_call_that_lacks_something_is_not_sent(call, officer, funders):
    call.criteria.all().delete()
    call.missions.clear()

    assert refused(lambda: send(call, officer)) == {"no_criteria", "no_mission"}


def test_common_pot_of_several_currencies_is_warned_of(call):
    call.pot = "real"

    def warnings():
        return {each.code for each in problems_of(call) if not each.is_blocker}

    assert "several_currencies" in warnings()
    call.commitments.filter(currency="KRW").update(
        per_euro=Decimal("1480.5"), rate_on=date(2026, 3, 2), rate_source="ECB"
    )
    assert "several_currencies" not in warnings()
    call.commitments.update(per_euro=None, rate_on=None, rate_source="")
    assert "several_currencies" in warnings()
    call.commitments.update(currency="EUR")
    assert "several_currencies" not in warnings()


def test_call_without_officers_of_a_funder_is_not_sent(call, officer):
    assert "no_officer" in refused(lambda: send(call, officer))


def test_change_takes_approvals_back(call, officer, funders):
    send(call, officer)
    approve_call(call, actor=funders[0])

    save_call(call, actor=officer, columns={"text_en": "Otherwise."})

    assert not CallApproval.objects.filter(call=call).exists()


def test_saving_the_same_leaves_approvals(call, officer, funders):
    send(call, officer)
    approve_call(call, actor=funders[0])

    save_call(call, actor=officer, columns={"text_en": call.text_en})

    assert CallApproval.objects.filter(call=call).count() == 1


def test_two_windows_never_overwrite_each_other(call, officer):
    old = version_of(call)
    save_call(call, actor=officer, columns={"text_en": "First."}, version=old)

    with pytest.raises(EditConflict):
        save_call(call, actor=officer, columns={"text_en": "Second."}, version=old)


def test_strangers_and_funders_do_not_write(call, funders):
    for person in (UserFactory(), funders[0]):
        with pytest.raises(PermissionDenied):
            save_call(call, actor=person, columns={"text_en": "Mine."})


def test_approved_call_is_frozen(call, officer, funders):
    approve_all(call, officer, funders)

    row = CriterionFacts("new", "New", "신규")
    assert refused(lambda: set_criteria(call, [row], actor=officer)) == {"call_is_frozen"}
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(blind_level=3)


def approve_all(call, officer, funders):
    send(call, officer)
    for person in (officer, *funders):
        approve_call(call, actor=person)


def test_reopened_call_is_approved_anew_and_never_closes_earlier(call, officer, funders):
    approve_all(call, officer, funders)

    happen(call, "reopen", actor=officer, reason="A criterion was missing.")

    assert call.state == "in_approval"
    assert not call.approvals.exists()
    earlier = {"closes_at": call.closes_at - timedelta(days=1)}
    assert refused(lambda: save_call(call, actor=officer, columns=earlier)) == {
        "call_never_closes_earlier"
    }
    row = CriterionFacts("new", "New", "신규")
    set_criteria(call, [row], actor=officer, columns={"overall_threshold": 3})
    for person in (officer, *funders):
        approve_call(call, actor=person)
    assert call.state == "approved"


def test_reason_is_needed_to_reopen_and_to_cancel(call, officer, funders):
    approve_all(call, officer, funders)

    for event in ("reopen", "cancel"):
        assert refused(lambda event=event: happen(call, event, actor=officer)) == {
            "reason_missing"
        }


# --- The clock --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opens", "closes", "phase"),
    ((1, 2, Phase.UPCOMING), (-1, 1, Phase.OPEN), (-2, -1, Phase.CLOSED)),
)
def test_phase_is_computed_from_the_clock(opens, closes, phase):
    now = timezone.now()
    call = approved_call(
        opens_at=now + timedelta(hours=opens), closes_at=now + timedelta(hours=closes)
    )

    assert phase_of(call) == phase


def test_window_is_half_open_and_grace_is_no_phase():
    call = approved_call(grace_seconds=3600)

    assert phase_of(call, call.opens_at) == Phase.OPEN
    assert phase_of(call, call.closes_at - timedelta(microseconds=1)) == Phase.OPEN
    assert phase_of(call, call.closes_at) == Phase.CLOSED


def test_screening_begins_only_after_closing():
    call = approved_call()
    officer = officer_of(call)
    assert refused(lambda: happen(call, "screen", actor=officer)) == {"call_is_open"}

    over = approved_call(closes_at=timezone.now() - timedelta(seconds=1))
    happen(over, "screen", actor=officer_of(over))

    assert over.state == "screening"


def test_mover_without_a_role_or_from_another_state_is_refused():
    call = approved_call()
    with pytest.raises(PermissionDenied):
        happen(call, "cancel", actor=UserFactory(), reason="No.")
    with pytest.raises(TransitionError):
        happen(call, "run", actor=officer_of(call))


# --- Amendments, outages, late submissions ----------------------------------------------------


def words():
    return {"text_en": "A week more.", "text_ko": "마감일을 일주일 연장합니다."}


def test_amendment_is_numbered_moves_the_closing_and_is_told_once():
    call = approved_call()
    application = ApplicationFactory(call=call)
    _lead, partner = team(application)
    later = call.closes_at + timedelta(days=7)
    columns = {"closes_at": later, "closes_wall": "2031-11-22T24:00"}

    first = amend_call(call, actor=officer_of(call), columns=columns, **words())
    second = amend_call(call, actor=officer_of(call), columns={}, **words())
    assert tell_amendments() == 2
    assert tell_amendments() == 0

    call.refresh_from_db()
    assert (first.number, second.number, call.closes_at) == (1, 2, later)
    told = Notification.objects.filter(kind="calls").values_list("user", flat=True)
    assert sorted(told) == sorted([application.lead.user_id, partner.person.user_id] * 2)
    letters = OutgoingEmail.objects.all()
    assert len(letters) == 4
    assert all("week" in letter.text for letter in letters)


def test_amendment_never_closes_earlier_and_changes_no_rule():
    call = approved_call()
    officer = officer_of(call)
    earlier = {"closes_at": call.closes_at - timedelta(seconds=1)}

    for columns, code in (
        (earlier, "call_never_closes_earlier"),
        ({"blind_level": 3}, "call_is_frozen"),
    ):
        assert refused(
            lambda columns=columns: amend_call(call, actor=officer, columns=columns, **words())
        ) == {code}
    assert not CallAmendment.objects.exists()
    with pytest.raises(PermissionDenied):
        amend_call(call, actor=funder_officer_of(call), columns={}, **words())


def test_database_refuses_an_earlier_closing_whoever_writes_it():
    call = approved_call()

    with pytest.raises(IntegrityError, match="closes later"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(closes_at=call.closes_at - timedelta(seconds=1))


def test_outage_in_the_last_day_extends_for_everybody_by_its_length():
    closes = timezone.now() + timedelta(minutes=5)
    call = approved_call(closes_at=closes)
    began = closes - timedelta(minutes=90)

    amendment = extend_for_outage(
        call, actor=officer_of(call), began_at=began, ended_at=began + timedelta(minutes=30, seconds=1),
        note="Power cut.",
    )  # fmt: skip

    call.refresh_from_db()
    assert call.closes_at == closes + timedelta(minutes=31)
    assert "31 minutes" in amendment.text_en
    assert "31" in amendment.text_ko
    assert amendment.text_ko != amendment.text_en


def test_outage_before_the_last_day_extends_nothing():
    call = approved_call()
    began = call.closes_at - timedelta(days=2)

    assert refused(
        lambda: extend_for_outage(
            call,
            actor=officer_of(call),
            began_at=began,
            ended_at=began + timedelta(hours=1),
            note="x",
        )
    ) == {"outage_too_early"}
    assert not Outage.objects.exists()


def test_late_submission_needs_a_second_officer():
    call = approved_call()
    first, second = officer_of(call), funder_officer_of(call)
    application = ApplicationFactory(call=call)
    token = grant_late_token(
        call, actor=first, application=application, reason="Ill.",
        valid_until=timezone.now() + timedelta(days=1),
    )  # fmt: skip

    assert refused(lambda: approve_late_token(token, actor=first)) == {"same_person"}
    with pytest.raises(PermissionDenied):
        approve_late_token(token, actor=UserFactory())
    approve_late_token(token, actor=second)
    told = Notification.objects.get(kind="applications")
    assert (told.user_id, told.key) == (application.lead.user_id, f"late_token:{token.pk}")
    assert refused(lambda: approve_late_token(token, actor=officer_of(call))) == {"already_agreed"}


def test_late_submission_to_another_call_is_refused():
    call = approved_call()

    assert refused(
        lambda: grant_late_token(
            call, actor=officer_of(call), application=ApplicationFactory(), reason="Ill.",
            valid_until=timezone.now() + timedelta(days=1),
        )
    ) == {"call_takes_nothing_late"}  # fmt: skip


def test_cancelled_call_tells_applicants_once():
    call = approved_call()
    application = ApplicationFactory(call=call)
    team(application)
    happen(call, "cancel", actor=officer_of(call), reason="No money.")

    assert tell_of_cancelled_calls() == 2
    assert tell_of_cancelled_calls() == 0
    assert phase_of(call) == Phase.CANCELLED


# --- Two at once ------------------------------------------------------------------------------


def two_left():
    """Return a call that waits for its two funders, and what each of them does."""
    call = prepared_call(schema=WITH_SUMMARY)
    officer, funders = (
        officer_of(call),
        [funder_officer_of(call), funder_officer_of(call, "korea")],
    )
    send(call, officer)
    approve_call(call, actor=officer)
    return call, [
        lambda each=each: approve_call(Call.objects.get(pk=call.pk), actor=each)
        for each in funders
    ]


@pytest.mark.django_db(transaction=True)
def test_last_two_approvers_at_once_open_the_call_once():
    call, acts = two_left()

    assert failures(*acts) == []

    call.refresh_from_db()
    assert (call.state, call.approvals.count()) == ("approved", 3)
    assert call.changes.filter(new_state="approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_locks_the_last_approval_opens_nothing(monkeypatch):
    """The twin: what the locks are for."""
    call, acts = two_left()
    both_have_approved = threading.Barrier(2)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    create = CallApproval.objects.create

    def create_and_wait(**columns):
        row = create(**columns)
        both_have_approved.wait(PATIENCE)
        return row

    monkeypatch.setattr(CallApproval.objects, "create", create_and_wait)
    counted, both_have_counted = approvals.missing_approvals, threading.Barrier(2)

    def count_and_wait(call):
        found = counted(call)
        # Whoever has approved waits with the end of the transaction until the other one has
        # counted as well, or hangs at the ledger.
        if len(found) < 2:
            with suppress(threading.BrokenBarrierError):
                both_have_counted.wait(timeout=5)
        return found

    monkeypatch.setattr(approvals, "missing_approvals", count_and_wait)

    # Without locks the ledger may refuse one of them as well.
    assert len(failures(*acts)) <= 1

    call.refresh_from_db()
    assert call.state == "in_approval"


@pytest.mark.django_db(transaction=True)
def test_amendments_at_once_have_numbers_of_their_own():
    call = approved_call()
    people = [officer_of(call), officer_of(call)]

    errors = failures(
        *(
            lambda each=each: amend_call(
                Call.objects.get(pk=call.pk), actor=each, columns={}, **words()
            )
            for each in people
        )
    )

    assert errors == []
    assert sorted(call.amendments.values_list("number", flat=True)) == [1, 2]


def test_mission_cannot_be_taken_from_an_approved_call():
    call = approved_call()

    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        CallMission.objects.filter(call=call).delete()
    assert connection.is_usable()
