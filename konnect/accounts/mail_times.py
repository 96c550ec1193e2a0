"""When a mail may go out: digests at a person's own hour, quiet hours, the ban on night-time adverts.

All by the wall clock of the person's zone, so that summer time moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from konnect.accounts.models.notification import Rhythm
from konnect.accounts.models.user import User
from konnect.accounts.zones import zone_named

Span = tuple[time, time]
# The Network Act of Korea, article 50 (3): no advertising at night without another consent.
ADVERTISING_BAN: dict[str, Span] = {"Asia/Seoul": (time(21), time(8))}
# More spans than anybody has: whoever is never reached after so many moves never will be.
MOST_MOVES = 6


@dataclass(frozen=True)
class Clock:
    """What decides when somebody's mail may go out.

    hour: 0 to 23, weekday: 0 (Monday) to 6, both for digests; quiet: spans without mail, from
    the first time on and before the second, over midnight when the first is the later.
    """

    zone: ZoneInfo
    hour: int = 8
    weekday: int = 0
    quiet: tuple[Span, ...] = ()


def clock_of(user: User, *, is_advertising: bool = False) -> Clock:
    """Return a person's clock; adverts have the night of Korea as a quiet span of their own."""
    spans: list[Span] = []
    if user.quiet_from is not None and user.quiet_until is not None:
        spans.append((user.quiet_from, user.quiet_until))
    if is_advertising and user.time_zone in ADVERTISING_BAN:
        spans.append(ADVERTISING_BAN[user.time_zone])
    return Clock(zone_named(user.time_zone), user.digest_hour, user.digest_weekday, tuple(spans))


def mail_time(clock: Clock, rhythm: str, now: datetime) -> datetime | None:
    """Return when news of this moment may be mailed; None when never."""
    if rhythm == Rhythm.OFF:
        return None
    return out_of_quiet(
        clock, now if rhythm == Rhythm.INSTANT else digest_time(clock, rhythm, now)
    )


def digest_time(clock: Clock, rhythm: str, now: datetime) -> datetime:
    """Return the first moment after now at which a digest of this rhythm is due."""
    local = now.astimezone(clock.zone)
    days = (clock.weekday - local.weekday()) % 7 if rhythm == Rhythm.WEEKLY else 0
    due = on_the_wall(local, days, time(clock.hour))
    if due <= now:
        due = on_the_wall(local, days + (7 if rhythm == Rhythm.WEEKLY else 1), time(clock.hour))
    return due.astimezone(now.tzinfo)


def out_of_quiet(clock: Clock, moment: datetime) -> datetime | None:
    """Return the moment, or the end of the quiet spans that it lies in; None when they never end."""
    for _ in range(MOST_MOVES):
        local = moment.astimezone(clock.zone)
        span = next((span for span in clock.quiet if within(span, local.time())), None)
        if span is None:
            return moment
        moment = end_of(span, local).astimezone(moment.tzinfo)
    return None


def within(span: Span, clock_time: time) -> bool:
    """Tell whether the wall clock stands inside a span; one of no length has no inside."""
    begin, end = span
    if begin <= end:
        return begin <= clock_time < end
    return clock_time >= begin or clock_time < end


def end_of(span: Span, local: datetime) -> datetime:
    """Return the first time after a local moment inside a span at which the wall clock shows its end."""
    days = 1 if local.time() >= span[1] else 0
    end = on_the_wall(local, days, span[1])
    # In autumn the hour comes twice: the first showing may be over.
    return end if end.timestamp() > local.timestamp() else end.replace(fold=1)


def on_the_wall(local: datetime, days: int, clock_time: time) -> datetime:
    """Return a time of day some days later; one that spring leaves out comes an hour later."""
    day = local.date() + timedelta(days=days)
    return datetime.combine(day, clock_time, tzinfo=local.tzinfo)
