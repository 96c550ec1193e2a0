"""Parts of a programme and who speaks in them."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.forms.languages import need_either
from events.forms.wall_times import Typed, WallTimesMixin
from events.models import Event, PlaceKind, Session
from konnect.accounts.text import TidyFormMixin
from matching.forms.search_step import text_box

STARTS, ENDS = "starts_at", "ends_at"


class SessionForm(WallTimesMixin, TidyFormMixin, forms.ModelForm[Session]):
    """One part of a programme."""

    use_required_attribute = False
    walls: ClassVar[tuple[tuple[str, str | Promise], ...]] = (
        (STARTS, _("Begins")),
        (ENDS, _("Ends")),
    )

    class Meta:
        model = Session
        fields = (
            "kind", "title_en", "title_ko", "description_en", "description_ko", "place",
        )  # fmt: skip
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "description_en": text_box("en", 4), "description_ko": text_box("ko", 4),
        }  # fmt: skip

    def __init__(self, *args: Any, event: Event, session: Session, **kwargs: Any) -> None:
        self.event = event
        copy = Session.objects.filter(pk=session.pk).first() if session.pk else None
        super().__init__(*args, instance=copy or Session(event=event), **kwargs)
        need_either(self, "title")
        halls: Any = self.fields["place"]
        halls.queryset = event.places.filter(kind__in=(PlaceKind.HALL, PlaceKind.ONLINE_ROOM))
        begins = session.during.lower if session.pk else event.starts_at
        ends = session.during.upper if session.pk else None
        for (name, label), stored in zip(self.walls, (begins, ends), strict=True):
            self.add_wall(name, label, is_required=True, stored=stored, zone=event.zone)

    @property
    def wall_fields(self) -> list[Any]:
        """The times as the page shows them."""
        return self.wall_groups(self.event.zone)

    def clean(self) -> dict[str, Any]:
        """Ask for a title, and for a time inside the event."""
        data: dict[str, Any] = super().clean() or {}
        if not (data.get("title_en") or data.get("title_ko")):
            self.add_error("title_en", _("Enter a title in at least one of the languages."))
        self.begins = self.read_wall(STARTS, self.event.zone, is_required=True)
        self.ends = self.read_wall(ENDS, self.event.zone, is_required=True)
        if self.begins and self.ends:
            self.check_times(self.begins, self.ends)
        return data

    def check_times(self, begins: Typed, ends: Typed) -> None:
        """Say what is wrong with times that can be read."""
        if ends.at <= begins.at:
            self.add_error(f"{ENDS}_day", _("The end must come after the beginning."))
        else:
            self.check_inside(STARTS, begins, self.event)
            self.check_inside(ENDS, ends, self.event)

    def columns(self) -> dict[str, Any]:
        """Return what to write into columns."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class SpeakerForm(TidyFormMixin, forms.Form):
    """A speaker by name."""

    name = forms.CharField(label=_("Name"), max_length=150)
    affiliation = forms.CharField(label=_("Organisation"), max_length=200, required=False)
