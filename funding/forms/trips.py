"""What is typed about trips."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funding.forms.moments import DayField
from funding.models import Grant, Participant, Trip
from funding.refusing import RefusedError
from funding.services.grant_times import last_day
from funding.services.trips import Plan, travellers_of
from konnect.accounts.text import TidyFormMixin

# At which field of the form of a trip stands why its plan is refused; others stand on top.
FIELD_OF = {
    "trip_backwards": "last", "trip_length": "last", "trip_too_soon": "first",
    "trip_outside": "first", "trips_overlap": "first", "trip_on_one_side": "host",
    "no_organisation": "traveller",
}  # fmt: skip
PAPERS = ("needs_visa", "visa_until", "is_insured", "safety_contact")


class TripPapersForm(TidyFormMixin, forms.ModelForm[Trip]):
    """Visa, insurance, and whom to call if something happens."""

    class Meta:
        model = Trip
        fields = PAPERS
        widgets = {"visa_until": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}
        help_texts = {
            "safety_contact": _("Name and telephone number; host and officer can read it.")
        }


class TripForm(TidyFormMixin, forms.Form):
    """Who visits whom, on which days, what for."""

    traveller = forms.ModelChoiceField(Participant.objects.none(), label=_("Who travels"))
    host = forms.ModelChoiceField(Participant.objects.none(), label=_("Who is visited"))
    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"))
    purpose = forms.CharField(
        label=_("Purpose"), max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )  # fmt: skip

    def __init__(self, *args: Any, grant: Grant, trip: Trip | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grant = grant
        people = travellers_of(grant)
        for name in ("traveller", "host"):
            field: Any = self.fields[name]
            field.queryset = Participant.objects.filter(pk__in=[row.pk for row in people])
            field.label_from_instance = person_words
        call = grant.decision.application.call
        self.fields["last"].help_text = _(
            "Both days count; a stay lasts %(shortest)s to %(longest)s days."
        ) % {"shortest": call.shortest_days, "longest": call.longest_days}
        self.fields["first"].help_text = _(
            "At least four weeks from today, so that the trip can be approved."
        )
        if trip:
            self.initial = planned(trip, people)

    def plan(self) -> Plan:
        """Return what was typed as a plan."""
        data = self.cleaned_data
        return Plan(data["traveller"], data["host"], data["first"], data["last"], data["purpose"])

    def refuse(self, refusal: RefusedError) -> None:
        """Say at each field why the plan is refused; call after `is_valid`."""
        # Before anything is said: a field with an error has no value any more.
        begins_inside = self.cleaned_data["first"] in self.grant.period
        for each in refusal.blockers:
            field = FIELD_OF.get(each.code)
            if each.code == "trip_outside" and begins_inside:
                field = "last"
            self.add_error(field, str(each.words))


def planned(trip: Trip, people: list[Participant]) -> dict[str, Any]:
    """Return a trip as its form shows it."""
    seats = {row.person_id: row.pk for row in people}
    return {
        "traveller": seats.get(trip.traveller_id), "host": seats.get(trip.host_id),
        "first": trip.period.lower, "last": last_day(trip.period), "purpose": trip.purpose,
    }  # fmt: skip


def person_words(row: Participant) -> str:
    """Return somebody with place and side."""
    return f"{row.name or row.person} – {row.organisation} ({row.get_region_display()})"


class TripReportForm(TidyFormMixin, forms.Form):
    """What came of a trip."""

    text = forms.CharField(
        label=_("What you did and what came of it"), max_length=8000,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        help_text=_("Half a page is enough. Host and officer read it."),
    )  # fmt: skip


class ExtensionForm(TidyFormMixin, forms.Form):
    """A later date for a report."""

    new_on = DayField(label=_("New date"))
    reason = forms.CharField(label=_("Reason"), max_length=500,
                             widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}))  # fmt: skip
