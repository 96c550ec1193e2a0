"""Decisions: all or none from the list, one by one with a reason, never over a budget."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from funding.models import Decision, DecisionAmount, FunderCommitment, LedgerEntry
from funding.money import to_major
from funding.refusing import RefusedError
from funding.services.decision_pages import money_page
from funding.services.decisions import decide_by_list, set_decision
from funding.services.ledger import faults
from funding.services.panels import recuse
from tests.funding.panel_stage import panel_stage
from tests.funding.test_allocations import EURO, WON, budget, frozen
from tests.together import together


def codes(refused):
    return {blocker.code for blocker in refused.value.blockers}


def decided(count=3, korea=2 * WON, reserve=1):
    """Return a stage with a frozen list from which everything was decided."""
    stage = panel_stage(count)
    budget(stage, "korea", korea)
    frozen(stage)
    decide_by_list(stage.call, actor=stage.chair, reserve_places=reserve)
    return stage


def states(stage):
    for each in stage.applications:
        each.refresh_from_db()
    return [each.state for each in stage.applications]


def spent(stage):
    rows = FunderCommitment.objects.filter(call=stage.call).order_by("funder__side")
    return list(rows.values_list("committed_minor", flat=True))


@pytest.mark.django_db
def test_the_page_about_money_stays_whole_when_the_best_have_their_grants():
    stage = decided(4)
    rank_list = stage.call.rank_lists.get()
    before = money_page(stage.call, stage.officer, rank_list)

    best = stage.applications[0]
    best.__class__.objects.filter(pk=best.pk).update(state="grant")
    after = money_page(stage.call, stage.officer, rank_list)

    assert [line.is_funded for line in after.lines] == [True, True, False, False]
    assert after.budgets == before.budgets
    assert [line.asked for line in after.lines] == [line.asked for line in before.lines]


def amounts(stage, europe, korea):
    """Return amounts by the funders' codes."""
    rows = {each.funder.side: each.funder.code
            for each in stage.call.commitments.select_related("funder")}  # fmt: skip
    return {rows["europe"]: europe, rows["korea"]: korea}


@pytest.mark.django_db
def test_everything_is_decided_in_one_step_with_its_money():
    stage = decided(4)

    assert states(stage) == ["recommended", "recommended", "reserve", "not_funded"]
    assert spent(stage) == [2 * EURO, 2 * WON]
    assert Decision.objects.filter(outcome="funded").count() == 2
    assert Decision.objects.get(outcome="reserve").reserve_position == 1
    events = LedgerEntry.objects.filter(noun="application", object_id=stage.applications[0].pk)
    assert events.order_by("-sequence").first().after == {
        "state": "recommended", "outcome": "funded", "amounts": amounts(stage, EURO, WON)
    }  # fmt: skip
    assert list(faults()) == []


@pytest.mark.django_db
def test_decided_again_nothing_counts_twice():
    stage = decided(4)

    decide_by_list(stage.call, actor=stage.chair, reserve_places=0)

    assert states(stage) == ["recommended", "recommended", "not_funded", "not_funded"]
    assert spent(stage) == [2 * EURO, 2 * WON]


@pytest.mark.django_db
def test_one_that_fails_leaves_nothing_behind(monkeypatch):
    stage = panel_stage(3)
    frozen(stage)
    # Meanwhile somebody else has spent the budget of one side almost to its end.
    FunderCommitment.objects.filter(call=stage.call, funder__side="korea").update(
        committed_minor=150_000_000 - 2 * WON
    )

    with pytest.raises(RefusedError) as refused:
        decide_by_list(stage.call, actor=stage.chair, reserve_places=0)

    assert codes(refused) == {"over_budget"}
    assert states(stage) == ["ranked"] * 3
    assert not Decision.objects.exists()


@pytest.mark.django_db
def test_only_the_chair_and_only_from_a_frozen_list():
    stage = panel_stage(2)
    with pytest.raises(RefusedError) as refused:
        decide_by_list(stage.call, actor=stage.chair, reserve_places=0)
    assert codes(refused) == {"not_frozen"}
    frozen(stage)

    for user in (stage.officer, stage.member, stage.europe):
        with pytest.raises(PermissionDenied):
            decide_by_list(stage.call, actor=user, reserve_places=0)


@pytest.mark.django_db
def test_a_decision_is_changed_by_hand_with_a_reason_and_its_money_is_free_again():
    stage = decided(3)
    second, third = stage.applications[1:]

    set_decision(
        second, actor=stage.chair, outcome="not_funded", amounts={}, reason="Its host has gone."
    )
    set_decision(
        third, actor=stage.chair, outcome="funded", amounts=amounts(stage, EURO, WON),
        reason="It moves up.",
    )  # fmt: skip

    assert states(stage) == ["recommended", "not_funded", "recommended"]
    assert spent(stage) == [2 * EURO, 2 * WON]
    assert third.decision.reason == "It moves up."
    assert [each.reason for each in second.changes.filter(new_state="ranked")] == [
        "Its host has gone."
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "money", "reason", "code"),
    (
        ("funded", (EURO, WON), "  ", "reason_missing"),
        ("funded", (0, 0), "No money.", "no_money"),
        ("reserve", (EURO, 0), "Money.", "no_money"),
        ("funded", (EURO, 2 * WON), "Too much.", "over_budget"),
    ),
)
def test_what_is_refused_by_hand_changes_nothing(outcome, money, reason, code):
    stage = decided(3)
    before = states(stage), spent(stage)

    with pytest.raises(RefusedError) as refused:
        set_decision(
            stage.applications[2], actor=stage.chair, outcome=outcome,
            amounts=amounts(stage, *money), reason=reason,
        )  # fmt: skip

    assert codes(refused) == {code}
    assert (states(stage), spent(stage)) == before


@pytest.mark.django_db
def test_a_chair_who_left_the_room_does_not_decide_about_that_application():
    stage = decided(2)
    member = stage.call.panel.members.get(is_chair=True)
    recuse(member, stage.applications[0], actor=stage.officer, reason="A cousin.")

    with pytest.raises(PermissionDenied):
        set_decision(
            stage.applications[0],
            actor=stage.chair,
            outcome="not_funded",
            amounts={},
            reason="No.",
        )
    # The list decides about it all the same: it asks nobody.
    decide_by_list(stage.call, actor=stage.chair, reserve_places=0)
    assert states(stage) == ["recommended", "recommended"]


@pytest.mark.django_db
def test_what_misses_a_threshold_is_funded_by_nobody():
    stage = panel_stage(scores=[(5, 5, 5), (2, 5, 5)])
    frozen(stage)
    decide_by_list(stage.call, actor=stage.chair, reserve_places=0)

    with pytest.raises(RefusedError) as refused:
        set_decision(
            stage.applications[1], actor=stage.chair, outcome="funded",
            amounts=amounts(stage, EURO, WON), reason="I like it.",
        )  # fmt: skip

    assert codes(refused) == {"below_threshold"}
    assert states(stage) == ["recommended", "below_threshold"]


def race(stage):
    """Give the last money to two applications at once; return how many got it."""
    first, second = stage.applications[1:]

    def fund(application):
        try:
            set_decision(
                application, actor=stage.chair, outcome="funded",
                amounts=amounts(stage, EURO, WON), reason="There is money left.",
            )  # fmt: skip
        except RefusedError:
            return False
        return True

    return sum(together(partial(fund, first), partial(fund, second)))


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_do_not_spend_the_same_money():
    stage = decided(3, korea=2 * WON, reserve=0)
    set_decision(
        stage.applications[1], actor=stage.chair, outcome="not_funded", amounts={}, reason="Later."
    )

    assert race(stage) == 1
    assert spent(stage)[1] == 2 * WON


@pytest.mark.django_db(transaction=True)
def test_without_the_count_of_the_database_both_would_be_funded():
    stage = decided(3, korea=2 * WON, reserve=0)
    set_decision(
        stage.applications[1], actor=stage.chair, outcome="not_funded", amounts={}, reason="Later."
    )
    trigger = "funding_decisionamount {} TRIGGER count_committed_more"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE " + trigger.format("DISABLE"))
    try:
        assert race(stage) == 2
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE " + trigger.format("ENABLE"))
    assert DecisionAmount.objects.filter(funder__side="korea").count() == 3


@pytest.mark.django_db
def test_a_change_begins_with_the_amounts_that_are_given_now(client):
    stage = decided(3)
    first, _second, third = stage.applications
    set_decision(
        first, actor=stage.chair, outcome="funded", amounts=amounts(stage, EURO - 5, WON - 7),
        reason="One visit less.",
    )  # fmt: skip
    client.force_login(stage.chair)
    address = f"/calls/{stage.call.pk}/panel/decisions/{{}}/"

    form = client.get(address.format(first.pk)).context["form"]
    shown = {name: form[name].value() for name in form.fields if name.startswith("amount_")}
    given = amounts(stage, to_major(EURO - 5, "EUR"), to_major(WON - 7, "KRW"))
    assert shown == {f"amount_{code}": amount for code, amount in given.items()}
    # Whoever gets nothing yet begins with what was asked.
    form = client.get(address.format(third.pk)).context["form"]
    asked = amounts(stage, to_major(EURO, "EUR"), to_major(WON, "KRW"))
    assert all(form[f"amount_{code}"].value() == amount for code, amount in asked.items())


@pytest.mark.django_db
def test_a_decision_form_that_is_refused_keeps_what_was_typed(client):
    stage = decided(3)
    client.force_login(stage.chair)
    address = f"/calls/{stage.call.pk}/panel/decisions/{stage.applications[2].pk}/"

    page = client.post(address, {"outcome": "funded", "reason": "A good one."})
    assert page.status_code == 200
    assert "A good one." in page.content.decode()
    codes_of = amounts(stage, "10000", "15,000,000")
    data = {f"amount_{code}": typed for code, typed in codes_of.items()}
    page = client.post(address, {"outcome": "funded", "reason": "A good one.", **data})

    # The money is not there: said on the page, and nothing of it is lost.
    assert page.status_code == 200
    assert "more than a funder has left" in page.content.decode()
    assert "A good one." in page.content.decode()
