"""Money over the frozen list: who is funded, who is blocked by whom."""

from datetime import date
from decimal import Decimal

import pytest

from funding.models import FunderCommitment
from funding.services.allocations import money_of
from funding.services.rank_inputs import inputs_of
from funding.services.rank_lists import choose_method, freeze_list, make_list
from tests.funding.panel_stage import panel_stage, ranked

pytestmark = pytest.mark.django_db
EURO, WON = 10_000_00, 15_000_000


def frozen(stage):
    found = make_list(stage.call, actor=stage.officer, seed=7)
    choose_method(found, actor=stage.chair, method="raw", reason="Severity is small.")
    found.refresh_from_db()
    freeze_list(found, actor=stage.chair)
    found.refresh_from_db()
    return found


def budget(stage, side, amount, gap_pot=0):
    """Set a budget past the trigger that freezes it with the call's approval."""
    call = type(stage.call).objects.filter(pk=stage.call.pk)
    call.update(state="draft", approved_at=None)
    FunderCommitment.objects.filter(call=stage.call, funder__side=side).update(
        budget_minor=amount, gap_pot_minor=gap_pot
    )
    call.update(state="panel", approved_at=stage.call.approved_at)


def test_the_best_are_funded_until_a_budget_ends_and_it_is_said_whose():
    stage = panel_stage(4)
    budget(stage, "korea", 2 * WON)
    first, second, third, _fourth = stage.applications
    money = money_of(frozen(stage))

    assert list(money.allocation.funded) == [first.pk, second.pk]
    korean = stage.call.commitments.get(funder__side="korea").funder
    assert money.top_up == {korean.code: WON}
    assert [(each.funder, each.missing) for each in money.blocked[third.pk]] == [
        (korean.code, WON)
    ]
    assert money.words(korean.code, WON) == f"{korean}: ₩15,000,000"


def test_a_cheaper_one_is_funded_behind_a_blocked_one_only_if_the_call_says_so():
    for policy, expected in (("skip", [0, 2]), ("strict", [0])):
        stage = panel_stage(1, policy=policy)
        budget(stage, "korea", 2 * WON)
        dear = ranked(stage.call, (4, 4, 4), cost=(EURO, 2 * WON))
        cheap = ranked(stage.call, (3.5, 3.5, 3.5), cost=(EURO, WON))
        order = [stage.applications[0].pk, dear.pk, cheap.pk]

        funded = money_of(frozen(stage)).allocation.funded

        assert list(funded) == [order[place] for place in expected]


def test_proposals_give_money_reserve_and_thresholds():
    stage = panel_stage(scores=[(5, 5, 5), (4.5, 4, 4), (4, 4, 4), (3.5, 4, 4), (2, 5, 5)])
    budget(stage, "korea", WON)
    money = money_of(frozen(stage))

    found = {each.application: each for each in money.proposals(2)}

    outcomes = [found[each.pk].outcome for each in stage.applications]
    assert outcomes == ["funded", "reserve", "reserve", "not_funded", "below_threshold"]
    best = found[stage.applications[0].pk]
    assert sorted(each.amount_minor for each in best.shares.values()) == [EURO, WON]
    assert [found[each.pk].reserve_position for each in stage.applications[1:3]] == [1, 2]


def test_a_common_pot_of_two_currencies_is_not_reckoned():
    stage = panel_stage(2, pot="real")
    money = money_of(frozen(stage))

    assert [each.code for each in money.blockers] == ["currencies"]


def test_a_common_pot_of_two_currencies_is_counted_by_the_rates_of_the_call():
    stage = panel_stage(2, pot="real")
    promise_rate(stage)
    budget(stage, "europe", EURO)
    budget(stage, "korea", 5 * WON)
    money = money_of(frozen(stage))

    assert money.blockers == []
    assert len(money.allocation.funded) == 2
    codes = {each.currency: each.funder.code for each in stage.call.commitments.all()}
    # The second one's 10,000 euros are paid in won.
    assert money.allocation.paid == {codes["EUR"]: EURO, codes["KRW"]: 2 * WON + 14_805_000}
    assert money.words("pot", 2_50) == "common pot: €2.50"


def promise_rate(stage, per_euro="1480.5"):
    """Set a rate past the trigger that freezes it with the call's approval."""
    call = type(stage.call).objects.filter(pk=stage.call.pk)
    call.update(state="draft", approved_at=None)
    stage.call.commitments.filter(currency="KRW").update(
        per_euro=Decimal(per_euro), rate_on=date(2026, 3, 2), rate_source="ECB"
    )
    call.update(state="panel", approved_at=stage.call.approved_at)


def test_the_list_remembers_by_which_rates_it_was_reckoned():
    stage = panel_stage(2, pot="real")
    sums = set()
    for rate in ("1480.5", "1490"):
        promise_rate(stage, rate)
        sums.add(inputs_of(stage.call).sha256)

    assert len(sums) == 2


def test_a_gap_pot_pays_what_a_funder_is_short_of():
    stage = panel_stage(1, pot="mixed")
    call = type(stage.call).objects.filter(pk=stage.call.pk)
    call.update(state="draft", approved_at=None)
    rows = FunderCommitment.objects.filter(call=stage.call)
    rows.update(currency="EUR")
    rows.filter(funder__side="europe").update(budget_minor=30_000_00, gap_pot_minor=15_000_00)
    rows.filter(funder__side="korea").update(budget_minor=10_000_00, gap_pot_minor=0)
    call.update(state="panel", approved_at=stage.call.approved_at)
    project = ranked(stage.call, (5, 5, 5), cost=(5_000_00, 20_000_00))
    first = stage.applications[0]
    type(first).objects.filter(pk=first.pk).update(state="withdrawn")
    money = money_of(frozen(stage))

    shares = money.shares(project.pk)

    europe = stage.call.commitments.get(funder__side="europe").funder.code
    korea = stage.call.commitments.get(funder__side="korea").funder.code
    assert (shares[europe].amount_minor, shares[europe].from_gap_pot_minor) == (
        15_000_00,
        10_000_00,
    )
    assert shares[korea].amount_minor == 10_000_00
