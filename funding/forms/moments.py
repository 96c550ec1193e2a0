"""Days and times as people type them, none so far away that clocks elsewhere have no name for it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.forms.wall_times import FURTHEST

FAR = _("This day is too far away.")


def refuse_far(distance: timedelta) -> None:
    """Raise ValidationError where something lies further away than anybody means."""
    if abs(distance) > FURTHEST:
        raise ValidationError(FAR, "far")


class DayField(forms.DateField):
    """A day, with the browser's calendar."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(**{"widget": widget, **options})

    def to_python(self, value: Any) -> date | None:
        """Return the day.

        Raises:
            ValidationError: it is none, or too far away to be meant.
        """
        day: date | None = super().to_python(value)
        if day is not None:
            refuse_far(day - timezone.localdate())
        return day


class MomentField(forms.DateTimeField):
    """A day and an hour on the reader's clocks."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        super().__init__(**{"widget": widget, **options})

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant.

        Raises:
            ValidationError: it is none, or too far away to be meant.
        """
        moment: datetime | None = super().to_python(value)
        if moment is not None:
            refuse_far(moment - timezone.now())
        return moment


class LastDayField(DayField):
    """The last day to answer: what is read is its end, which lies ahead."""

    def clean(self, value: Any) -> Any:
        """Return the last minute of that day where the reader is.

        Raises:
            ValidationError: there is none, or it is over.
        """
        day = super().clean(value)
        until = timezone.make_aware(datetime.combine(day, time(23, 59)))
        if until <= timezone.now():
            raise ValidationError(_("The last day to answer has to lie ahead."), "over")
        return until
