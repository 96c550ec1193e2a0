"""The search box."""

from django import forms
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin


class SearchForm(TidyFormMixin, forms.Form):
    """The words that somebody looks for."""

    q = forms.CharField(
        label=_("Search"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    def words(self) -> str:
        """Return the words; none when they are not valid."""
        return self.cleaned_data.get("q", "") if self.is_valid() else ""
