"""Grants for tests: decided, offered, running, with people who can travel."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from funding.models import Call, Decision, DecisionAmount, Grant, ReportDue, Trip
from funding.services.grants import happen
from funding.services.offers import accept_offer, offer_grants
from funding.services.trips import Plan, plan_trip, travellers_of
from tests.factories.funding import (
    ApplicationFactory,
    approved_call,
    days,
    officer_of,
    submitted,
)

EURO, WON = 40_000_00, 50_000_000


def asked_for(call, euro=EURO, won=WON):
    """Return content of a version that asks both funders of a call for money."""
    amounts = {"EUR": euro, "KRW": won}
    rows = call.commitments.select_related("funder")
    return {
        "budget": [
            {"funder": row.funder.code, "currency": row.currency, "cost": "travel", "note": "",
             "amount_minor": amounts[row.currency]}
            for row in rows
        ]
    }  # fmt: skip


def decided(call, outcome="funded", position=None, **amounts):
    """Return the decision about a new application of a call; funded ones get what they asked for."""
    state = {"funded": "recommended"}.get(outcome, outcome)
    content = asked_for(call, **amounts)
    application = submitted(ApplicationFactory(call=call), content=content, state=state)
    with transaction.atomic():
        decision = Decision.objects.create(
            application=application, outcome=outcome, reserve_position=position
        )
        if outcome == "funded":
            give(decision, content)
    return decision


def give(decision, content):
    """Give a decision the money that its application asks for."""
    call = decision.application.call
    funders = {row.funder.code: row.funder for row in call.commitments.select_related("funder")}
    for line in content["budget"]:
        DecisionAmount.objects.create(
            decision=decision, funder=funders[line["funder"]], amount_minor=line["amount_minor"]
        )


def released(call):
    """Let the decisions of a call be out, written straight into the table."""
    Call.objects.filter(pk=call.pk).update(state="released", released_at=timezone.now())
    call.refresh_from_db()
    return call


def offered(call=None, **amounts):
    """Return a grant that waits for its answer."""
    call = call or approved_call()
    decided(call, **amounts)
    return offer_grants(released(call), actor=None)[-1]


def lead_of(grant):
    """Return the account of the lead."""
    return grant.decision.application.lead.user


def partner_of(grant):
    """Return the account of the partner."""
    return grant.decision.application.participants.get(role="partner").person.user


def officer_at(grant):
    """Return a programme officer of the grant's call."""
    return officer_of(grant.decision.application.call)


def running(first=None, last=None):
    """Return a grant that was accepted and started; a year around today unless said."""
    grant = offered()
    today = timezone.now().date()
    first = first or today - timedelta(days=100)
    period = days(first, last or first + timedelta(days=365))
    Grant.objects.filter(pk=grant.pk).update(period=period)
    accept_offer(Grant.objects.get(pk=grant.pk), actor=lead_of(grant))
    grant = Grant.objects.get(pk=grant.pk)
    happen(grant, "start", actor=None)
    return Grant.objects.get(pk=grant.pk)


def plan_for(grant, first=None, length=10, **more):
    """Return a plan: the lead visits the partner, six weeks from now unless said."""
    european, korean = travellers_of(grant)
    first = first or timezone.now().date() + timedelta(days=42)
    return Plan(european, korean, first, first + timedelta(days=length - 1), "Measure", **more)


def trip_of(grant, *, state="planned", first=None, last=None):
    """Return a trip of a grant, brought to a state straight in the table."""
    trip = plan_trip(grant, plan_for(grant), actor=lead_of(grant))
    values = {"state": state, "is_live": state not in ("cancelled", "no_show")}
    if first:
        values["period"] = days(first, last or first + timedelta(days=9))
    Trip.objects.filter(pk=trip.pk).update(**values)
    return Trip.objects.get(pk=trip.pk)


def due_of(grant, kind="final", *, state="open", on=None, sequence=1):
    """Return a report of a grant, in a state straight in the table."""
    ReportDue.objects.filter(grant=grant, kind=kind, sequence=sequence).delete()
    return ReportDue.objects.create(
        grant=grant, kind=kind, sequence=sequence, state=state, due_on=on or date(2031, 1, 31)
    )
