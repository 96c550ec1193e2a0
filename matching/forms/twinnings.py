"""Twinnings and organisations as their representatives write them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin
from matching.models import (
    Area,
    Organisation,
    Profile,
    Twinning,
    TwinningActivity,
)
from matching.services.affiliations import domain_of

COLLEAGUES_SHOWN = 200
MOST_CONTACTS = 3
OFFICES = 4
YEARS_BACK = timedelta(days=365 * 30)
YEARS_AHEAD = timedelta(days=365 * 5)


class ContactPointsMixin(forms.Form):
    """Choosing colleagues as contact points."""

    contacts = forms.ModelMultipleChoiceField(
        queryset=Profile.objects.none(), label=_("Contact points of your side"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Up to three people of your organisation. They are told, and can step back."),
    )  # fmt: skip

    def offer_colleagues(self, side: Organisation) -> None:
        """Offer the published people of one organisation."""
        people = Profile.objects.published().filter(organisation=side)
        shown = people.order_by("display_name", "pk").values("pk")[:COLLEAGUES_SHOWN]
        field: Any = self.fields["contacts"]
        field.queryset = Profile.objects.filter(pk__in=shown).order_by("display_name", "pk")

    def clean_contacts(self) -> Any:
        """Take a few people.

        Raises:
            ValidationError: there are too many.
        """
        people = self.cleaned_data["contacts"]
        if len(people) > MOST_CONTACTS:
            raise forms.ValidationError(_("Choose three people at most."), code="most")
        return people


class TwinningForm(TidyFormMixin, ContactPointsMixin, forms.ModelForm[Twinning]):
    """What an organisation proposes to another one."""

    field_order = (
        "areas", "aims_en", "aims_ko", "agreement", "agreement_url", "starts_on", "contacts",
    )  # fmt: skip

    areas = forms.ModelMultipleChoiceField(
        queryset=Area.objects.filter(version=Area.CURRENT_VERSION), label=_("Areas"),
        widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose an area.")},
    )  # fmt: skip

    agreement_url = forms.URLField(
        label=_("Address of the agreement"), max_length=500, required=False, assume_scheme="https"
    )

    class Meta:
        model = Twinning
        fields = ("aims_en", "aims_ko", "agreement", "agreement_url", "starts_on")
        widgets = {
            "aims_en": forms.Textarea(attrs={"rows": 5, "lang": "en"}),
            "aims_ko": forms.Textarea(attrs={"rows": 5, "lang": "ko"}),
            "starts_on": forms.DateInput(attrs={"type": "date"}),
        }
        help_texts = {
            "aims_en": _("What both want to do together in the coming year."),
            "aims_ko": _(
                "One language is enough; with both, everybody on the other side reads it."
            ),
        }

    def __init__(self, *args: Any, side: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_colleagues(side)
        self.initial.setdefault("starts_on", timezone.localdate())

    def clean_starts_on(self) -> date:
        """Take a day that is not far away.

        Raises:
            ValidationError: it is.
        """
        day: date = self.cleaned_data["starts_on"]
        return near(day)

    def clean(self) -> dict[str, Any]:
        """Ask for aims in one of the languages."""
        data: dict[str, Any] = super().clean() or {}
        if not (data.get("aims_en") or data.get("aims_ko")) and not self.has_error("aims_en"):
            self.add_error("aims_en", _("Write the aims in one of the languages."))
        return data

    def columns(self) -> dict[str, Any]:
        """Return what to write into columns."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


def near(day: date) -> date:
    """Return a day that lies within what people plan and remember.

    Raises:
        ValidationError: it does not.
    """
    today = timezone.localdate()
    if not today - YEARS_BACK <= day <= today + YEARS_AHEAD:
        raise forms.ValidationError(_("Check the year of this day."), code="far")
    return day


class TwinningAnswerForm(TidyFormMixin, ContactPointsMixin, forms.Form):
    """What the partner says to a proposal."""

    words = forms.CharField(
        label=_("Your words to the other side"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A sentence is enough; a friendly no also helps."),
    )  # fmt: skip

    def __init__(self, *args: Any, side: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_colleagues(side)


class EndForm(TidyFormMixin, forms.Form):
    """Why a twinning ends."""

    words = forms.CharField(max_length=500, required=False)


class ActivityForm(TidyFormMixin, forms.ModelForm[TwinningActivity]):
    """One thing that both do together."""

    url = forms.URLField(
        label=_("Web address"), max_length=500, required=False, assume_scheme="https"
    )

    class Meta:
        model = TwinningActivity
        fields = ("kind", "title_en", "title_ko", "takes_place_on", "url")
        widgets = {
            "title_en": forms.TextInput(attrs={"lang": "en"}),
            "title_ko": forms.TextInput(attrs={"lang": "ko"}),
            "takes_place_on": forms.DateInput(attrs={"type": "date"}),
        }

    def clean_takes_place_on(self) -> date:
        """Take a day that is not far away.

        Raises:
            ValidationError: it is.
        """
        day: date = self.cleaned_data["takes_place_on"]
        return near(day)

    def clean(self) -> dict[str, Any]:
        """Ask for a title in one of the languages."""
        data: dict[str, Any] = super().clean() or {}
        if not (data.get("title_en") or data.get("title_ko")) and not self.has_error("title_en"):
            self.add_error("title_en", _("Enter a title in one of the languages."))
        return data

    def columns(self) -> dict[str, Any]:
        """Return what to write into columns."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class OrganisationForm(TidyFormMixin, forms.ModelForm[Organisation]):
    """What a representative says of the organisation."""

    class Meta:
        model = Organisation
        fields = (
            "about_en", "about_ko", "infrastructure_en", "infrastructure_ko", "pic", "is_small",
        )  # fmt: skip
        widgets = {
            name: forms.Textarea(attrs={"rows": 5, "lang": name[-2:]})
            for name in ("about_en", "about_ko", "infrastructure_en", "infrastructure_ko")
        }
        help_texts = {
            "pic": _("Nine digits, from the register of participants of the European Commission."),
            "infrastructure_en": _("Equipment and facilities that guests can use."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(OFFICES):
            office = (self.instance.offices or [])[number : number + 1]
            known = office[0] if office else {}
            for name, field in office_fields(number).items():
                self.fields[f"office_{number}_{name}"] = field
                self.initial[f"office_{number}_{name}"] = known.get(name, "")

    def offices(self) -> list[dict[str, str]]:
        """Return the mailboxes that have both a name and an address."""
        rows = [
            {
                name: self.cleaned_data.get(f"office_{number}_{name}", "")
                for name in ("name", "email")
            }
            for number in range(OFFICES)
        ]
        return [row for row in rows if row["name"] and row["email"]]

    def clean(self) -> dict[str, Any]:
        """Ask for whole mailboxes at the organisation's own domains."""
        data: dict[str, Any] = super().clean() or {}
        for number in range(OFFICES):
            name, email = (data.get(f"office_{number}_{part}") for part in ("name", "email"))
            if bool(name) != bool(email) and not self.has_error(f"office_{number}_email"):
                missing = "email" if name else "name"
                self.add_error(f"office_{number}_{missing}", _("Enter both name and address."))
            elif email and self.instance.domains and not domain_of([email], self.instance.domains):
                message = _("Use a mailbox at a domain of the organisation.")
                self.add_error(f"office_{number}_email", message)
        return data

    def columns(self) -> dict[str, Any]:
        """Return what to write into columns."""
        values = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        return {**values, "offices": self.offices()}


def office_fields(number: int) -> dict[str, forms.Field]:
    """Return the two fields of one mailbox."""
    return {
        "name": forms.CharField(
            label=_("Office %(number)d: name") % {"number": number + 1}, max_length=120,
            required=False,
        ),
        "email": forms.EmailField(
            label=_("Office %(number)d: e-mail") % {"number": number + 1}, max_length=254,
            required=False, help_text=_("A mailbox of the office, not of a person."),
        ),
    }  # fmt: skip
