"""What organisers do with a whole event: cancel it, copy it, make a series, add helpers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event, HelperRole
from events.services.copies import MOST_AT_ONCE
from events.wall_times import day_of
from konnect.accounts.text import TidyFormMixin
from matching.forms.search_step import text_box


class CancelForm(TidyFormMixin, forms.Form):
    """Why an event does not take place; both texts go to everybody."""

    cancellation_en = forms.CharField(
        label=_("Notice in English"), max_length=1000, required=False, widget=text_box("en", 4)
    )
    cancellation_ko = forms.CharField(
        label=_("Notice in Korean"), max_length=1000, required=False, widget=text_box("ko", 4)
    )
    is_sure = forms.BooleanField(
        label=_("Yes, cancel the event with all its meetings. This cannot be undone.")
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a notice in one of the languages."""
        data: dict[str, Any] = super().clean() or {}
        if not (data.get("cancellation_en") or data.get("cancellation_ko")):
            self.add_error(
                "cancellation_en", _("Write a sentence in at least one of the languages.")
            )
        return data


class CopyForm(forms.Form):
    """On which day the copy begins."""

    starts_on = forms.DateField(
        label=_("First day of the copy"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_(
            "The time on the clocks stays the same, also after a change to or from summer time."
        ),
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        self.event = event
        super().__init__(*args, **kwargs)

    def clean_starts_on(self) -> Any:
        """Return a day to come, within reach."""
        day = self.cleaned_data["starts_on"]
        if day <= timezone.localdate() or (day - timezone.localdate()).days > 5 * 365:
            raise forms.ValidationError(_("Choose a day within the next five years."), "far")
        return day


class SeriesForm(TidyFormMixin, forms.Form):
    """How often the event is held again."""

    series_en = forms.CharField(
        label=_("Title of the series in English"), max_length=200, required=False
    )
    series_ko = forms.CharField(
        label=_("Title of the series in Korean"), max_length=200, required=False
    )
    weeks = forms.TypedChoiceField(
        label=_("How often"), coerce=int,
        choices=[(1, _("Every week")), (2, _("Every two weeks")), (4, _("Every four weeks")),
                 (13, _("Every quarter (13 weeks)")), (26, _("Every half year (26 weeks)")),
                 (52, _("Every year (52 weeks)"))],
    )  # fmt: skip
    number = forms.IntegerField(
        label=_("How many more"), min_value=1, max_value=MOST_AT_ONCE, initial=3
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        self.event = event
        super().__init__(*args, **kwargs)
        self.initial.setdefault("series_en", event.title_en)
        self.initial.setdefault("series_ko", event.title_ko)

    def clean(self) -> dict[str, Any]:
        """Ask for a title in one of the languages, and for days within reach."""
        data: dict[str, Any] = super().clean() or {}
        if not (data.get("series_en") or data.get("series_ko")):
            self.add_error("series_en", _("Enter a title in at least one of the languages."))
        weeks, number = data.get("weeks"), data.get("number")
        if weeks and number and weeks * number > 5 * 52:
            self.add_error("number", _("That reaches further than five years."))
        return data

    @property
    def first_day(self) -> Any:
        """The day of the event in its zone."""
        return day_of(self.event.starts_at, self.event.zone)


class MemberSearchForm(TidyFormMixin, forms.Form):
    """Whom to look for among the members."""

    q = forms.CharField(label=_("Name"), max_length=100, required=False)


class HelperForm(forms.Form):
    """Who helps, and as what."""

    profile = forms.IntegerField(widget=forms.HiddenInput)
    role = forms.ChoiceField(label=_("Role"), choices=HelperRole.choices)
