"""The form of an event in small steps: what each holds, and how it is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.forms.languages import need_either
from events.forms.wall_times import Typed, WallTimesMixin
from events.models import Event, EventMode
from events.services.event_saving import is_frozen
from konnect.accounts.text import TidyFormMixin
from konnect.accounts.zone_fields import ZoneField
from konnect.accounts.zones import known_time_zones
from matching.countries import country_choices, language_choices
from matching.forms.consortium_rows import organisations_named
from matching.forms.search_step import text_box
from matching.models import Area, Organisation

MOST_HOSTS = 20


class EventStepForm(WallTimesMixin, TidyFormMixin, forms.ModelForm[Event]):
    """One step: columns of the event, and times that become instants."""

    use_required_attribute = False
    # Times of the step: name of the column, label, whether it must be given.
    walls: ClassVar[tuple[tuple[str, str | Promise, bool], ...]] = ()

    class Meta:
        model = Event
        fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        self.event = event
        # A copy: what is typed and refused never reaches the stored one.
        copy = Event.objects.filter(pk=event.pk).first() if event.pk else None
        super().__init__(*args, instance=copy or Event(zone=event.zone), **kwargs)
        for name, label, is_required in self.walls:
            stored = getattr(event, name) if event.pk else None
            self.add_wall(name, label, is_required=is_required, stored=stored, zone=event.zone)

    @property
    def zone(self) -> str:
        """The zone by whose clocks the times are meant."""
        typed = self.data.get("zone") or self.initial.get("zone")
        return typed if "zone" in self.fields and typed in known_time_zones() else self.event.zone

    @property
    def wall_fields(self) -> list[Any]:
        """The times as the page shows them."""
        return self.wall_groups(self.zone) if self.walls else []

    def clean(self) -> dict[str, Any]:
        """Read the times."""
        data: dict[str, Any] = super().clean() or {}
        self.typed: dict[str, Typed | None] = {
            name: self.read_wall(name, self.zone, is_required=is_required)
            for name, _label, is_required in self.walls
        }
        return data

    def columns(self) -> dict[str, Any]:
        """Return what to write into columns of the event."""
        times = {name: typed.at if typed else None for name, typed in self.typed.items()}
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()} | times

    def relations(self) -> dict[str, Any]:
        """Return areas and hosts, and whether times move along, where the step has them."""
        return {}

    def check_order(self, first: str, last: str, words: str | Promise) -> None:
        """Say at the later of two times that it is not later, where it is not."""
        begins, ends = self.typed.get(first), self.typed.get(last)
        if begins and ends and ends.at <= begins.at:
            self.add_error(f"{last}_day", str(words))

    def check_end(self, name: str, words: str | Promise) -> None:
        """Say at a time that it comes after the end of the event, where it does."""
        typed = self.typed.get(name)
        if typed and self.event.pk and typed.at > self.event.ends_at:
            self.add_error(f"{name}_day", str(words))


class BasicsForm(EventStepForm):
    """What it is called, what kind it is, and when."""

    walls = (("starts_at", _("Begins"), True), ("ends_at", _("Ends"), True))

    moves_along = forms.BooleanField(
        label=_("If the beginning changes, move programme, meeting times and registration with it"),
        required=False, initial=True,
    )  # fmt: skip

    class Meta(EventStepForm.Meta):
        fields = ("kind", "mode", "title_en", "title_ko", "zone")
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "kind": forms.RadioSelect(), "mode": forms.RadioSelect(),
            "title_en": forms.TextInput(attrs={"lang": "en"}),
            "title_ko": forms.TextInput(attrs={"lang": "ko"}),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        need_either(self, "title")
        for name in ("kind", "mode"):
            field: Any = self.fields[name]
            field.choices = [choice for choice in field.choices if choice[0]]
        self.fields["zone"] = ZoneField(
            label=_("By the clocks of"),
            help_text=_("The time zone of the place. Times of this event are meant by its clocks, also when summer time begins or ends in between."),
        )  # fmt: skip
        if not self.event.pk:
            del self.fields["moves_along"]

    def clean(self) -> dict[str, Any]:
        """Ask for a title in one of the languages, and for an end after the beginning."""
        data = super().clean()
        if not (data.get("title_en") or data.get("title_ko")):
            self.add_error("title_en", _("Enter a title in at least one of the languages."))
        self.check_order("starts_at", "ends_at", _("The end must come after the beginning."))
        return data

    def columns(self) -> dict[str, Any]:
        """Return the columns with the wall times that were meant."""
        walls = {
            name.replace("_at", "_wall"): typed.wall for name, typed in self.typed.items() if typed
        }
        return super().columns() | walls

    def relations(self) -> dict[str, Any]:
        """Return whether everything moves with the beginning."""
        return {"moves_along": self.cleaned_data.get("moves_along", False)}


class TextsForm(EventStepForm):
    """What it is about, in which areas and languages, and who holds it."""

    areas = forms.MultipleChoiceField(
        label=_("Areas"), widget=forms.CheckboxSelectMultiple, required=False
    )
    hosts = forms.CharField(
        label=_("Organised by"), required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Organisations by name or ROR id, one on each line. They must be in our list."),
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        label=_("Languages spoken"), widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta(EventStepForm.Meta):
        fields = (
            "summary_en", "summary_ko", "description_en", "description_ko", "languages",
            "contact_email",
        )  # fmt: skip
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "summary_en": text_box("en", 4), "summary_ko": text_box("ko", 4),
            "description_en": text_box("en", 8), "description_ko": text_box("ko", 8),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        need_either(self, "summary")
        self.known_areas = list(Area.objects.filter(version=Area.CURRENT_VERSION))
        fields: Any = self.fields
        fields["areas"].choices = [(row.code, str(row)) for row in self.known_areas]
        fields["languages"].choices = language_choices()
        if self.event.pk:
            self.initial["areas"] = [area.code for area in self.event.areas.all()]
            self.initial["hosts"] = "\n".join(
                host.ror_id or host.name for host in self.event.hosts.all()
            )

    def clean_hosts(self) -> list[Organisation]:
        """Return the organisations that the lines mean.

        Raises:
            ValidationError: a line means none or several, or there are too many.
        """
        lines = [line.strip() for line in self.cleaned_data["hosts"].splitlines() if line.strip()]
        if len(lines) > MOST_HOSTS:
            raise ValidationError(
                _("Enter %(most)d organisations at most."), "many", {"most": MOST_HOSTS}
            )
        return list(dict.fromkeys(one_organisation(line) for line in lines))

    def relations(self) -> dict[str, Any]:
        """Return areas and hosts."""
        chosen = self.cleaned_data["areas"]
        return {
            "areas": [row for row in self.known_areas if row.code in chosen],
            "hosts": self.cleaned_data["hosts"],
        }


def one_organisation(words: str) -> Organisation:
    """Return the organisation of a name or ROR id.

    Raises:
        ValidationError: there is none, or there are several.
    """
    found = organisations_named(words)
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(_("We know no organisation “%(name)s”."), "unknown", {"name": words})
    places = "; ".join(f"{row} ({row.city}, {row.ror_id or '–'})" for row in found)
    message = _(
        "Several organisations have the name “%(name)s”. Enter the ROR id of one: %(places)s"
    )
    raise ValidationError(message, "several", {"name": words, "places": places})


class PlaceStepForm(EventStepForm):
    """Where it is, and how to get there."""

    class Meta(EventStepForm.Meta):
        fields = (
            "venue_en", "venue_ko", "address", "city", "country_code", "way_en", "way_ko",
        )  # fmt: skip
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "way_en": text_box("en", 4), "way_ko": text_box("ko", 4),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country_code"] = forms.ChoiceField(
            label=_("Country"), required=False, choices=[("", "—"), *country_choices()]
        )

    @property
    def is_online(self) -> bool:
        """Whether nobody needs to get anywhere."""
        return self.event.mode == EventMode.ONLINE


class RegistrationStepForm(EventStepForm):
    """Who can register, when, and what happens when it is full."""

    walls = (
        ("registration_opens_at", _("Registration opens"), False),
        ("registration_closes_at", _("Registration closes"), False),
    )

    class Meta(EventStepForm.Meta):
        fields = ("capacity", "needs_approval", "has_waiting_list", "offer_hours")
        help_texts: ClassVar[dict[str, Any]] = {
            "capacity": _("Leave this empty when there is room for everybody."),
            "offer_hours": _("0: whoever moves up from the waiting list is in at once."),
        }

    def clean(self) -> dict[str, Any]:
        """Ask for a window that opens before it closes."""
        data = super().clean()
        self.check_order(
            "registration_opens_at", "registration_closes_at",
            _("Registration must close after it opens."),
        )  # fmt: skip
        self.check_end(
            "registration_closes_at", _("Registration closes after the end of the event.")
        )
        if data.get("capacity") == 0:
            self.add_error("capacity", _("Enter 1 or more, or leave it empty."))
        return data


class MeetingsStepForm(EventStepForm):
    """How people ask each other for meetings, and how long those last."""

    walls = (
        ("requests_open_at", _("Meeting requests from"), False),
        ("requests_close_at", _("Meeting requests until"), False),
        ("feedback_closes_at", _("Feedback until"), False),
    )
    slot_minutes = forms.IntegerField(label=_("Minutes a meeting"), min_value=5, max_value=240)
    gap_minutes = forms.IntegerField(
        label=_("Minutes between meetings"), min_value=0, max_value=240
    )
    maximum_meetings = forms.IntegerField(
        label=_("Most meetings a person"), min_value=1, max_value=400
    )
    maximum_open_requests = forms.IntegerField(
        label=_("Most unanswered requests a person"), min_value=1, max_value=1000
    )
    days_to_answer = forms.IntegerField(
        label=_("Days to answer a meeting request"), min_value=1, max_value=90
    )

    class Meta(EventStepForm.Meta):
        fields = (
            "allows_same_side", "slot_minutes", "gap_minutes", "maximum_meetings",
            "maximum_open_requests", "days_to_answer",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.event.pk and is_frozen(self.event):
            self.fields["slot_minutes"].disabled = True
            self.fields["slot_minutes"].help_text = _(
                "People have said when they can meet, so the length of a meeting stays."
            )

    def clean(self) -> dict[str, Any]:
        """Ask for a window that opens before it closes."""
        data = super().clean()
        self.check_order(
            "requests_open_at", "requests_close_at", _("Requests must end after they begin.")
        )
        self.check_end("requests_close_at", _("Meeting requests end after the end of the event."))
        return data


@dataclass(frozen=True)
class EventStep:
    """One page of the form."""

    slug: str
    title: str | Promise
    hint: str | Promise
    form: type[EventStepForm]


STEPS = (
    EventStep("basics", _("Name and time"), _("What kind of event it is, what it is called, and when."), BasicsForm),
    EventStep("texts", _("Texts and hosts"), _("What people read before they decide to come."), TextsForm),
    EventStep("place", pgettext_lazy("event", "Place"), _("Where it is and how to get there."), PlaceStepForm),
    EventStep("registration", _("Registration"), _("Who can register, and what happens when it is full."), RegistrationStepForm),
    EventStep("meetings", _("Meetings"), _("How people ask each other for meetings."), MeetingsStepForm),
)  # fmt: skip
BY_SLUG = {step.slug: step for step in STEPS}


def steps_of(event: Event) -> tuple[EventStep, ...]:
    """Return the steps of an event: without meetings where people do not ask for any."""
    if event.pk and not event.has_meetings:
        return STEPS[:-1]
    return STEPS if event.pk else STEPS[:1]
