"""An event in numbers, for its organisers: who comes, what was asked for, how it went.

Organisers know registrations and requests by name, so these are told as they are. What people say
of meetings is told from five answers on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, Max, Q
from django.db.models.functions import TruncDay, TruncWeek
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import (
    CheckIn,
    Event,
    Meeting,
    MeetingFeedback,
    MeetingRequest,
    MeetingState,
    NextStep,
    PlaceKind,
    Registration,
    RequestState,
    ScheduleRun,
    ScheduleRunState,
    Seat,
)
from matching.models import Side
from matching.services.statistics import SMALLEST, Point, Statistic

# Up to here registrations are counted by day, then by week.
MOST_DAYS = timedelta(days=21)
SIDES = {Side.EUROPE, Side.KOREA}
USEFULNESS = range(1, 6)


class KnownPoint(Point):
    """A number of things that the reader knows one by one anyway: told however small it is."""

    @property
    def is_hidden(self) -> bool:
        """Never."""
        return False


@dataclass(frozen=True)
class Figure:
    """One number in words, and what others reach, for comparison."""

    label: str
    value: str
    reference: str = ""


def key_figures(event: Event) -> list[Figure]:
    """Return the numbers that matter most; those that say nothing yet are left out."""
    figures = coming_figures(event)
    if event.has_meetings:
        figures += [*request_figures(event), *meeting_figures(event), *schedule_figures(event)]
    return figures + feedback_figures(event)


def coming_figures(event: Event) -> list[Figure]:
    """Count who comes, who waits, and who was seen."""
    rows = Registration.objects.filter(event=event)
    counts = rows.aggregate(
        confirmed=Count("pk", filter=Q(state="confirmed")),
        waiting=Count("pk", filter=Q(state="waiting")),
        seen=Count("pk", filter=Q(state="confirmed", pk__in=seen_at(event))),
    )
    confirmed, capacity = counts["confirmed"], event.capacity
    shown = f"{confirmed} / {capacity}" if capacity else f"{confirmed}"
    found = [Figure(_("Confirmed participants"), shown)]
    if counts["waiting"]:
        found.append(Figure(_("On the waiting list"), str(counts["waiting"])))
    if counts["seen"]:
        found.append(Figure(_("Checked in"), share(counts["seen"], confirmed)))
    return found


def seen_at(event: Event) -> Any:
    """Return the registrations of those who were seen at the desk."""
    return CheckIn.objects.filter(registration__event=event).values("registration_id")


def request_figures(event: Event) -> list[Figure]:
    """Count requests and how many of the answered ones were accepted."""
    asked = MeetingRequest.objects.filter(event=event, added_by=None)
    counts = dict(asked.values_list("state").annotate(Count("pk")).order_by())
    accepted = counts.get(RequestState.ACCEPTED, 0)
    answered = accepted + counts.get(RequestState.DECLINED, 0)
    found = [Figure(_("Meeting requests"), str(sum(counts.values())))]
    if answered:
        reference = _("At comparable events, 40 to 60% are accepted.")
        found.append(
            Figure(_("Accepted, of those answered"), share(accepted, answered), reference)
        )
    return found


def meeting_figures(event: Event) -> list[Figure]:
    """Count meetings, how many each person has, and how many took place."""
    counts = dict(
        Meeting.objects.filter(event=event).values_list("state").annotate(Count("pk")).order_by()
    )
    standing = sum(number for state, number in counts.items() if state != MeetingState.CANCELLED)
    if not counts:
        return []
    found = [Figure(_("Meetings in the schedule"), str(standing)), *each_has(event)]
    over = sum(counts.get(state, 0) for state in (MeetingState.HELD, MeetingState.NO_SHOW))
    late = Meeting.objects.filter(event=event, is_late_cancellation=True).count()
    if over + late:
        kept = share(counts.get(MeetingState.HELD, 0), over + late)
        reference = _("At comparable events, 80% take place.")
        found.append(Figure(_("Took place, of those that were due"), kept, reference))
    return [*found, *missed(event)]


def each_has(event: Event) -> list[Figure]:
    """Say how many meetings the people have who want some."""
    people = Registration.objects.confirmed().filter(event=event, wants_meetings=True).count()
    seats = Seat.objects.filter(meeting__event=event, registration__isnull=False)
    held = seats.exclude(meeting__state=MeetingState.CANCELLED).count()
    if not people:
        return []
    reference = _("At comparable events, two or more.")
    return [Figure(_("Meetings a person"), f"{held / people:.1f}", reference)]


def missed(event: Event) -> list[Figure]:
    """Say how often somebody did not come."""
    absent = Seat.objects.filter(meeting__event=event, is_absent=True)
    found = absent.aggregate(times=Count("pk"), people=Count("profile", distinct=True))
    if not found["times"]:
        return []
    times = ngettext("%(number)d time", "%(number)d times", found["times"])
    people = ngettext("%(number)d person", "%(number)d people", found["people"])
    words = ", ".join((times % {"number": found["times"]}, people % {"number": found["people"]}))
    return [Figure(_("Did not come to a meeting"), words)]


def schedule_figures(event: Event) -> list[Figure]:
    """Say how good the schedule in force is."""
    runs = ScheduleRun.objects.filter(event=event, state=ScheduleRunState.PUBLISHED)
    run = runs.only("value", "bound", "is_optimal", "measures").first()
    if run is None or run.value is None or not run.bound:
        return []
    best = _("No schedule of the same wishes is worth more: this is proved.")
    bounded = _("A proved bound: the best possible schedule is worth 100% at most.")
    found = [
        Figure(_("Worth of the schedule"), f"{100 * run.value / run.bound:.1f}%",
               best if run.value >= run.bound else bounded),
    ]  # fmt: skip
    if "breaks" in run.measures:
        found.append(Figure(_("Breaks between meetings"), str(run.measures["breaks"])))
    return found


def feedback_figures(event: Event) -> list[Figure]:
    """Say how useful people found their meetings, from five answers on."""
    rows = MeetingFeedback.objects.filter(meeting__event=event)
    found = rows.aggregate(given=Count("pk"), mean=Avg("usefulness"), rated=Count("usefulness"))
    if not found["given"]:
        return []
    figures = [Figure(_("Answers about meetings"), str(found["given"]))]
    if found["rated"] >= SMALLEST:
        useful = _("%(mean).1f of 5") % {"mean": found["mean"]}
        figures.append(Figure(_("Usefulness of the meetings"), useful))
    return figures


def share(part: int, whole: int) -> str:
    """Return a part with its share of the whole."""
    return f"{part} ({100 * part / whole:.0f}%)" if whole else str(part)


def charts_of(event: Event) -> list[Statistic]:
    """Count what the charts show, in the language of the reader."""
    found = [registrations_by_time(event)]
    if event.has_meetings:
        found += [requests_by_state(event), fill_of_places(event)]
        found += [usefulness(event), next_steps(event)]
    return found


def registrations_by_time(event: Event) -> Statistic:
    """Count registrations as they came in, by side, added up."""
    rows = Registration.objects.filter(event=event)
    first, last = span_of(rows)
    step = TruncDay if last - first <= MOST_DAYS else TruncWeek
    counted = (
        rows.annotate(time=step("created_at", tzinfo=ZoneInfo(event.zone)))
        .values_list("time", "profile__side")
        .annotate(Count("pk"))
        .order_by("time")
    )
    points = running_total(counted)
    return Statistic("registrations", _("Registrations, added up"), _("Until"), "line", points)


def span_of(rows: Any) -> tuple[datetime, datetime]:
    """Return when the first and the last row were written."""
    first = rows.order_by("created_at").values_list("created_at", flat=True).first()
    last = rows.aggregate(last=Max("created_at"))["last"]
    now = datetime.now(tz=ZoneInfo("UTC"))
    return first or now, last or now


def running_total(counted: Iterable[tuple[datetime, str, int]]) -> tuple[KnownPoint, ...]:
    """Return for each time and side how many there were until then."""
    rows = list(counted)
    labels = {value: str(label) for value, label in Side.choices if value in SIDES}
    totals = dict.fromkeys(labels, 0)
    points = []
    for time in dict.fromkeys(time for time, _side, _number in rows):
        for at, side, number in rows:
            if at == time and side in totals:
                totals[side] += number
        # Years too: charts put names in their own order.
        name = date_format(time, "Y-m-d")
        points += [KnownPoint(name, labels[side], total) for side, total in totals.items()]
    return tuple(points)


def requests_by_state(event: Event) -> Statistic:
    """Count requests by what became of them and by the side of who asked."""
    rows = MeetingRequest.objects.filter(event=event, sender__profile__side__in=SIDES)
    counted = rows.values_list("state", "sender__profile__side").annotate(Count("pk")).order_by()
    numbers = {(state, side): number for state, side, number in counted}
    points = tuple(
        KnownPoint(str(RequestState(state).label), str(Side(side).label), numbers.get((state, side), 0))
        for state in RequestState.values
        for side in (Side.EUROPE, Side.KOREA)
        if any(known == state for known, _side in numbers)
    )  # fmt: skip
    title = _("Meeting requests, by the side of who asked")
    return Statistic("requests", title, _("State"), "bar", points)


def fill_of_places(event: Event) -> Statistic:
    """Count the meetings of each table and room, beside how many it could take."""
    slots = event.slots.count()
    standing = Q(meetings__event=event) & ~Q(meetings__state=MeetingState.CANCELLED)
    places = event.places.exclude(kind=PlaceKind.HALL).annotate(
        taken=Count("meetings", filter=standing, distinct=True),
        closed=Count("closures", distinct=True),
    )
    points = []
    for place in places:
        points.append(KnownPoint(place.name, _("Meetings"), place.taken))
        points.append(KnownPoint(place.name, _("Meeting times"), max(slots - place.closed, 0)))
    title = _("How full tables and rooms are")
    return Statistic("places", title, _("Table or room"), "bar", tuple(points))


def usefulness(event: Event) -> Statistic:
    """Count how useful people found their meetings."""
    rows = MeetingFeedback.objects.filter(meeting__event=event, usefulness__isnull=False)
    numbers = dict(rows.values_list("usefulness").annotate(Count("pk")).order_by())
    places: Mapping[Any, str] = {
        step: _("%(number)d of 5") % {"number": step} for step in USEFULNESS
    }
    return answers_chart(
        "usefulness", _("How useful meetings were"), _("Usefulness"), places, numbers
    )


def next_steps(event: Event) -> Statistic:
    """Count what people want to do after their meetings."""
    rows = MeetingFeedback.objects.filter(meeting__event=event).exclude(next_step="")
    numbers = dict(rows.values_list("next_step").annotate(Count("pk")).order_by())
    places = {value: str(label) for value, label in NextStep.choices}
    return answers_chart("steps", _("What comes next"), _("Next step"), places, numbers)


def answers_chart(
    name: str, title: str, place: str, places: Mapping[Any, str], numbers: Mapping[Any, int]
) -> Statistic:
    """Return a chart of what people said; numbers below five are hidden in it."""
    points = tuple(
        Point(label, _("Answers"), numbers.get(key, 0)) for key, label in places.items()
    )
    return Statistic(name, title, place, "bar", points if numbers else ())
