"""The rows of the guided profile form: offers, requests, works, projects."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin
from matching.forms.fields import DoiField, YearField
from matching.models import ProfileProject, Work
from matching.services.listings import ListingRow


class RowForm(TidyFormMixin, forms.Form):
    """One row of several; an empty one means nothing."""

    use_required_attribute = False

    def is_empty(self) -> bool:
        """Say whether nothing was entered."""
        return not any(self.cleaned_data.values())


class ListingRowForm(RowForm):
    """What somebody offers or seeks, in a few words."""

    listing_id = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1)
    title_en = forms.CharField(
        label=_("In English"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"lang": "en"}),
    )  # fmt: skip
    title_ko = forms.CharField(
        label=_("In Korean"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"lang": "ko"}),
    )  # fmt: skip
    is_removed = forms.BooleanField(label=_("Remove"), required=False)

    def row(self) -> ListingRow:
        """Return the row as the service takes it."""
        return ListingRow(**self.cleaned_data)


class WorkRowForm(RowForm):
    """One work."""

    doi = DoiField(label="DOI")
    title = forms.CharField(label=_("Title of the work"), max_length=500, required=False)
    venue = forms.CharField(label=_("Journal or conference"), max_length=300, required=False)
    year = YearField(label=_("Year"))

    def clean(self) -> dict[str, Any]:
        """Ask for a title when anything else is given."""
        return with_title(self)


class ProjectRowForm(RowForm):
    """One project."""

    title = forms.CharField(label=_("Title of the project"), max_length=500, required=False)
    identifier = forms.CharField(label=_("Grant number"), max_length=100, required=False)
    funder = forms.CharField(label=_("Funder"), max_length=200, required=False)
    started_in = YearField(label=_("From year"))
    ended_in = YearField(label=_("To year"))

    def clean(self) -> dict[str, Any]:
        """Ask for a title, and for years in their order."""
        data = with_title(self)
        start, end = data.get("started_in"), data.get("ended_in")
        if start and end and end < start:
            self.add_error("ended_in", _("The last year lies before the first."))
        return data


def with_title(form: RowForm) -> dict[str, Any]:
    """Ask for a title when anything else of the row is given."""
    data = form.cleaned_data
    if any(data.values()) and not data.get("title") and "title" not in form.errors:
        form.add_error("title", _("Enter the title."))
    return data


class WorkFormSet(BaseFormSet[WorkRowForm]):
    """The works of a person."""

    def clean(self) -> None:
        """Refuse the same DOI twice."""
        seen: set[str] = set()
        for form in self.forms:
            doi = form.cleaned_data.get("doi") if hasattr(form, "cleaned_data") else None
            if doi and doi in seen:
                form.add_error("doi", ValidationError(_("This work stands above already.")))
            seen.add(doi or "")

    def rows(self) -> list[Work]:
        """Return the works, in their order."""
        filled = [form.cleaned_data for form in self.forms if not form.is_empty()]
        return [Work(position=position, **data) for position, data in enumerate(filled)]


class ProjectFormSet(BaseFormSet[ProjectRowForm]):
    """The projects of a person."""

    def rows(self) -> list[ProfileProject]:
        """Return the projects."""
        filled = [form.cleaned_data for form in self.forms if not form.is_empty()]
        return [ProfileProject(**data) for data in filled]


class ListingFormSet(BaseFormSet[ListingRowForm]):
    """What somebody offers, or seeks."""

    def rows(self) -> list[ListingRow]:
        """Return the rows as the service takes them."""
        return [form.row() for form in self.forms]
