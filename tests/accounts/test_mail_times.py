"""When a mail may go out: by the wall clock of its reader, whatever summer time does."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konnect.accounts.mail_times import (
    Clock,
    clock_of,
    digest_time,
    mail_time,
    out_of_quiet,
    within,
)
from konnect.accounts.models import Rhythm, User

# With summer time in the north, in the south, by half an hour, at midnight, and without.
ZONES = (
    "Europe/Brussels", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Pacific/Chatham", "America/Santiago", "Africa/Cairo", "Asia/Beirut", "UTC",
)  # fmt: skip
zones = st.sampled_from(ZONES).map(ZoneInfo)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
times = st.times().map(lambda value: value.replace(second=0, microsecond=0))
spans = st.tuples(times, times)
DAY = timedelta(hours=25)


@given(zones, moments, spans)
def test_quiet_hours_end_outside_themselves(zone, moment, span):
    later = out_of_quiet(Clock(zone, quiet=(span,)), moment)

    assert later is not None
    assert later >= moment
    assert not within(span, later.astimezone(zone).time())
    assert later - moment < DAY
    if not within(span, moment.astimezone(zone).time()):
        assert later == moment


@given(zones, moments, spans)
def test_nothing_is_sent_in_quiet_hours_for_longer_than_needed(zone, moment, span):
    """A minute before their end the quiet hours last, but where summer time leaves the minute out."""
    later = out_of_quiet(Clock(zone, quiet=(span,)), moment)

    if later > moment + timedelta(hours=1):
        before = (later - timedelta(minutes=61)).astimezone(zone)
        assert within(span, before.time()) or within(span, (before - timedelta(hours=1)).time())


@given(zones, moments, spans, spans)
def test_two_quiet_spans_are_both_left_alone(zone, moment, first, second):
    later = out_of_quiet(Clock(zone, quiet=(first, second)), moment)

    if later is not None:
        clock = later.astimezone(zone).time()
        assert not within(first, clock)
        assert not within(second, clock)


@given(zones, moments, st.integers(0, 23), st.integers(0, 6), st.sampled_from(("daily", "weekly")))
def test_digest_comes_at_its_hour_within_its_time(zone, moment, hour, weekday, rhythm):
    due = digest_time(Clock(zone, hour, weekday), rhythm, moment)

    local = due.astimezone(zone)
    assert moment < due <= moment + (DAY if rhythm == "daily" else 7 * DAY)
    # Where spring leaves the hour out, the next one stands for it.
    assert local.hour in (hour, (hour + 1) % 24)
    assert rhythm == "daily" or (local - timedelta(hours=1)).weekday() in (weekday, weekday - 1, 6)


@given(zones, moments, st.integers(0, 23))
def test_digests_follow_each_other_by_a_day(zone, moment, hour):
    clock = Clock(zone, hour)
    first = digest_time(clock, "daily", moment)
    second = digest_time(clock, "daily", first)

    assert timedelta(hours=22) < second - first < timedelta(hours=26)
    assert (second.astimezone(zone).date() - first.astimezone(zone).date()).days == 1


@pytest.mark.parametrize(
    ("moment", "end"),
    (
        # Summer time begins on 29 March 2026 at 2:00 and ends on 25 October at 3:00.
        ("2026-03-28T23:00+01:00", "2026-03-29T07:00+02:00"),
        ("2026-10-24T23:00+02:00", "2026-10-25T07:00+01:00"),
        ("2026-06-01T07:00+02:00", "2026-06-01T07:00+02:00"),
        ("2026-06-01T22:00+02:00", "2026-06-02T07:00+02:00"),
        ("2026-06-01T21:59+02:00", "2026-06-01T21:59+02:00"),
    ),
)
def test_night_of_brussels(moment, end):
    clock = Clock(ZoneInfo("Europe/Brussels"), quiet=((time(22), time(7)),))

    found = out_of_quiet(clock, datetime.fromisoformat(moment))

    assert found == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    ("zone", "end"),
    (("Asia/Seoul", "2026-11-23T08:00+09:00"), ("Europe/Brussels", "2026-11-22T22:30+09:00")),
)
def test_adverts_leave_the_night_of_korea_alone(zone, end):
    night = datetime.fromisoformat("2026-11-22T22:30+09:00")

    clock = clock_of(User(time_zone=zone), is_advertising=True)

    assert mail_time(clock, Rhythm.INSTANT, night) == datetime.fromisoformat(end)
    assert mail_time(clock_of(User(time_zone=zone)), Rhythm.INSTANT, night) == night


def test_quiet_hours_move_a_digest():
    user = User(time_zone="Asia/Seoul", digest_hour=6, quiet_from=time(22), quiet_until=time(9))
    noon = datetime.fromisoformat("2026-11-22T12:00+09:00")

    due = mail_time(clock_of(user), Rhythm.DAILY, noon)

    assert due == datetime.fromisoformat("2026-11-23T09:00+09:00")


def test_day_without_an_hour_for_mail_has_none():
    clock = Clock(ZoneInfo("Asia/Seoul"), quiet=((time(8), time(21)), (time(21), time(8))))

    assert out_of_quiet(clock, datetime.now(UTC)) is None


def test_weekly_digest_comes_on_its_day():
    clock = Clock(ZoneInfo("Asia/Seoul"), hour=8, weekday=4)

    due = digest_time(clock, "weekly", datetime.fromisoformat("2026-11-20T08:00+09:00"))

    assert due == datetime.fromisoformat("2026-11-27T08:00+09:00")
