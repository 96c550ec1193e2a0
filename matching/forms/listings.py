"""Offers and requests as people write them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin
from matching.forms.profiles import topics_by_area
from matching.models import Area, Listing, ListingKind, Topic
from matching.services.listings import LONGEST_VALIDITY


class ListingForm(TidyFormMixin, forms.ModelForm[Listing]):
    """One offer or request; one of the two languages is enough."""

    field_order = (
        "kind", "title_en", "title_ko", "description_en", "description_ko", "valid_on", "areas",
        "topics",
    )  # fmt: skip

    areas = forms.MultipleChoiceField(
        label=_("Areas"), widget=forms.CheckboxSelectMultiple, required=False
    )
    topics = forms.MultipleChoiceField(
        label=_("Topics"), widget=forms.CheckboxSelectMultiple, required=False
    )
    valid_on = forms.DateField(
        label=_("Valid until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("A year at most. Leave it empty for a year."),
    )

    class Meta:
        model = Listing
        fields = ("kind", "title_en", "title_ko", "description_en", "description_ko")
        widgets = {
            "kind": forms.RadioSelect,
            "title_en": forms.TextInput(attrs={"lang": "en"}),
            "title_ko": forms.TextInput(attrs={"lang": "ko"}),
            "description_en": forms.Textarea(attrs={"rows": 5, "lang": "en"}),
            "description_ko": forms.Textarea(attrs={"rows": 5, "lang": "ko"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_areas = list(Area.objects.filter(version=Area.CURRENT_VERSION))
        self.known_topics = list(Topic.objects.select_related("area"))
        fields: Any = self.fields
        fields["kind"].choices = ListingKind.choices
        fields["areas"].choices = [(area.code, str(area)) for area in self.known_areas]
        fields["topics"].choices = topics_by_area(self.known_areas, self.known_topics)
        if self.instance.pk:
            self.initial["areas"] = [area.code for area in self.instance.areas.all()]
            self.initial["topics"] = [topic.code for topic in self.instance.topics.all()]
            self.initial["valid_on"] = timezone.localdate(self.instance.valid_until)

    def clean_valid_on(self) -> date | None:
        """Return a day from today on, within a year."""
        day: date | None = self.cleaned_data["valid_on"]
        today = timezone.localdate()
        if day and day < today:
            raise forms.ValidationError(_("This day has passed."), code="past")
        if day and day > today + LONGEST_VALIDITY:
            raise forms.ValidationError(_("Choose a day within one year."), code="too_far")
        return day

    def clean(self) -> dict[str, Any]:
        """Ask for a title in one of the languages."""
        data: dict[str, Any] = super().clean() or {}
        untitled = not (data.get("title_en") or data.get("title_ko"))
        if untitled and not {"title_en", "title_ko"} & set(self.errors):
            self.add_error("title_en", _("Enter a title in one of the languages."))
        return data

    def columns(self) -> dict[str, Any]:
        """Return what to write into columns."""
        values = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        return {**values, "valid_until": self.valid_until()}

    def valid_until(self) -> datetime:
        """Return the end of the chosen day, where the person is; else a year from now."""
        day = self.cleaned_data["valid_on"]
        latest = timezone.now() + LONGEST_VALIDITY
        if day is None:
            return latest
        end = datetime.combine(day + timedelta(days=1), time(), timezone.get_current_timezone())
        return min(end, latest)

    def relations(self) -> dict[str, Any]:
        """Return areas and topics."""
        data = self.cleaned_data
        return {
            "areas": [area for area in self.known_areas if area.code in data["areas"]],
            "topics": [topic for topic in self.known_topics if topic.code in data["topics"]],
        }
