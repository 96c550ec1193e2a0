"""Fields for amounts, hours and deadlines as the two sides write them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin
from matching.clocks import BRUSSELS, SEOUL, instant, wall_time
from matching.countries import zone_city
from matching.forms.fields import narrow
from matching.models import DeadlineKind, ListingDeadline

LARGEST_AMOUNT = 10**13
MOST_YEARS = timedelta(days=6 * 365)
HOUR = re.compile(
    r"^(?P<half>오전|오후)?\s*(?P<hour>\d{1,2})\s*[:.시h]?\s*(?P<minute>\d{2})?\s*분?\s*(?P<end>am|pm)?$"
)
# Where funders of the two sides sit.
ZONES = (
    BRUSSELS, SEOUL, "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Zurich",
    "Europe/Helsinki", "Asia/Jerusalem", "Europe/Istanbul", "Europe/Kyiv", "UTC",
)  # fmt: skip


class AmountField(forms.CharField):
    """An amount of money, with or without thousands apart: 1,500,000 or 1 500 000."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric"})
        super().__init__(max_length=30, required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> int | None:
        """Return the amount.

        Raises:
            ValidationError: it is no whole number, or larger than any budget.
        """
        digits = re.sub(r"[\s,.'’]", "", narrow(super().clean(value)))
        if not digits:
            return None
        if not (digits.isascii() and digits.isdigit()) or int(digits) > LARGEST_AMOUNT:
            raise ValidationError(_("Enter a whole amount, like 1,500,000."), "amount")
        return int(digits)


class HourField(forms.CharField):
    """A time of day as calls write it: 17:00, 5 pm, 오후 6시, 24:00."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        """Return the time as "17:00"; 24:00 is the end of the day.

        Raises:
            ValidationError: no clock shows that.
        """
        text = narrow(super().clean(value)).lower()
        if not text:
            return ""
        found = HOUR.match(text)
        if found is None:
            raise ValidationError(
                _("Enter a time like 17:00, or 24:00 for the end of the day."), "hour"
            )
        hour, minute = int(found["hour"]), int(found["minute"] or 0)
        half = found["half"] or found["end"] or ""
        if half and hour <= 12:
            hour = hour % 12 + (12 if half in {"오후", "pm"} else 0)
        if hour > 24 or minute > 59 or (hour == 24 and minute):
            raise ValidationError(
                _("Enter a time like 17:00, or 24:00 for the end of the day."), "hour"
            )
        return f"{hour:02}:{minute:02}"


class DeadlineForm(TidyFormMixin, forms.Form):
    """One deadline of a kind: a day, an hour and whose clocks count."""

    use_required_attribute = False

    day = forms.DateField(
        label=_("Date"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    hour = HourField(label=_("Time"))
    time_zone = forms.ChoiceField(label=_("By the clocks of"), required=False)
    source_words = forms.CharField(label=_("As the call says it"), max_length=120, required=False)

    def __init__(
        self, *args: Any, kind: DeadlineKind, stored: ListingDeadline | None = None, **kwargs: Any
    ) -> None:
        self.kind = kind
        super().__init__(*args, prefix=kind.value, initial=initial_of(kind, stored), **kwargs)
        names = dict.fromkeys([*ZONES, *([stored.time_zone] if stored else [])])
        zones: Any = self.fields["time_zone"]
        zones.choices = [(name, zone_city(name)) for name in names]

    def clean(self) -> dict[str, Any]:
        """Ask for a day where an hour or words are given, and for one within reach."""
        data: dict[str, Any] = super().clean() or {}
        day = data.get("day")
        if not day and (data.get("hour") or data.get("source_words")) and "day" not in self.errors:
            self.add_error("day", _("Enter the date."))
        if day and abs(day - timezone.localdate()) > MOST_YEARS:
            self.add_error("day", _("This day is too far away."))
        return data

    def row(self) -> ListingDeadline | None:
        """Return the unsaved deadline; None when no day was entered."""
        data = self.cleaned_data
        if not data.get("day"):
            return None
        wall = wall_time(data["day"], data["hour"] or "24:00")
        zone = data["time_zone"] or default_zone(self.kind)
        return ListingDeadline(
            kind=self.kind, at=instant(wall, zone), time_zone=zone, wall_time=wall,
            source_words=data["source_words"],
        )  # fmt: skip


def initial_of(kind: DeadlineKind, stored: ListingDeadline | None) -> dict[str, Any]:
    """Return what the form of a deadline shows first."""
    if stored is None:
        return {"time_zone": default_zone(kind)}
    day, _t, hour = stored.wall_time.partition("T")
    return {
        "day": day, "hour": hour, "time_zone": stored.time_zone,
        "source_words": stored.source_words,
    }  # fmt: skip


def default_zone(kind: DeadlineKind) -> str:
    """Return whose clocks usually count for a kind of deadline."""
    return SEOUL if kind.value.startswith("korean") else BRUSSELS
