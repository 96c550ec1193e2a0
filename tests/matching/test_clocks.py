"""Deadlines on three clocks, and the working days of both countries."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.clocks import (
    BRUSSELS,
    SEOUL,
    Deadline,
    clocks,
    count_working_days,
    instant,
    wall_time,
)


def deadline(wall, zone=BRUSSELS, kind="call"):
    return Deadline(kind, instant(wall, zone), zone, wall)


def readings(wall, zone, reader):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    clock = clocks([deadline(wall, zone)], now=now, reader_zone=reader)[0]
    return [(each.time_zone, each.day.isoformat(), each.hour) for each in clock.readings]


def test_midnight_of_konnect_2015_is_one_instant():
    assert instant("2015-11-15T24:00", BRUSSELS) == instant("2015-11-16T08:00", SEOUL)
    assert readings("2015-11-15T24:00", BRUSSELS, BRUSSELS) == [
        (BRUSSELS, "2015-11-15", "24:00"),
        (SEOUL, "2015-11-16", "08:00"),
    ]


@pytest.mark.parametrize(
    ("wall", "utc"),
    (
        ("2026-01-15T17:00", "2026-01-15T16:00"),
        ("2026-07-15T17:00", "2026-07-15T15:00"),
        ("2026-03-29T02:30", "2026-03-29T01:30"),
        ("2026-10-25T02:30", "2026-10-25T00:30"),
        ("2026-12-31T24:00", "2026-12-31T23:00"),
    ),
)
def test_summer_time_counts_where_the_deadline_was_set(wall, utc):
    assert instant(wall, BRUSSELS) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_reader_comes_first_and_once():
    zones = [
        zone for zone, _day, _hour in readings("2026-06-01T17:00", BRUSSELS, "Europe/Helsinki")
    ]

    assert zones == ["Europe/Helsinki", BRUSSELS, SEOUL]
    assert len(readings("2026-06-01T17:00", BRUSSELS, SEOUL)) == 2


@pytest.mark.parametrize(
    "text", ("2026-01-01 17:00", "tomorrow", "2026-13-01T10:00", "2026-01-01T25:00")
)
def test_what_no_clock_shows_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        instant(text, BRUSSELS)


@pytest.mark.parametrize(
    ("first", "last", "country", "number"),
    (
        ("2026-02-13", "2026-02-20", "KR", 3),  # Seollal, 16 to 18 February
        ("2026-02-13", "2026-02-20", "BE", 6),
        ("2026-09-21", "2026-09-27", "KR", 3),  # Chuseok, 24 to 26 September
        ("2026-05-25", "2026-05-25", "BE", 0),  # Whit Monday
        ("2026-05-01", "2026-05-01", "SE", 0),
        ("2026-06-06", "2026-06-07", "DE", 0),
        ("2026-06-08", "2026-06-07", "DE", 0),
        ("2026-04-24", "2026-04-25", "IL", 0),  # Friday and Saturday are the weekend
        ("2026-06-01", "2026-06-05", "ZZ", 5),
    ),
)
def test_working_days(first, last, country, number):
    assert (
        count_working_days(date.fromisoformat(first), date.fromisoformat(last), country) == number
    )


def test_clock_tells_days_and_working_days_that_are_left():
    now = datetime(2026, 2, 12, 9, tzinfo=UTC)
    clock = clocks(
        [deadline("2026-02-20T17:00")], now=now, reader_zone=SEOUL, countries=("DE", "KR")
    )[0]

    # 17:00 in Brussels is past midnight in Seoul: one day later on the calendar.
    assert (clock.days_left, clock.is_past) == (9, False)
    assert [(each.country_code, each.number) for each in clock.working_days] == [
        ("DE", 6),
        ("KR", 3),
    ]


def test_end_of_day_leaves_the_day_before_it():
    now = datetime(2026, 6, 1, 9, tzinfo=UTC)
    left = {
        wall: clocks([deadline(wall)], now=now, reader_zone=BRUSSELS)[0].working_days[0].number
        for wall in ("2026-06-02T24:00", "2026-06-03T00:00", "2026-06-03T00:01")
    }

    assert left == {"2026-06-02T24:00": 1, "2026-06-03T00:00": 1, "2026-06-03T00:01": 2}


def test_deadlines_stand_in_their_order_and_tell_what_is_over():
    now = datetime(2026, 6, 10, tzinfo=UTC)
    found = clocks(
        [deadline("2026-07-01T17:00"), deadline("2026-06-01T17:00", SEOUL, "interest")],
        now=now, reader_zone=BRUSSELS,
    )  # fmt: skip

    assert [(clock.deadline.kind, clock.is_past) for clock in found] == [
        ("interest", True), ("call", False),
    ]  # fmt: skip
    assert found[0].days_left == -9


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    st.integers(0, 24),
    st.sampled_from([BRUSSELS, SEOUL]),
)
def test_wall_time_and_instant_agree(day, hour, zone):
    at = instant(wall_time(day, f"{hour:02}:00"), zone)

    assert at.tzinfo is UTC
    assert abs(at - datetime(day.year, day.month, day.day, tzinfo=UTC)) <= timedelta(hours=34)
