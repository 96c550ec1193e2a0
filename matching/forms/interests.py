"""Answering a partner search, answering that, and ending a search."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin
from matching.countries import country_choices
from matching.models import (
    ExpressionOfInterest,
    OrganisationType,
    Outcome,
    PartnerRole,
    Profile,
)

NO_CHOICE = ("", "—")


class InterestForm(TidyFormMixin, forms.ModelForm[ExpressionOfInterest]):
    """The structured answer: role, organisation, expertise, contribution, money."""

    person_months = forms.IntegerField(
        label=_("Person-months"), required=False, min_value=1, max_value=1200
    )

    class Meta:
        model = ExpressionOfInterest
        fields = (
            "role", "organisation_type", "country_code", "expertise", "contribution",
            "references", "funding", "person_months",
        )  # fmt: skip
        widgets = {
            "expertise": forms.Textarea(attrs={"rows": 5}),
            "contribution": forms.Textarea(attrs={"rows": 5}),
            "references": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "expertise": _("What of the expertise sought you have."),
            "contribution": _("Which work you would take over, in a few sentences."),
            "references": _("Two or three that show it, with their addresses or DOIs."),
        }

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        organisation = profile.organisation
        kwargs["initial"] = {
            "country_code": profile.country_code,
            "organisation_type": next(iter(organisation.types), "") if organisation else "",
        } | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["country_code"] = forms.ChoiceField(
            label=_("Country"), choices=[NO_CHOICE, *country_choices()]
        )
        fields["role"].choices = [NO_CHOICE, *PartnerRole.choices]
        fields["organisation_type"].choices = [NO_CHOICE, *OrganisationType.choices]

    def columns(self) -> dict[str, Any]:
        """Return what to write."""
        return dict(self.cleaned_data)


class InterestAnswerForm(TidyFormMixin, forms.Form):
    """What the author of a search says to it."""

    answer = forms.CharField(
        label=_("Your answer"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A sentence is enough; a friendly no also helps."),
    )  # fmt: skip


class ReviewForm(TidyFormMixin, forms.Form):
    """What the reviewer asks the author to change."""

    note = forms.CharField(
        label=_("What is to be changed?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The author reads this note. Needed only when you send the search back."),
    )  # fmt: skip


class OutcomeForm(TidyFormMixin, forms.Form):
    """What became of a search."""

    outcome = forms.ChoiceField(
        label=_("What became of it?"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Anything that others could learn from"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
