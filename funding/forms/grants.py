"""What is typed about grants, payments and results."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funding.forms.moments import DayField
from funding.models import Award, Grant, Output, Payment, Trip
from funding.money import minor_of, money_words
from funding.report_forms import RUBRIC
from funding.services.grant_times import last_day
from funding.services.payments import payable_trips
from konnect.accounts.text import TidyFormMixin


class AmendmentForm(TidyFormMixin, forms.Form):
    """Other days or conditions of a grant, and why."""

    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"))
    note = forms.CharField(
        label=_("Conditions"), max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )  # fmt: skip
    text = forms.CharField(
        label=_("What changes, and why"), max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("The people of the grant and its funders read it."),
    )  # fmt: skip

    def __init__(self, *args: Any, grant: Grant, **kwargs: Any) -> None:
        days = {"first": grant.period.lower, "last": last_day(grant.period), "note": grant.note}
        super().__init__(*args, initial=days, **kwargs)


class PaymentForm(forms.Form):
    """A payment that was made: from which award, how much, what for, when."""

    award = forms.ModelChoiceField(Award.objects.none(), label=_("Funder"), empty_label=None)
    kind = forms.ChoiceField(label=_("What for"), choices=Payment.Kind.choices)
    trip: forms.ModelChoiceField[Trip] = forms.ModelChoiceField(
        Trip.objects.none(), label=_("Trip"), required=False, help_text=_("For payments of a trip only."),
        empty_label=_("no trip"),
    )  # fmt: skip
    amount = forms.CharField(label=_("Amount"), max_length=30,
                             widget=forms.TextInput(attrs={"inputmode": "decimal"}))  # fmt: skip
    paid_on = DayField(label=_("Paid on"))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, grant: Grant, awards: list[Award], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["award"]
        choice.queryset = Award.objects.filter(pk__in=[row.pk for row in awards]).select_related(
            "funder", "grant"
        )
        choice.label_from_instance = award_words
        trips: Any = self.fields["trip"]
        trips.queryset = payable_trips(grant)
        trips.label_from_instance = trip_words

    def clean(self) -> dict[str, Any]:
        """Read the amount in the money of its funder."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        award = data.get("award")
        if award and data.get("amount"):
            data["amount_minor"] = minor_of(data["amount"], award.funder.currency)
            if not data["amount_minor"] or data["amount_minor"] < 0:
                self.add_error("amount", _("Write an amount of money, such as 1,250."))
        return data


def award_words(award: Award) -> str:
    """Return an award in words: who pays, and what is left."""
    left = money_words(award.amount_minor - award.paid_minor, award.funder.currency)
    return _("%(funder)s – %(left)s left") % {"funder": award.funder, "left": left}


def trip_words(trip: Any) -> str:
    """Return a trip in words: who, where, from when to when."""
    return f"{trip.traveller} → {trip.host}, {trip.period.lower}–{last_day(trip.period)}"


class OutputForm(TidyFormMixin, forms.ModelForm[Output]):
    """A result that somebody tells."""

    class Meta:
        model = Output
        fields = ("kind", "title", "identifier", "year")
        labels: ClassVar[dict[str, str | Promise]] = {"year": _("Year")}
        help_texts = {"identifier": _("DOI, patent number or address.")}

    def clean_identifier(self) -> str:
        """Return a DOI in lower case and without its address, anything else as it is."""
        text = str(self.cleaned_data["identifier"]).strip()
        plain = text.lower().removeprefix("https://doi.org/").removeprefix("doi:").strip()
        return plain if plain.startswith("10.") else text


class FollowOnForm(TidyFormMixin, forms.Form):
    """Later money that grew out of a grant."""

    name = forms.CharField(label=_("What it is called"), max_length=300)
    funder_name = forms.CharField(label=_("Who pays"), max_length=200, required=False)


class RubricForm(forms.Form):
    """Marks of what became of a grant, 0 to 5, some years after it."""

    def __init__(self, data: Any = None, *, year: int, initial: Any = None) -> None:
        super().__init__(data, prefix=f"year-{year}", initial=initial)
        for code in RUBRIC:
            self.fields[code] = forms.TypedChoiceField(
                label=MARKS[code], coerce=int,
                choices=[("", "–"), *((mark, mark) for mark in range(6))],
            )  # fmt: skip


MARKS = {
    "science": _("New knowledge"), "partnership": _("A partnership that lasts"),
    "people": _("People who learnt or moved on"), "use": _("Use outside of science"),
}  # fmt: skip
