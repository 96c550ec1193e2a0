"""Offers: accepted, declined, lapsed; the reserve moves up while money is there."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from funding.models import Decision, Grant
from funding.refusing import RefusedError
from funding.services.ledger import faults
from funding.services.offers import (
    accept_offer,
    decline_offer,
    lapse_offers,
    move_up,
    offer_grants,
    offer_what_was_released,
)
from konnect.accounts.models import Notification
from konnect.states import TransitionError
from tests.factories.accounts import UserFactory
from tests.factories.funding import approved_call, officer_of
from tests.funding.grants_made import decided, lead_of, offered, partner_of, released
from tests.together import together

pytestmark = pytest.mark.django_db


def overdue(grant):
    Grant.objects.filter(pk=grant.pk).update(answer_by=timezone.now() - timedelta(seconds=1))
    return Grant.objects.get(pk=grant.pk)


def states_of(grant):
    grant.refresh_from_db()
    application = grant.decision.application
    application.refresh_from_db()
    return grant.state, application.state


def test_every_funded_decision_is_offered_once():
    call = approved_call()
    decided(call, "not_funded")
    decision = decided(call)
    released(call)

    first = offer_grants(call, actor=officer_of(call))
    again = offer_grants(call, actor=officer_of(call))

    assert [grant.decision_id for grant in first] == [decision.pk]
    assert again == []
    amounts = {row.funder_id: row.amount_minor for row in first[0].awards.all()}
    assert amounts == {row.funder_id: row.amount_minor for row in decision.amounts.all()}
    assert Notification.objects.filter(user=lead_of(first[0]), kind="grants").count() == 1


def test_nobody_else_offers():
    call = approved_call()
    decided(call)

    with pytest.raises(PermissionDenied):
        offer_grants(released(call), actor=UserFactory())
    assert not Grant.objects.exists()


def test_a_release_that_was_cut_off_is_made_good():
    call = approved_call()
    decided(call)
    assert offer_what_was_released() == 0
    released(call)

    assert offer_what_was_released() == 1
    assert offer_what_was_released() == 0


def test_the_lead_accepts_and_the_application_is_a_grant():
    grant = offered()

    accept_offer(grant, actor=lead_of(grant))

    assert states_of(grant) == ("accepted", "grant")
    assert grant.accepted_at is not None
    assert list(faults()) == []


def test_the_partner_does_not_answer_for_the_lead():
    grant = offered()

    with pytest.raises(PermissionDenied):
        accept_offer(grant, actor=partner_of(grant))
    assert states_of(grant) == ("offered", "recommended")


def test_too_late_is_too_late():
    grant = overdue(offered())

    with pytest.raises(RefusedError) as caught:
        accept_offer(grant, actor=lead_of(grant))

    assert [each.code for each in caught.value.blockers] == ["offer_over"]
    assert states_of(grant) == ("offered", "recommended")


def test_whoever_declines_makes_room_for_the_reserve():
    call = approved_call()
    grant = offered_with_reserve(call)

    decline_offer(grant, actor=lead_of(grant), reason="Another grant")

    assert states_of(grant) == ("declined", "declined")
    second = Grant.objects.exclude(pk=grant.pk).get()
    assert states_of(second) == ("offered", "recommended")
    assert second.decision.outcome == "funded"
    committed = dict(call.commitments.values_list("funder_id", "committed_minor"))
    assert committed == {row.funder_id: row.amount_minor for row in second.awards.all()}


def offered_with_reserve(call, **reserve):
    """Return an offer that uses most of both budgets, with one application on the reserve."""
    decided(call, euro=80_000_00, won=100_000_000)
    decided(call, "reserve", position=1, **reserve)
    return offer_grants(released(call), actor=None)[0]


def test_an_offer_lapses_and_the_next_moves_up():
    grant = overdue(offered_with_reserve(approved_call()))

    assert lapse_offers() == 1
    assert lapse_offers() == 0

    assert states_of(grant) == ("lapsed", "lapsed")
    assert Grant.objects.filter(state="offered").count() == 1


def test_the_reserve_stays_where_one_funder_has_no_money_left():
    call = approved_call()
    decided(call, euro=80_000_00, won=10_000_000)
    waiting = decided(call, "reserve", position=1, euro=30_000_00, won=10_000_000)
    released(call)

    assert move_up(call) == []
    waiting.refresh_from_db()
    assert waiting.outcome == "reserve"


@pytest.mark.parametrize(("policy", "moved"), (("strict", []), ("skip", [2])))
def test_a_strict_call_stops_at_the_first_that_is_blocked(policy, moved):
    call = approved_call(policy=policy)
    decided(call, "reserve", position=1, euro=200_000_00)
    decided(call, "reserve", position=2, euro=10_000_00)
    released(call)

    move_up(call)

    rows = Decision.objects.filter(outcome="funded")
    assert list(rows.values_list("reserve_position", flat=True)) == moved


def attempt(call, refusal):
    try:
        call()
    except refusal:
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_yes_and_no_at_once_are_one_answer():
    grant, same = (offered_once := offered()), Grant.objects.get(pk=offered_once.pk)
    lead = lead_of(grant)
    refusal = (TransitionError, RefusedError)

    answers = together(
        partial(attempt, partial(accept_offer, grant, actor=lead), refusal),
        partial(attempt, partial(decline_offer, same, actor=lead), refusal),
    )

    assert sorted(answers) == [False, True]
    assert states_of(grant) in (("accepted", "grant"), ("declined", "declined"))


@pytest.mark.django_db(transaction=True)
def test_two_workers_let_an_offer_lapse_once():
    call = approved_call()
    overdue(offered_with_reserve(call))

    assert sum(together(lapse_offers, lapse_offers)) == 1
    assert Grant.objects.filter(state="offered").count() == 1
