"""What the steps of a partner search have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin
from matching.models import Listing, PartnerSearch

# Texts that there are in both languages, by what the page calls them.
PAIRS = (
    ("title", _("Title")), ("description", _("Summary")), ("details", _("Long description")),
    ("expertise_offered", _("Expertise offered")), ("expertise_sought", _("Expertise sought")),
    ("work", _("Work of the partner")),
)  # fmt: skip


def text_box(language: str, rows: int) -> forms.Textarea:
    """Return a box for a text in one language; the page counts its characters."""
    return forms.Textarea(attrs={"rows": rows, "lang": language})


def pair_widgets(*names: str, rows: int = 5) -> dict[str, forms.Textarea]:
    """Return boxes for paired texts."""
    return {
        f"{name}_{language}": text_box(language, rows)
        for name in names
        for language in ("en", "ko")
    }


class SearchStepForm(TidyFormMixin, forms.ModelForm[PartnerSearch]):
    """One step: columns of the search, and those of the listing that it belongs to."""

    listing_fields: ClassVar[tuple[str, ...]] = ()

    class Meta:
        model = PartnerSearch
        fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, listing: Listing, **kwargs: Any) -> None:
        self.listing = listing
        # A copy: what is typed and refused never reaches the stored one.
        search = PartnerSearch.objects.filter(pk=listing.pk).first() if listing.pk else None
        initial = {name: getattr(listing, name) for name in self.listing_fields}
        kwargs.setdefault("initial", {}).update(initial)
        super().__init__(*args, instance=search or PartnerSearch(), **kwargs)

    def search_columns(self) -> dict[str, Any]:
        """Return what to write into columns of the search."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}

    def columns(self) -> dict[str, Any]:
        """Return what to write into columns of the listing."""
        return {name: self.cleaned_data[name] for name in self.listing_fields}

    def relations(self) -> dict[str, Any]:
        """Return areas and topics, where the step has them."""
        return {}

    def option_field(self, name: str) -> Any:
        """Return a field whose choices are set when the page is made."""
        return self.fields[name]
