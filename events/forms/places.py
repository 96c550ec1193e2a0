"""Tables, rooms, halls and meeting times."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.forms.languages import need_either
from events.forms.wall_times import WallTimesMixin
from events.models import Event, Place, PlaceKind
from events.services.event_saving import is_frozen
from konnect.accounts.text import TidyFormMixin


class ManyPlacesForm(forms.Form):
    """Many places at once: “20 tables”."""

    number = forms.IntegerField(label=_("How many"), min_value=1, max_value=500, initial=20)
    kind = forms.ChoiceField(label=_("Kind"), choices=PlaceKind.choices)
    seats = forms.IntegerField(label=_("Seats"), min_value=1, max_value=5000, initial=2)


class PlaceForm(TidyFormMixin, forms.ModelForm[Place]):
    """One place."""

    url = forms.URLField(
        label=_("Web address"), max_length=500, required=False, assume_scheme="https",
        help_text=_("Only of an online room that you bring along; else the portal makes one."),
    )  # fmt: skip

    class Meta:
        model = Place
        fields = ("kind", "name_en", "name_ko", "seats", "url")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        need_either(self, "name")

    def clean(self) -> dict[str, Any]:
        """Ask for a name in one of the languages."""
        data: dict[str, Any] = super().clean() or {}
        if not (data.get("name_en") or data.get("name_ko")):
            self.add_error("name_en", _("Enter a name in at least one of the languages."))
        return data

    def columns(self) -> dict[str, Any]:
        """Return what to write into columns."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class SlotRangeForm(WallTimesMixin, forms.Form):
    """A range that is filled with meeting times."""

    use_required_attribute = False
    walls: ClassVar[tuple[tuple[str, str | Promise], ...]] = (
        ("starts_at", _("Begins")), ("ends_at", _("Ends")),
    )  # fmt: skip
    minutes = forms.IntegerField(label=_("Minutes a meeting"), min_value=5, max_value=240)
    gap = forms.IntegerField(label=_("Minutes between meetings"), min_value=0, max_value=240)
    is_new_sitting = forms.BooleanField(
        label=_("This is a new sitting"), required=False, initial=True,
        help_text=_("A break before a new sitting, like lunch or a night, does not count as waiting."),
    )  # fmt: skip

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        self.event = event
        super().__init__(*args, **kwargs)
        self.initial.update({"minutes": event.slot_minutes, "gap": event.gap_minutes})
        for (name, label), stored in zip(self.walls, (event.starts_at, None), strict=True):
            self.add_wall(name, label, is_required=True, stored=stored, zone=event.zone)
        if is_frozen(event):
            self.fields["minutes"].disabled = True
            self.fields["minutes"].help_text = _(
                "People have said when they can meet, so the length of a meeting stays."
            )

    @property
    def wall_fields(self) -> list[Any]:
        """The times as the page shows them."""
        return self.wall_groups(self.event.zone)

    def clean(self) -> dict[str, Any]:
        """Ask for a range inside the event that holds at least one meeting."""
        data: dict[str, Any] = super().clean() or {}
        self.begins = self.read_wall("starts_at", self.event.zone, is_required=True)
        self.ends = self.read_wall("ends_at", self.event.zone, is_required=True)
        if not (self.begins and self.ends):
            return data
        length = self.ends.at - self.begins.at
        if length.total_seconds() < 60 * (data.get("minutes") or 5):
            self.add_error("ends_at_day", _("No meeting fits into this range."))
        else:
            self.check_inside("starts_at", self.begins, self.event)
            self.check_inside("ends_at", self.ends, self.event)
        return data
