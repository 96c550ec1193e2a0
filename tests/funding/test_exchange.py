"""Money of several currencies in one pot: nobody pays too much, nothing is lost but a crumb."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.allocation import POT, Funder, Mode, Policy, Project, allocate
from funding.exchange import SAME, Budgets, Exchange
from tests.funding.test_allocation import MODES, POLICIES, cases

# Cents, won and dong to one euro; POT in cents.
RATES = {
    "NRF": Fraction("1480.5"),
    "DFG": Fraction(100),
    "ANR": Fraction(28_912),
    POT: Fraction(100),
}
EXCHANGE = Exchange(RATES)


@given(amount=st.integers(0, 10**13), code=st.sampled_from(sorted(RATES)))
def test_an_amount_comes_back_as_it_was(amount, code):
    common = EXCHANGE.common(amount, code)

    assert EXCHANGE.own(common, code) == amount
    assert EXCHANGE.own(common - 1, code) == amount - 1
    assert EXCHANGE.needed(common, code) == amount
    assert Fraction(common, EXCHANGE.common(1, POT) * 100) == Fraction(amount) / RATES[code]


@given(case=cases(highest=40_000), policy=POLICIES, mode=MODES)
def test_nobody_pays_more_than_their_budget_and_projects_get_what_they_asked(case, policy, mode):
    projects, funders = case
    found = Budgets(funders, policy, mode, EXCHANGE).allocate(projects)

    budgets = {each.code: each for each in funders}
    for code, paid in found.paid.items():
        gap = found.gap_paid[code]
        assert paid - gap <= budgets[code].budget
        assert gap <= budgets[code].gap_pot
    for project in projects:
        shares = [each for each in found.shares if each.project == project.id]
        if project.id in found.funded:
            asked = sum(Fraction(cost) / RATES[code] for code, cost in project.costs.items())
            given = sum(Fraction(each.amount) / RATES[each.payer] for each in shares)
            crumbs = sum(Fraction(1) / RATES[each] for each in budgets) * (2 * len(project.costs))
            assert asked - crumbs <= given <= asked
        else:
            assert shares == []


@given(case=cases(), policy=POLICIES, mode=MODES)
def test_one_currency_is_reckoned_as_it_is(case, policy, mode):
    projects, funders = case

    found = Budgets(funders, policy, mode, SAME).allocate(projects)

    assert found == allocate(projects, funders, policy, mode)


def test_won_fill_a_gap_of_cents():
    funders = (Funder("DFG", 1_000_00), Funder("NRF", 3_000_000))
    project = Project("a", 1, {"DFG": 2_000_00, "NRF": 1_000_000})
    money = Budgets(funders, Policy.SKIP, Mode.REAL, EXCHANGE)

    found = money.allocate([project])

    # A thousand euros at 1,480.5 won each.
    assert found.paid == {"DFG": 1_000_00, "NRF": 1_000_000 + 1_480_500}
    assert found.left == {"DFG": 0, "NRF": 519_500}


@pytest.mark.parametrize(("mode", "missing"), ((Mode.VIRTUAL, {"NRF": 15}), (Mode.REAL, {POT: 2})))
def test_what_is_missing_is_said_in_the_money_of_whoever_lacks_it(mode, missing):
    """Fifteen won are one cent and a crumb: two cents are needed."""
    funders = (Funder("DFG", 0), Funder("NRF", 1_000_000))
    projects = [Project("a", 1, {"NRF": 1_000_000}), Project("b", 2, {"NRF": 15})]
    money = Budgets(funders, Policy.SKIP, mode, EXCHANGE)

    assert money.cheapest_top_up(projects) == missing
    row = money.marginal_table(projects)[1]
    assert ({each.funder: each.missing for each in row.missing}, row.until) == (missing, missing)
    assert {each.funder: each.missing for each in money.allocate(projects).blocked} == missing
