"""What pages of grants say: states, days, steps of a trip, answers of reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from funding.forms_schema import Field, Section
from funding.models import Call, Grant, GrantState, ReportDue, Trip, TripState
from funding.services.grant_pages import LOOKS
from funding.services.grant_times import last_day as last_of
from funding.services.grant_times import today_everywhere
from funding.services.report_dates import OPEN_STATES, with_dates

register = template.Library()
# A trip on its way, in order, by the words that its page shows.
STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("planned", gettext_lazy("Planned")), ("host_agreed", gettext_lazy("Host agreed")),
    ("approved", gettext_lazy("Approved")), ("started", gettext_lazy("Under way")),
    ("ended", gettext_lazy("Over")), ("reported", gettext_lazy("Reported")),
    ("report_approved", gettext_lazy("Report approved")), ("paid", gettext_lazy("Paid")),
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step of a trip."""

    label: str | Promise
    is_done: bool
    is_here: bool


@register.filter
def grant_look(state: str) -> str:
    """Return the look of a state: the end of a class `status-…`."""
    return LOOKS.get(state, "over")


@register.filter
def grant_state(state: str) -> str | Promise:
    """Return the word for a state of grants."""
    return GrantState(state).label


@register.filter
def trip_state(state: str) -> str | Promise:
    """Return the word for a state of trips."""
    return TripState(state).label


@register.filter
def last_day(period: Any) -> date:
    """Return the last day of a range of days."""
    return last_of(period)


@register.simple_tag
def trip_steps(trip: Trip) -> list[Step]:
    """Return the steps of a trip: which are done, and at which it stands."""
    codes = [code for code, _label in STEPS]
    here = codes.index(trip.state) if trip.state in codes else -1
    return [
        Step(label, place <= here, place == here) for place, (_code, label) in enumerate(STEPS)
    ]


@register.filter
def report_answers(answers: Mapping[str, Any], section: Section) -> list[tuple[Field, str]]:
    """Return the questions of a section with their answers in words."""
    return [(field, words_of(field, answers.get(field.code))) for field in section.fields]


def words_of(field: Field, value: Any) -> str:
    """Return an answer as a reader reads it."""
    if value is None:
        return ""
    if field.kind == "yes_no":
        return _("Yes") if value else _("No")
    if field.kind == "choice":
        return field.options[value][get_language() == "ko"]
    return str(value)


@register.simple_tag
def grants_of(call: Call) -> dict[str, Any]:
    """Return how many grants of a call stand where, and how many reports are overdue."""
    rows = Grant.objects.filter(decision__application__call=call)
    counted = dict(rows.values_list("state").annotate(number=Count("pk")).order_by())
    owed = with_dates(ReportDue.objects.filter(grant__in=rows, state__in=OPEN_STATES))
    return {
        "total": sum(counted.values()),
        "states": [(state.label, counted[state]) for state in GrantState if state in counted],
        "overdue": owed.filter(counts_on__lt=today_everywhere()).count(),
    }
