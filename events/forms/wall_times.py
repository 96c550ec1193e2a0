"""Times as organisers type them: a day and an hour on the clocks of a zone, never guessed at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from events.clock_faces import BRUSSELS, SEOUL, Between, Face, faces, offset_words
from events.models import Event
from events.wall_times import AmbiguousTimeError, MissingTimeError, instant, wall_of
from matching.forms.moments import HourField

FURTHEST = timedelta(days=6 * 365)
FIRST, SECOND = "first", "second"
MISSING = _("The clocks go forward then and never show this time there. Choose another one.")
TWICE = _("The clocks go back then and show this time twice. Say which one you mean.")


@dataclass(frozen=True)
class WallGroup:
    """The fields of one time, as a page shows them."""

    name: str
    label: str | Promise
    day: BoundField
    hour: BoundField
    which: BoundField
    is_twice: bool
    faces: list[Face]


@dataclass(frozen=True)
class Typed:
    """What was read: the wall time and its instant."""

    wall: str
    at: datetime


class WallTimesMixin(forms.BaseForm):
    """A form with times: `self.add_wall(...)` in `__init__`, `self.read_wall(...)` in `clean`."""

    def add_wall(
        self,
        name: str,
        label: str | Promise,
        *,
        is_required: bool,
        stored: datetime | None,
        zone: str,
    ) -> None:
        """Add the fields of one time, filled with what is stored."""
        self.wall_labels: dict[str, str | Promise] = getattr(self, "wall_labels", {})
        self.wall_labels[name] = label
        wall = wall_of(stored, zone) if stored else ""
        day, _t, hour = wall.partition("T")
        self.fields[f"{name}_day"] = forms.DateField(
            label=part_of(label, pgettext("part of a moment", "day")),
            required=is_required, initial=day or None,
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        )  # fmt: skip
        self.fields[f"{name}_hour"] = HourField(
            label=part_of(label, pgettext("part of a moment", "time")), initial=hour
        )
        self.fields[f"{name}_hour"].required = is_required
        self.fields[f"{name}_which"] = forms.ChoiceField(
            label=_("Which of the two"), required=False, initial=which_of(stored, zone),
            choices=[(FIRST, _("the first time")), (SECOND, _("the second time"))],
            widget=forms.RadioSelect,
        )  # fmt: skip

    def read_wall(self, name: str, zone: str, *, is_required: bool) -> Typed | None:
        """Return one time as an instant, or say beside its fields why there is none."""
        data = self.cleaned_data
        day, hour = data.get(f"{name}_day"), data.get(f"{name}_hour") or ""
        if f"{name}_day" in self.errors or f"{name}_hour" in self.errors:
            return None
        if day is None:
            if hour or is_required:
                self.add_error(f"{name}_day", _("Enter the day."))
            return None
        if not hour:
            self.add_error(f"{name}_hour", _("Enter the time."))
            return None
        if abs(day - timezone.localdate()) > FURTHEST:
            self.add_error(f"{name}_day", _("This day is too far away."))
            return None
        return self.resolve(name, wall_from(day, hour), zone)

    def resolve(self, name: str, wall: str, zone: str) -> Typed | None:
        """Return when a wall time is; ask where the clocks leave it open."""
        which = self.cleaned_data.get(f"{name}_which")
        try:
            return Typed(
                wall, instant(wall, zone, is_second={FIRST: False, SECOND: True}.get(which or ""))
            )
        except MissingTimeError:
            self.add_error(f"{name}_hour", MISSING)
        except AmbiguousTimeError as error:
            field: Any = self.fields[f"{name}_which"]
            field.choices = choices_of(error.choices, zone)
            self.add_error(f"{name}_which", TWICE)
        return None

    def check_inside(self, name: str, typed: Typed, event: Event) -> None:
        """Say beside the day of a time that it lies outside of the event, where it does."""
        if not event.starts_at <= typed.at <= event.ends_at:
            self.add_error(f"{name}_day", _("This lies outside of the event."))

    def wall_groups(self, zone: str) -> list[WallGroup]:
        """Return the times as the page shows them, with the clocks of both sides where known."""
        return [self.wall_group(name, zone) for name in self.wall_labels]

    def wall_group(self, name: str, zone: str) -> WallGroup:
        """Return one time as the page shows it."""
        which = self[f"{name}_which"]
        wall = typed_wall(self[f"{name}_day"].value(), self[f"{name}_hour"].value())
        return WallGroup(
            name, self.wall_labels[name], self[f"{name}_day"], self[f"{name}_hour"], which,
            is_twice=is_twice(wall, zone), faces=faces_of(wall, zone, which.value()),
        )  # fmt: skip


def part_of(label: str | Promise, part: str) -> str:
    """Return what one field of a time is called: two times on a page are told apart by it."""
    return gettext("%(moment)s: %(part)s") % {"moment": label, "part": part}


def wall_from(day: date, hour: str) -> str:
    """Return a wall time; 24:00 is the beginning of the next day."""
    if hour == "24:00":
        return f"{day + timedelta(days=1)}T00:00"
    return f"{day}T{hour}"


def which_of(moment: datetime | None, zone: str) -> str:
    """Return which of two equal wall times an instant is; the first of one that comes once."""
    if moment is None:
        return ""
    return SECOND if moment.astimezone(ZoneInfo(zone)).fold else FIRST


def choices_of(moments: tuple[datetime, datetime], zone: str) -> list[tuple[str, str]]:
    """Return both meanings of a time, with their distance from universal time."""
    words = (_("before the clocks go back"), _("after the clocks went back"))
    return [
        (
            code,
            f"{moment.astimezone(ZoneInfo(zone)):%H:%M} {offset_words(moment.astimezone(ZoneInfo(zone)))}, {word}",
        )
        for code, moment, word in zip((FIRST, SECOND), moments, words, strict=True)
    ]


def typed_wall(day: Any, hour: Any) -> str:
    """Return a wall time from what stands in the fields; '' when it is none yet, or too far away.

    Near the first and the last year there is, clocks of other zones would show none at all.
    """
    try:
        hours = HourField(label="").clean(hour or "")
        shown = date.fromisoformat(str(day or ""))
        is_near = abs(shown - timezone.localdate()) <= FURTHEST
        return wall_from(shown, hours) if hours and is_near else ""
    except (forms.ValidationError, ValueError, OverflowError):
        return ""


def is_twice(wall: str, zone: str) -> bool:
    """Tell whether the clocks of a zone show a time twice."""
    try:
        instant(wall, zone)
    except AmbiguousTimeError:
        return True
    except ValueError:
        return False
    return False


def faces_of(wall: str, zone: str, which: Any) -> list[Face]:
    """Return what the clocks of both sides show at a typed time; nothing while it is none."""
    try:
        moment = instant(wall, zone, is_second={SECOND: True}.get(str(which), False))
    except ValueError:
        return []
    return faces(
        Between(moment, moment), reader_zone=BRUSSELS, event_zone=SEOUL, other_zones=(zone,)
    )
