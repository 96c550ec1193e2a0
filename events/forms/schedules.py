"""What organisers decide about schedules: how long to compute, what is pinned, what if."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from events.models import Event, EventMode, MeetingRequest, Place, Registration, Slot, Strength
from konnect.accounts.choices import offer
from konnect.accounts.text import TidyFormMixin

SECONDS = (
    (10, _("Quick: 10 seconds, to see where things stand")),
    (60, _("Usual: a minute")),
    (300, _("Thorough: five minutes, for fewer breaks at large events")),
)


class RunForm(forms.Form):
    """How a schedule is to be made."""

    is_repair = forms.TypedChoiceField(
        label=_("What may move"),
        choices=(
            (1, _("As little as possible: only what must, or what gains a meeting")),
            (0, _("Everything: look for the best schedule anew")),
        ),
        coerce=lambda text: text == "1",
        widget=forms.RadioSelect,
        initial=1,
    )
    seconds = forms.TypedChoiceField(
        label=_("Time to compute"), choices=SECONDS, coerce=int, initial=60
    )

    def __init__(self, *arguments: Any, event: Event, **options: Any) -> None:
        """Leave the choice of what may move out while there is nothing to move."""
        super().__init__(*arguments, **options)
        if not event.schedule_version:
            del self.fields["is_repair"]


class SlotChoice(forms.ModelChoiceField[Slot]):
    """A slot by its time in the reader's zone."""

    def label_from_instance(self, obj: Slot) -> str:
        """Return day and hours."""
        return slot_words(obj)


class SlotChoices(forms.ModelMultipleChoiceField[Slot]):
    """Some slots by their times in the reader's zone."""

    def label_from_instance(self, obj: Slot) -> str:
        """Return day and hours."""
        return slot_words(obj)


def slot_words(slot: Slot) -> str:
    """Return when a slot is, in the reader's zone."""
    begin, end = (timezone.localtime(moment) for moment in (slot.during.lower, slot.during.upper))
    return f"{date_format(begin, 'MONTH_DAY_FORMAT')} {begin:%H:%M}–{end:%H:%M}"


class SteerForm(forms.ModelForm[MeetingRequest]):
    """Where an organiser wants a meeting, and where not."""

    pinned_slot = SlotChoice(
        queryset=Slot.objects.none(), required=False, label=_("At this time"),
        empty_label=_("Any time"),
    )  # fmt: skip
    pinned_place = forms.ModelChoiceField(
        queryset=Place.objects.none(), required=False, label=_("At this table or in this room"),
        empty_label=_("Any place"),
    )  # fmt: skip
    forbidden_slots = SlotChoices(
        queryset=Slot.objects.none(), required=False, label=_("Not at these times"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("All of them keep the meeting out of the schedule."),
    )  # fmt: skip

    class Meta:
        model = MeetingRequest
        fields = ("is_pinned", "pinned_slot", "pinned_place", "forbidden_slots")
        labels = {"is_pinned": _("Pinned: this meeting comes before all others")}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Offer the slots and places of the request's event."""
        super().__init__(*arguments, **options)
        event = self.instance.event
        slots = Slot.objects.filter(event=event)
        offer(self, pinned_slot=slots, forbidden_slots=slots, pinned_place=meeting_places(event))

    def clean(self) -> dict[str, Any]:
        """Refuse a pin at a forbidden time; a time without the pin means nothing and is dropped."""
        found = super().clean() or {}
        if not found.get("is_pinned"):
            return found | {"pinned_slot": None, "pinned_place": None}
        forbidden = found.get("forbidden_slots")
        if found.get("pinned_slot") and forbidden and found["pinned_slot"] in forbidden:
            self.add_error("forbidden_slots", _("The meeting is pinned to one of these times."))
        return found


def meeting_places(event: Event) -> Any:
    """Return the tables and online rooms of an event."""
    return Place.objects.filter(event=event, kind__in=("table", "online_room"))


class PersonChoice(forms.ModelChoiceField[Registration]):
    """A participant by name and organisation."""

    def label_from_instance(self, obj: Registration) -> str:
        """Return name and organisation."""
        profile = obj.profile
        return ", ".join(filter(None, (profile.name, profile.affiliation)))


class AddRequestForm(TidyFormMixin, forms.Form):
    """A meeting that an organiser arranges for two participants."""

    sender = PersonChoice(queryset=Registration.objects.none(), label=_("One participant"))
    recipient = PersonChoice(
        queryset=Registration.objects.none(), label=_("The other participant")
    )
    strength = forms.TypedChoiceField(
        label=_("How much"), choices=Strength.choices, coerce=int, initial=Strength.WANTED
    )
    mode = forms.ChoiceField(label=_("Where"), choices=EventMode.choices, initial=EventMode.HYBRID)
    message = forms.CharField(
        label=_("Why they should meet"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Both read it."),
    )  # fmt: skip

    def __init__(self, *arguments: Any, event: Event, **options: Any) -> None:
        """Offer the confirmed participants."""
        super().__init__(*arguments, **options)
        people = Registration.objects.confirmed().filter(event=event).with_people()
        people = people.order_by("profile__sort_as", "profile__display_name")
        offer(self, sender=people, recipient=people)
        if event.mode != EventMode.HYBRID:
            self.fields["mode"].widget = forms.HiddenInput()
            self.fields["mode"].required = False


class WhatIfForm(forms.Form):
    """Another number of tables, rooms, times or meetings, to see what it would bring."""

    tables = forms.IntegerField(label=_("Meeting tables"), min_value=0, max_value=1000)
    rooms = forms.IntegerField(label=_("Online rooms"), min_value=0, max_value=1000)
    slots = forms.IntegerField(label=_("Meeting times"), min_value=1, max_value=200)
    limit = forms.IntegerField(label=_("Most meetings a person"), min_value=1, max_value=100)
