"""Why a wish has no place in a schedule: kept in numbers with the run, told in the reader's words.

Each side reads when they themselves are free, not when the other one is; organisers read both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext

from events.models import Event, Registration, ScheduleRun, ScheduleRunState, Slot
from events.scheduling.problem import NONE
from events.scheduling.reasons import Code, Reason
from events.services.schedule_problem import EventProblem
from matching.countries import zone_city

StoredReason = dict[str, Any]
# A request that organisers forbade in every slot never reaches the solver.
LEFT_OUT = "left_out"
# Slots that follow each other within so long read as one stretch of time.
JOINED = timedelta(minutes=30)
# Stretches and proposals that one sentence names.
MOST_NAMED = 4


@dataclass(frozen=True)
class Reader:
    """Who reads reasons: in which zone, as which registration (0 for organisers), with what names."""

    zone: str
    own: int
    # Registration to name; slot to its time.
    names: Mapping[int, str]
    slots: Mapping[int, tuple[datetime, datetime]]

    def name(self, person: int) -> str:
        """Return how a participant is called, also one who has left."""
        return self.names.get(person) or gettext("a former participant")


@dataclass(frozen=True)
class Explained:
    """Why one request has no place: the reason, and what would free it."""

    request: int
    code: str
    sentence: str
    advice: tuple[str, ...] = ()


def stored_reasons(found: EventProblem, reasons: Iterable[Reason]) -> list[StoredReason]:
    """Return reasons in numbers of rows, as a run keeps them."""
    rows = [
        {
            "request": found.requests[reason.wish],
            "code": str(reason.code),
            "person": found.people[reason.person] if reason.person != NONE else 0,
            "slots": [found.slots[slot] for slot in reason.slots],
            "free_of": [
                [found.people[person], [found.slots[slot] for slot in slots]]
                for person, slots in reason.free_of
            ],
            "would_fit": [
                [found.people[person], found.slots[slot]] for person, slot in reason.would_fit
            ],
        }
        for reason in reasons
    ]
    return rows + [{"request": one["id"], "code": LEFT_OUT} for one in found.facts["left_out"]]


def reader_of(
    event: Event, *, zone: str, reasons: Iterable[StoredReason], own: Registration | None = None
) -> Reader:
    """Return somebody who reads these reasons of an event; two queries."""
    people = {person for reason in reasons for person in people_named(reason)}
    rows = Registration.objects.filter(pk__in=people).select_related("profile")
    times = {
        slot.pk: (slot.during.lower, slot.during.upper)
        for slot in Slot.objects.filter(event=event)
        if slot.during.lower and slot.during.upper
    }
    names = {row.pk: row.profile.name for row in rows}
    return Reader(zone, own.pk if own else 0, names, times)


def people_named(reason: StoredReason) -> set[int]:
    """Return the participants whom the words of a reason name."""
    pairs = (*reason.get("free_of", ()), *reason.get("would_fit", ()))
    return {person for person, _slots in pairs} | {reason.get("person") or 0} - {0}


def unplaced_of(registration: Registration, *, zone: str) -> dict[int, Explained]:
    """Return request to the reason, for the wishes of one participant without a place.

    Of the published schedule; empty while there is none. Three queries.
    """
    run = published_run(registration.event)
    if run is None:
        return {}
    sides = set(registration.requests_sent.values_list("pk", flat=True))
    sides |= set(registration.requests_received.values_list("pk", flat=True))
    sides |= set(registration.joined_requests.values_list("request_id", flat=True))
    mine = [reason for reason in run.reasons if reason["request"] in sides]
    reader = reader_of(registration.event, zone=zone, reasons=mine, own=registration)
    return {reason["request"]: words_of(reason, reader) for reason in mine}


def published_run(event: Event) -> ScheduleRun | None:
    """Return the run whose schedule is in force."""
    # Without what the run was given: megabytes, which no page needs.
    runs = event.schedule_runs.filter(state=ScheduleRunState.PUBLISHED)
    return runs.only("event", "state", "reasons").first()


def words_of(reason: StoredReason, reader: Reader) -> Explained:
    """Return a reason in the reader's language and zone."""
    sentence = SENTENCES.get(reason["code"], other_words)(reason, reader)
    return Explained(reason["request"], reason["code"], sentence, tuple(advice(reason, reader)))


def no_common_slot(reason: StoredReason, reader: Reader) -> str:
    """Say when the reader is free and the others are not; organisers read of everybody."""
    free = {person: times(slots, reader) for person, slots in reason["free_of"]}
    if reader.own in free:
        if not free[reader.own]:
            return gettext("There is no common free time: you have no time left open.")
        return gettext(
            "There is no common free time: you are free %(times)s, the other side is not."
        ) % {"times": free[reader.own]}
    people = [
        gettext("%(name)s is free %(times)s") % {"name": reader.name(person), "times": found}
        if found
        else gettext("%(name)s has no time left open") % {"name": reader.name(person)}
        for person, found in free.items()
    ]
    return gettext("There is no common free time: %(people)s.") % {"people": "; ".join(people)}


def no_common_mode(_reason: StoredReason, _reader: Reader) -> str:
    """Say that one is there and the other is not."""
    return gettext(
        "There is no common way to meet: at the times that both have free, one side is on site "
        "only and the other online only, or no such place is open."
    )


def limit_reached(reason: StoredReason, reader: Reader) -> str:
    """Say whose meetings are full."""
    if reason.get("person") == reader.own:
        return gettext("You have as many meetings as you wanted; stronger wishes came first.")
    return gettext(
        "%(name)s has as many meetings as possible already; stronger wishes came first."
    ) % {"name": reader.name(reason.get("person") or 0)}


def people_busy(reason: StoredReason, reader: Reader) -> str:
    """Say which times would have come into question."""
    return gettext(
        "Whenever both sides could meet (%(times)s), one of them has another meeting."
    ) % {"times": times(reason["slots"], reader)}


def places_full(reason: StoredReason, reader: Reader) -> str:
    """Say when there is no table."""
    return gettext("All tables and online rooms are taken at %(times)s.") % {
        "times": times(reason["slots"], reader)
    }


def precedence(_reason: StoredReason, _reader: Reader) -> str:
    """Say that it must come later than another one."""
    return gettext("It has to come after another meeting, and nothing is free after that one.")


def pins(_reason: StoredReason, _reader: Reader) -> str:
    """Say that organisers decided."""
    return gettext("The organisers have fixed other meetings at the times that remain.")


def left_out(_reason: StoredReason, _reader: Reader) -> str:
    """Say that organisers do not want it."""
    return gettext("The organisers have left this meeting out of the schedule.")


def other_words(_reason: StoredReason, _reader: Reader) -> str:
    """Say what can be said of a reason that this version does not know."""
    return gettext("There was no place for it.")


SENTENCES = {
    Code.NO_COMMON_SLOT: no_common_slot,
    Code.NO_COMMON_MODE: no_common_mode,
    Code.LIMIT_REACHED: limit_reached,
    Code.PEOPLE_BUSY: people_busy,
    Code.PLACES_FULL: places_full,
    Code.PRECEDENCE: precedence,
    Code.PINS: pins,
    LEFT_OUT: left_out,
}


def advice(reason: StoredReason, reader: Reader) -> Iterable[str]:
    """Return what would free a place: times that the reader could open; organisers read all."""
    openings: dict[int, list[int]] = defaultdict(list)
    for person, slot in reason.get("would_fit", ()):
        openings[person].append(slot)
    for person, slots in openings.items():
        when = times(slots, reader)
        if person == reader.own:
            yield gettext("It would fit if you opened %(times)s.") % {"times": when}
        elif not reader.own:
            name = reader.name(person)
            yield gettext("It would fit if %(name)s opened %(times)s.") % {
                "name": name,
                "times": when,
            }


def times(slots: Sequence[int], reader: Reader) -> str:
    """Return slots as stretches of time in the reader's zone: "2 June 10:00–12:00 (Brussels)"."""
    zone = ZoneInfo(reader.zone)
    spans = stretches(sorted(reader.slots[slot] for slot in slots if slot in reader.slots))
    if not spans:
        return ""
    words, day = [], None
    for begin, end in ((begin.astimezone(zone), end.astimezone(zone)) for begin, end in spans):
        hours = f"{begin:%H:%M}–{end:%H:%M}"
        if begin.date() != day:
            hours = f"{date_format(begin, 'MONTH_DAY_FORMAT')} {hours}"
        words.append(hours)
        day = begin.date()
    more = len(words) - MOST_NAMED
    shown = ", ".join(words[:MOST_NAMED]) + (" …" if more > 0 else "")
    return f"{shown} ({zone_city(reader.zone)})"


def stretches(
    spans: Sequence[tuple[datetime, datetime]],
) -> list[tuple[datetime, datetime]]:
    """Return times with those joined that follow each other."""
    found: list[tuple[datetime, datetime]] = []
    for begin, end in spans:
        if found and begin - found[-1][1] <= JOINED:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found
