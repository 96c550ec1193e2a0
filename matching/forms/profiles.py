"""The steps of the guided profile form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from konnect.accounts.consent_texts import CONSENT_TEXTS
from konnect.accounts.models import ConsentPurpose
from konnect.accounts.text import TidyFormMixin
from matching.countries import country_choices, language_choices
from matching.forms.fields import OrcidField, TelephoneField, WordsField
from matching.models import Area, CareerStage, Organisation, PartnerRole, Profile, Topic
from matching.models.profile import MOST_KEYWORDS, MOST_OTHER_NAMES
from matching.services.organisation_suggestions import suggest_organisations
from matching.visibility import FIELDS, Visibility, chosen


class StepForm(TidyFormMixin, forms.ModelForm[Profile]):
    """One step; `is_draft` leaves out the checks for what is needed, for `save and come back`."""

    def __init__(self, *args: Any, is_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_draft = is_draft
        if is_draft:
            for field in self.fields.values():
                field.required = False

    def columns(self) -> dict[str, Any]:
        """Return what to write into columns of the profile."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}

    def relations(self) -> dict[str, Any]:
        """Return what to write beside the profile."""
        return {}


class NameForm(StepForm):
    """Name and place."""

    other_names = WordsField(
        label=_("Other spellings of your name"),
        longest=150,
        most=MOST_OTHER_NAMES,
        help_text=_("So that people find you, whichever way they write your name."),
    )
    organisation_query = forms.CharField(
        label=_("Organisation"),
        max_length=300,
        required=False,
        help_text=_("Type a part of its name in any language, then choose it from the list."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    organisation = forms.IntegerField(required=False, widget=forms.HiddenInput)
    country_code = forms.ChoiceField(
        label=_("Country of work"),
        required=False,
        help_text=_("Only needed when your organisation is not in the list."),
    )
    telephone = TelephoneField(label=_("Telephone"))

    class Meta:
        model = Profile
        fields = (
            "display_name",
            "hangul_name",
            "family_name",
            "given_name",
            "name_order",
            "other_names",
            "organisation",
            "organisation_unlisted",
            "country_code",
            "unit",
            "position",
            "career_stage",
            "contact_email",
            "telephone",
        )
        help_texts = {
            "display_name": _(
                "As others shall read it, in Latin letters if you have such a name."
            ),
            "hangul_name": _("Without a space between family and given name."),
            "contact_email": _(
                "Shown only to people whose contact you accept. Messages go through the portal."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["display_name"].required = not self.is_draft
        countries: Any = self.fields["country_code"]
        countries.choices = [("", "—"), *country_choices()]
        own = self.instance.organisation
        self.initial.setdefault("organisation_query", str(own) if own else "")
        self.organisation_options: list[Organisation] = [own] if own else []
        self.chosen_organisation = own.pk if own else None

    def clean_organisation(self) -> Organisation | None:
        """Return the chosen record."""
        pk = self.cleaned_data["organisation"]
        return Organisation.objects.filter(pk=pk).first() if pk else None

    def clean(self) -> dict[str, Any]:
        """Settle the organisation and ask for a place."""
        data: dict[str, Any] = super().clean() or {}
        if "organisation_query" in data:
            data["organisation"] = self.settled_organisation(data)
        named = data.get("organisation") or data.get("country_code")
        if not named and not self.errors and not self.is_draft:
            self.add_error("organisation_query", _("Choose your organisation or your country."))
        return data

    def settled_organisation(self, data: dict[str, Any]) -> Organisation | None:
        """Return the record that the person means by what they typed and chose."""
        typed, picked = data["organisation_query"], data.get("organisation")
        if not typed:
            return None
        found = suggest_organisations(typed)
        if picked and (picked in found or typed == str(picked)):
            return self.offer([picked], picked)
        if len(found) == 1:
            return self.offer(found, found[0])
        self.offer(found, None)
        if not self.is_draft:
            self.add_error("organisation_query", choose_words(found))
        return None

    def offer(
        self, options: list[Organisation], picked: Organisation | None
    ) -> Organisation | None:
        """Show these records to choose from; return the chosen one."""
        self.organisation_options = options
        self.chosen_organisation = picked.pk if picked else None
        return picked


def choose_words(found: list[Organisation]) -> str:
    """Return what to do when what was typed does not name one organisation."""
    if found:
        return str(_("Choose one of the organisations below."))
    return str(
        _("We know no organisation of this name. Leave this empty and use the next field instead.")
    )


class ResearchForm(StepForm):
    """Areas, topics and texts."""

    field_order = (
        "areas", "area_other", "summary_en", "summary_ko", "keywords", "topics", "methods_en",
        "methods_ko",
    )  # fmt: skip

    areas = forms.MultipleChoiceField(
        label=_("Areas"), widget=forms.CheckboxSelectMultiple, required=True
    )
    topics = forms.MultipleChoiceField(
        label=_("Topics"), widget=forms.CheckboxSelectMultiple, required=False
    )
    keywords = WordsField(
        label=_("Keywords"),
        longest=80,
        most=MOST_KEYWORDS,
        help_text=_("Separated by commas, in English or Korean."),
    )

    class Meta:
        model = Profile
        fields = (
            "area_other", "keywords", "summary_en", "summary_ko", "methods_en", "methods_ko",
        )  # fmt: skip
        widgets = {
            "summary_en": forms.Textarea(attrs={"rows": 6, "lang": "en"}),
            "summary_ko": forms.Textarea(attrs={"rows": 6, "lang": "ko"}),
            "methods_en": forms.Textarea(attrs={"rows": 3, "lang": "en"}),
            "methods_ko": forms.Textarea(attrs={"rows": 3, "lang": "ko"}),
        }
        help_texts = {
            "summary_en": _("Three to six sentences. One of the two languages is enough."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_areas = list(Area.objects.filter(version=Area.CURRENT_VERSION))
        self.known_topics = list(Topic.objects.select_related("area"))
        areas: Any = self.fields["areas"]
        areas.choices = [(area.code, str(area)) for area in self.known_areas]
        topics: Any = self.fields["topics"]
        topics.choices = topics_by_area(self.known_areas, self.known_topics)
        if self.instance.pk:
            self.initial["areas"] = [area.code for area in self.instance.areas.all()]
            self.initial["topics"] = [topic.code for topic in self.instance.topics.all()]

    def clean(self) -> dict[str, Any]:
        """Ask for something to compare with others."""
        data: dict[str, Any] = super().clean() or {}
        texts = (data.get(name) for name in ("summary_en", "summary_ko", "keywords"))
        if not any(texts) and not self.errors and not self.is_draft:
            self.add_error(
                "summary_en", _("Write a summary in one of the languages, or some keywords.")
            )
        return data

    def relations(self) -> dict[str, Any]:
        """Return areas and topics."""
        return {
            "areas": [row for row in self.known_areas if row.code in self.cleaned_data["areas"]],
            "topics": [
                row for row in self.known_topics if row.code in self.cleaned_data["topics"]
            ],
        }


def topics_by_area(
    areas: Iterable[Area], topics: Iterable[Topic]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return choices grouped by area."""
    rows = list(topics)
    groups = [
        (str(area), [(topic.code, str(topic)) for topic in rows if topic.area_id == area.pk])
        for area in areas
    ]
    return [group for group in groups if group[1]]


class OffersForm(StepForm):
    """What I offer and seek: the rows are formsets beside this form."""

    class Meta:
        model = Profile
        fields = ()


class CooperationForm(StepForm):
    """Visits, roles, languages, identifiers."""

    roles = forms.MultipleChoiceField(
        label=_("Roles I would take in a joint project"),
        choices=PartnerRole.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    partner_stages = forms.MultipleChoiceField(
        label=_("Career stages I look for in a partner"),
        choices=CareerStage.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Choose none when every stage is welcome."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Working languages"), widget=forms.CheckboxSelectMultiple, required=False
    )
    mobility_months = forms.IntegerField(
        label=_("For up to how many months"), min_value=1, max_value=60, required=False
    )
    mobility_from = forms.DateField(
        label=_("From when"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    website = forms.URLField(
        label=_("Own website"), max_length=500, required=False, assume_scheme="https"
    )
    orcid = OrcidField(label="ORCID iD", help_text=_("Like 0000-0002-1825-0097."))

    class Meta:
        model = Profile
        fields = (
            "would_host", "would_visit", "mobility_months", "mobility_from", "roles",
            "partner_stages", "languages", "orcid", "website",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages: Any = self.fields["languages"]
        languages.choices = language_choices()
        if self.instance.orcid_verified_at:
            self.fields["orcid"].disabled = True


class VisibilityForm(StepForm):
    """Who sees which field."""

    class Meta:
        model = Profile
        fields = ("is_public", "is_suggestible")
        labels = {
            "is_public": CONSENT_TEXTS[ConsentPurpose.PUBLIC_PROFILE].text,
            "is_suggestible": _("Suggest me to others as a partner."),
        }
        help_texts = {
            "is_public": _(
                "Then people in Europe, Korea and elsewhere read it without signing in, and search "
                "engines may find it. You can take this back at any time."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rule in FIELDS.items():
            self.fields[f"see_{name}"] = forms.ChoiceField(
                label=str(rule.label),
                choices=[(choice.value, choice.label) for choice in rule.choices],
                initial=chosen(name, self.instance.visibility).value,
            )

    def rule_fields(self) -> list[forms.BoundField]:
        """Return the fields of the table."""
        return [self[f"see_{name}"] for name in FIELDS]

    def columns(self) -> dict[str, Any]:
        """Return the choices beside the two switches."""
        seen = {name: self.cleaned_data[f"see_{name}"] for name in FIELDS}
        given = {name: value for name, value in seen.items() if value in Visibility.values}
        return {**super().columns(), "visibility": given}
