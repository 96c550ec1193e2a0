"""The form of what one is told by e-mail, and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Rhythm, User
from konnect.accounts.notifications import Kind
from konnect.accounts.services.wishes import Times
from konnect.accounts.text import TidyFormMixin

PREFIX = "kind_"
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class NewsSettingsForm(TidyFormMixin, forms.Form):
    """One choice for each kind, the time of digests, and quiet hours."""

    digest_hour = forms.TypedChoiceField(label=_("Time of summaries"), choices=HOURS, coerce=int)
    digest_weekday = forms.TypedChoiceField(
        label=_("Day of the weekly summary"), choices=list(WEEKDAYS.items()), coerce=int
    )
    quiet_from = forms.TimeField(
        label=_("No e-mails from"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
    )
    quiet_until = forms.TimeField(
        label=_("No e-mails until"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
    )

    def __init__(self, *args: Any, kinds: Iterable[Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in kinds:
            self.fields[PREFIX + kind.name] = forms.ChoiceField(
                label=str(kind.label), choices=kind.choices()
            )

    def clean(self) -> dict[str, Any]:
        """Refuse quiet hours without an end, and those that never end."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        begin, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if {"quiet_from", "quiet_until"} & self.errors.keys():
            return cleaned
        if (begin is None) != (end is None):
            missing = "quiet_until" if end is None else "quiet_from"
            self.add_error(missing, _("Please give both times, or neither."))
        elif begin is not None and begin == end:
            self.add_error("quiet_until", _("Please give a time that differs from the first."))
        return cleaned

    def kind_fields(self) -> list[forms.BoundField]:
        """Return the fields of the kinds."""
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    def time_fields(self) -> list[forms.BoundField]:
        """Return the fields of digests."""
        return [self["digest_hour"], self["digest_weekday"]]

    def quiet_fields(self) -> list[forms.BoundField]:
        """Return the fields of quiet hours."""
        return [self["quiet_from"], self["quiet_until"]]

    def rhythms(self) -> dict[str, str]:
        """Return what was chosen for each kind."""
        return {
            name.removeprefix(PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX)
        }

    def times(self) -> Times:
        """Return when mail may come."""
        names = ("digest_hour", "digest_weekday", "quiet_from", "quiet_until")
        return Times(**{name: self.cleaned_data[name] for name in names})


def initial_of(user: User, kinds: Iterable[Kind], rhythms: dict[str, Rhythm]) -> dict[str, Any]:
    """Return what a person has chosen so far."""
    return {
        "digest_hour": user.digest_hour,
        "digest_weekday": user.digest_weekday,
        "quiet_from": user.quiet_from,
        "quiet_until": user.quiet_until,
        **{PREFIX + kind.name: kind.shown(rhythms[kind.name]) for kind in kinds},
    }
