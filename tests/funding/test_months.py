"""How long stays are: days inclusively, months by the rule of MSCA."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.months import days_of, months_later, months_of, months_together

DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


def test_the_first_and_the_last_day_count():
    assert days_of(date(2032, 5, 3), date(2032, 5, 3)) == 1
    assert days_of(date(2032, 2, 28), date(2032, 3, 1)) == 3
    with pytest.raises(ValueError, match="to"):
        days_of(date(2032, 5, 3), date(2032, 5, 2))


@pytest.mark.parametrize(
    ("first", "last", "months"),
    (
        # From day n to day n - 1, whatever the length of the month.
        (date(2031, 2, 15), date(2031, 3, 14), Fraction(1)),
        (date(2031, 1, 1), date(2031, 1, 31), Fraction(1)),
        (date(2031, 1, 15), date(2031, 2, 14), Fraction(1)),
        (date(2031, 1, 15), date(2031, 2, 15), Fraction(31, 30)),
        (date(2031, 1, 1), date(2031, 1, 30), Fraction(30, 30)),
        (date(2031, 5, 3), date(2031, 5, 12), Fraction(10, 30)),
        (date(2031, 1, 1), date(2031, 12, 31), Fraction(12)),
        # No 31st of April: the month ends with its last day.
        (date(2031, 3, 31), date(2031, 4, 29), Fraction(1)),
    ),
)
def test_full_months_and_thirtieths(first, last, months):
    assert months_of(first, last) == months


def test_several_stays_add_up():
    stays = [(date(2031, 1, 1), date(2031, 1, 15)), (date(2031, 6, 1), date(2031, 6, 15))]

    assert months_together(stays) == 1


def test_the_day_that_a_month_lacks_is_its_last():
    assert months_later(date(2031, 1, 31), 1) == date(2031, 2, 28)
    assert months_later(date(2031, 11, 30), 15) == date(2033, 2, 28)


@given(DAYS, st.integers(0, 400))
def test_a_longer_stay_never_counts_less(first, length):
    last = first + timedelta(days=length)

    assert months_of(first, last) <= months_of(first, last + timedelta(days=1))
    # Never far from thirtieths of all its days.
    assert abs(months_of(first, last) - Fraction(length + 1, 30)) < Fraction(1, 2)
