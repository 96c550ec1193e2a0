"""What clocks show and when that is, in every zone that there is."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.clock_faces import Between, faces, is_comfortable, offset_words
from events.wall_times import (
    AmbiguousTimeError,
    MissingTimeError,
    instant,
    instant_near,
    instants,
    local,
    moved,
    wall_of,
)
from konnect.accounts.zones import known_time_zones

BRUSSELS, SEOUL = "Europe/Brussels", "Asia/Seoul"
ZONES = st.sampled_from(sorted(known_time_zones() - {"Factory", "localtime"}))
MOMENTS = st.integers(
    int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) // 60,
    int(datetime(2037, 1, 1, tzinfo=UTC).timestamp()) // 60,
).map(lambda minutes: datetime.fromtimestamp(minutes * 60, UTC))


@given(MOMENTS, ZONES)
def test_every_instant_is_among_those_of_what_the_clocks_show_then(moment, zone):
    found = instants(wall_of(moment, zone), zone)

    assert moment in found
    assert {wall_of(each, zone) for each in found} == {wall_of(moment, zone)}
    assert len(found) in {1, 2}


@given(MOMENTS, ZONES)
def test_the_nearest_instant_of_a_wall_time_is_the_one_that_it_was_read_from(moment, zone):
    assert instant_near(wall_of(moment, zone), zone, moment) == moment


@given(MOMENTS, ZONES, st.integers(-400, 400))
def test_a_move_by_days_keeps_the_time_on_the_wall_unless_clocks_leap_over_it(moment, zone, days):
    later = moved(moment, zone, days)
    wanted = local(wall_of(moment, zone)) + timedelta(days=days)

    if instants(wanted.strftime("%Y-%m-%dT%H:%M"), zone):
        assert local(wall_of(later, zone)) == wanted
    assert abs(later - (moment + timedelta(days=days))) <= timedelta(hours=25)


@given(MOMENTS, ZONES)
def test_a_time_is_refused_asked_about_or_resolved_to_what_shows_it(moment, zone):
    wall = moment.strftime("%Y-%m-%dT%H:%M")
    try:
        found = instant(wall, zone)
    except MissingTimeError:
        assert not instants(wall, zone)
    except AmbiguousTimeError as error:
        first, second = error.choices
        assert first < second
        assert wall_of(first, zone) == wall_of(second, zone) == wall
        assert instant(wall, zone, is_second=True) == second
    else:
        assert wall_of(found, zone) == wall


def test_the_hour_that_comes_twice_in_brussels():
    with pytest.raises(AmbiguousTimeError) as asked:
        instant("2026-10-25T02:30", BRUSSELS)

    assert asked.value.choices == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )  # fmt: skip


def test_the_hour_that_is_missing_in_brussels():
    with pytest.raises(MissingTimeError):
        instant("2027-03-28T02:30", BRUSSELS)

    assert instant("2027-03-28T02:30", SEOUL) == datetime(2027, 3, 27, 17, 30, tzinfo=UTC)


def test_half_an_hour_comes_twice_on_lord_howe():
    assert len(instants("2027-04-04T01:45", "Australia/Lord_Howe")) == 2
    assert len(instants("2027-04-04T01:15", "Australia/Lord_Howe")) == 1


def test_a_day_that_samoa_left_out():
    with pytest.raises(MissingTimeError):
        instant("2011-12-30T12:00", "Pacific/Apia")


@pytest.mark.parametrize(
    ("day", "seoul"),
    (("2026-10-23", 16), ("2026-10-26", 17), ("2027-03-26", 17), ("2027-03-29", 16)),
)
def test_nine_in_brussels_is_another_hour_in_seoul_by_season(day, seoul):
    assert instant(f"{day}T09:00", BRUSSELS).astimezone(ZoneInfo(SEOUL)).hour == seoul


def test_faces_begin_with_the_reader_and_show_each_zone_once():
    during = Between(datetime(2031, 6, 2, 7, tzinfo=UTC), datetime(2031, 6, 2, 15, tzinfo=UTC))

    at_home = faces(during, reader_zone=SEOUL, event_zone=BRUSSELS, is_online=True)
    unknown = faces(during, reader_zone="", event_zone="America/New_York", is_online=True)

    assert [face.zone for face in at_home] == [SEOUL, BRUSSELS]
    assert [face.is_reader for face in at_home] == [True, False]
    assert [face.zone for face in unknown] == ["America/New_York", BRUSSELS, SEOUL]
    assert not any(face.is_reader for face in unknown)


def test_a_face_that_ends_at_midnight_is_of_one_day():
    seoul, brussels = faces(
        Between(datetime(2031, 6, 2, 7, tzinfo=UTC), datetime(2031, 6, 2, 15, tzinfo=UTC)),
        reader_zone=SEOUL, event_zone=BRUSSELS,
    )  # fmt: skip

    assert (seoul.starts_at.hour, seoul.ends_at.hour) == (16, 0)
    assert seoul.is_one_day
    assert brussels.is_comfortable
    assert not seoul.is_comfortable


def test_offsets_as_people_write_them():
    moment = datetime(2031, 1, 2, 7, tzinfo=UTC)

    words = [
        offset_words(moment.astimezone(ZoneInfo(zone)))
        for zone in ("UTC", BRUSSELS, "Asia/Kathmandu", "America/St_Johns")
    ]

    assert words == ["UTC+0", "UTC+1", "UTC+5:45", "UTC-3:30"]


def test_comfortable_hours_end_at_eight_in_the_evening():
    moments = [datetime(2031, 1, 2, hour, tzinfo=UTC) for hour in (6, 7, 18, 19)]

    assert [is_comfortable(moment, BRUSSELS) for moment in moments] == [False, True, True, False]
