"""The steps of a partner search. Everything but a title may wait: the checks say what is missing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import Language
from matching.countries import country_name
from matching.forms.fields import WordsField
from matching.forms.profiles import topics_by_area
from matching.forms.search_step import PAIRS, SearchStepForm, pair_widgets, text_box
from matching.models import (
    Area,
    ListingKind,
    OrganisationType,
    PartnerRole,
    PartnerSide,
    Topic,
)
from matching.regions import EUROPE, KOREA


class IdeaForm(SearchStepForm):
    """What it is about."""

    listing_fields = ("kind", "title_en", "title_ko", "description_en", "description_ko")
    field_order = (
        "kind", "original_language", "title_en", "title_ko", "description_en", "description_ko",
        "proposal_acronym", "proposal_name", "areas", "topics", "keywords",
    )  # fmt: skip

    kind = forms.ChoiceField(
        label=_("What do you want?"),
        choices=[
            (ListingKind.REQUEST, _("I plan a proposal and seek partners for it")),
            (ListingKind.OFFER, _("I want to join the proposal of others")),
        ],
        widget=forms.RadioSelect,
    )
    title_en = forms.CharField(
        label=_("Title in English"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"lang": "en"}),
    )  # fmt: skip
    title_ko = forms.CharField(
        label=_("Title in Korean"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"lang": "ko"}),
    )  # fmt: skip
    description_en = forms.CharField(
        label=_("Summary in English"), max_length=3000, required=False, widget=text_box("en", 7)
    )
    description_ko = forms.CharField(
        label=_("Summary in Korean"), max_length=3000, required=False, widget=text_box("ko", 7)
    )
    areas = forms.MultipleChoiceField(
        label=_("Areas"), widget=forms.CheckboxSelectMultiple, required=False
    )
    topics = forms.MultipleChoiceField(
        label=_("Topics"), widget=forms.CheckboxSelectMultiple, required=False
    )
    keywords = WordsField(
        label=_("Keywords"), longest=80, most=20,
        help_text=_("Separated by commas, in English or Korean."),
    )  # fmt: skip

    class Meta(SearchStepForm.Meta):
        fields = ("original_language", "proposal_acronym", "proposal_name", "keywords")
        widgets = {"original_language": forms.RadioSelect}
        labels = {"original_language": _("In which language do you write?")}
        help_texts = {
            "original_language": _(
                "One language is enough. Readers of the other one see yours and can ask you."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_areas = list(Area.objects.filter(version=Area.CURRENT_VERSION))
        self.known_topics = list(Topic.objects.select_related("area"))
        self.option_field("areas").choices = [(row.code, str(row)) for row in self.known_areas]
        groups = topics_by_area(self.known_areas, self.known_topics)
        self.option_field("topics").choices = groups
        self.option_field("original_language").choices = Language.choices
        if self.listing.pk:
            self.initial["areas"] = [area.code for area in self.listing.areas.all()]
            self.initial["topics"] = [topic.code for topic in self.listing.topics.all()]
        else:
            self.initial["original_language"] = self.listing.profile.user.language

    def clean(self) -> dict[str, Any]:
        """Ask for a title in one of the languages."""
        data: dict[str, Any] = super().clean() or {}
        untitled = not (data.get("title_en") or data.get("title_ko"))
        if untitled and not {"title_en", "title_ko"} & set(self.errors):
            own = data.get("original_language") or "en"
            self.add_error(f"title_{own}", _("Enter a title in one of the languages."))
        return data

    def relations(self) -> dict[str, Any]:
        """Return areas and topics."""
        data = self.cleaned_data
        return {
            "areas": [row for row in self.known_areas if row.code in data["areas"]],
            "topics": [row for row in self.known_topics if row.code in data["topics"]],
        }


class OfferForm(SearchStepForm):
    """What the author brings, and the long description."""

    machine_made = forms.MultipleChoiceField(
        label=_("Which of your texts in the other language did a machine write?"),
        choices=PAIRS, widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("They are marked on the page, so that nobody blames you for their mistakes."),
    )  # fmt: skip

    class Meta(SearchStepForm.Meta):
        fields = (
            "expertise_offered_en", "expertise_offered_ko", "details_en", "details_ko",
            "confidentiality", "machine_made",
        )  # fmt: skip
        widgets = {
            **pair_widgets("expertise_offered"),
            **pair_widgets("details", rows=9),
            "confidentiality": forms.RadioSelect,
        }
        labels = {"confidentiality": _("Who may read the long description?")}


class PartnerForm(SearchStepForm):
    """Who is sought."""

    roles_sought = forms.MultipleChoiceField(
        label=_("Roles"), choices=PartnerRole.choices, widget=forms.CheckboxSelectMultiple,
        required=False,
    )  # fmt: skip
    partner_types = forms.MultipleChoiceField(
        label=_("Types of organisation"), choices=OrganisationType.choices,
        widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("Choose none when every type is welcome."),
    )  # fmt: skip
    partner_countries = forms.MultipleChoiceField(
        label=_("Only from these countries"), widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta(SearchStepForm.Meta):
        fields = (
            "expertise_sought_en", "expertise_sought_ko", "work_en", "work_ko", "roles_sought",
            "is_coordinator_needed", "partner_side", "partner_countries", "partner_types",
            "is_replacement",
        )  # fmt: skip
        widgets = {
            **pair_widgets("expertise_sought"),
            **pair_widgets("work"),
            "partner_side": forms.RadioSelect,
        }
        labels = {
            "is_coordinator_needed": _("I also seek a coordinator"),
            "is_replacement": _("I replace a partner who left the consortium"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = ((code, country_name(code)) for code in EUROPE | KOREA)
        countries = sorted(near, key=lambda choice: choice[1])
        self.option_field("partner_countries").choices = countries
        self.option_field("partner_side").choices = PartnerSide.choices


class ConsortiumForm(SearchStepForm):
    """Who is in: the rows are a formset beside this form."""
