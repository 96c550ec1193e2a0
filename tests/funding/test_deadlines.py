"""Deadlines on every clock: kept as promised, never guessed at."""

from datetime import UTC, date, datetime

import pytest

from events.wall_times import AmbiguousTimeError, MissingTimeError
from funding.deadlines import faces, resolve

# The KONNECT Joint Call of 2015.
WALL, ZONE = "2015-11-15T24:00", "Europe/Brussels"
INSTANT = datetime(2015, 11, 15, 23, 0, tzinfo=UTC)


def read(found):
    return [(face.zone, face.day.isoformat(), face.hour, face.name) for face in found]


def test_end_of_sunday_in_brussels_is_monday_morning_in_seoul():
    assert resolve(WALL, ZONE) == INSTANT
    assert read(faces(INSTANT, wall=WALL, zone=ZONE)) == [
        ("Europe/Brussels", "2015-11-15", "24:00", "CET"),
        ("Asia/Seoul", "2015-11-16", "08:00", "KST"),
    ]


def test_end_of_the_last_day_of_a_month_and_a_year():
    assert resolve("2031-12-31T24:00", "Asia/Seoul") == datetime(2031, 12, 31, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize("reader", ("Europe/Brussels", "Asia/Seoul", ""))
def test_every_zone_is_shown_once(reader):
    assert len(faces(INSTANT, wall=WALL, zone=ZONE, reader_zone=reader)) == 2


def test_reader_elsewhere_comes_first():
    found = faces(INSTANT, wall=WALL, zone=ZONE, reader_zone="America/New_York")

    assert (found[0].zone, found[0].hour, found[0].is_reader) == (
        "America/New_York",
        "18:00",
        True,
    )
    assert len(found) == 3


def test_whose_clocks_show_the_same_reads_24_00_too():
    found = faces(INSTANT, wall=WALL, zone=ZONE, reader_zone="Europe/Berlin")

    assert (found[0].zone, found[0].day, found[0].hour) == (
        "Europe/Berlin", date(2015, 11, 15), "24:00",
    )  # fmt: skip


def test_promise_by_other_clocks_is_shown_as_it_was_made():
    at = resolve("2031-03-01T17:00", "Asia/Kolkata")

    last = faces(at, wall="2031-03-01T17:00", zone="Asia/Kolkata")[-1]

    assert (last.zone, last.hour, last.name, last.is_promised) == (
        "Asia/Kolkata", "17:00", "IST", True,
    )  # fmt: skip


def test_hours_that_clocks_leap_over_or_show_twice_are_refused():
    with pytest.raises(MissingTimeError):
        resolve("2031-03-30T02:30", "Europe/Brussels")
    with pytest.raises(AmbiguousTimeError):
        resolve("2031-10-26T02:30", "Europe/Brussels")


@pytest.mark.parametrize(
    ("wall", "words"),
    (
        ("", "does not match"),
        ("2031-02-30T24:00", "out of range"),
        ("2031-02-28T25:00", "does not match"),
        ("T24:00", "does not match"),
        ("tomorrow", "does not match"),
    ),
)
def test_what_is_no_wall_time_is_refused(wall, words):
    with pytest.raises(ValueError, match=words):
        resolve(wall, "Europe/Brussels")
