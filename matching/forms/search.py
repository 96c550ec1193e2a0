"""The search box, and the form that keeps a search."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Rhythm
from konnect.accounts.text import TidyFormMixin
from matching.models import SearchKind


class SearchForm(TidyFormMixin, forms.Form):
    """The words that somebody looks for."""

    q = forms.CharField(
        label=_("Search"),
        max_length=200,
        required=False,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "autocomplete": "off",
                "autocapitalize": "off",
                "enterkeyhint": "search",
            }
        ),
    )

    def words(self) -> str:
        """Return the words; none when they are not valid."""
        return self.cleaned_data.get("q", "") if self.is_valid() else ""


class SavedSearchForm(TidyFormMixin, forms.Form):
    """What a kept search is called, and how often to tell of it."""

    name = forms.CharField(label=_("Name"), max_length=100)
    rhythm = forms.ChoiceField(label=_("E-mail about new results"), choices=Rhythm)


class NewSavedSearchForm(SavedSearchForm):
    """A search that is to be kept."""

    kind = forms.ChoiceField(choices=SearchKind, widget=forms.HiddenInput)
    query = forms.CharField(max_length=4000, required=False, widget=forms.HiddenInput)
