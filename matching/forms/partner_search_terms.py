"""The steps of a partner search about the call, the conditions and the dates."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.calls import PILLARS, SCHEMES, read_identifier
from matching.forms.moments import AmountField
from matching.forms.search_step import SearchStepForm
from matching.models.call_words import DevelopmentGoal, FundingScheme, Pillar, Programme
from matching.models.partner_search import KoreanFunding, PropertyRights, SubmissionProcedure
from matching.services.listings import LONGEST_VALIDITY

CURRENCIES = (
    ("EUR", "EUR €"),
    ("KRW", "KRW ₩"),
    ("GBP", "GBP £"),
    ("CHF", "CHF"),
    ("USD", "USD $"),
)
LEVELS = [("", "—"), *((number, str(number)) for number in range(1, 10))]
NO_CHOICE = ("", "—")


class CallForm(SearchStepForm):
    """The call, or that there is none yet; an identifier fills in what it says."""

    has_call = forms.TypedChoiceField(
        label=_("Is there a call already?"),
        choices=[("yes", _("Yes")), ("no", _("No call yet"))],
        widget=forms.RadioSelect,
    )
    programme = forms.ChoiceField(
        label=_("Programme"), required=False, choices=[NO_CHOICE, *Programme.choices]
    )
    pillar = forms.TypedChoiceField(
        label=_("Pillar"), required=False, coerce=int, empty_value=None,
        choices=[NO_CHOICE, *((each, Pillar(each).label) for each in PILLARS)],
        help_text=_("Horizon Europe only: whether Korea is funded depends on it."),
    )  # fmt: skip
    call_year = forms.IntegerField(
        label=_("Year of the call"), required=False, min_value=2000, max_value=2060
    )
    funding_scheme = forms.ChoiceField(label=_("Type of action"), required=False)
    call_url = forms.URLField(
        label=_("Address of the call"), max_length=500, required=False, assume_scheme="https"
    )

    class Meta(SearchStepForm.Meta):
        fields = (
            "programme", "call_identifier", "call_title", "call_url", "pillar", "call_year",
            "funding_scheme", "submission_procedure",
        )  # fmt: skip
        help_texts = {
            "call_identifier": _(
                "Like HORIZON-CL5-2027-02-D3-07; pillar and year are filled in by it."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_call = self.instance.programme or self.instance.call_identifier
        has_been_asked = self.listing.pk and self.listing.search is not None
        self.initial["has_call"] = "yes" if has_call else ("no" if has_been_asked else None)
        self.option_field("funding_scheme").choices = [NO_CHOICE, *schemes_by_programme()]
        procedures = [NO_CHOICE, *SubmissionProcedure.choices]
        self.option_field("submission_procedure").choices = procedures

    def clean(self) -> dict[str, Any]:
        """Empty everything when there is no call; else take from the identifier what is open."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("has_call") == "no":
            return data | {name: empty_value(name) for name in self.Meta.fields}
        said = read_identifier(data.get("call_identifier") or "")
        data["programme"] = data.get("programme") or said.programme
        data["pillar"] = data.get("pillar") or said.pillar
        data["call_year"] = data.get("call_year") or said.year
        named = data["programme"] or data.get("call_identifier")
        if not named and "programme" not in self.errors and data.get("has_call"):
            self.add_error(
                "programme", _("Choose the programme, or say that there is no call yet.")
            )
        return data


def empty_value(name: str) -> Any:
    """Return what a column of the call holds when there is no call."""
    return None if name in {"pillar", "call_year"} else ""


def schemes_by_programme() -> list[tuple[str, list[tuple[str, Any]]]]:
    """Return the types of action, grouped by programme, each once."""
    groups, seen = [], set()
    for programme, schemes in SCHEMES.items():
        codes = [scheme.code for scheme in schemes if scheme.code not in seen]
        seen.update(codes)
        options = [(code, FundingScheme(code).label) for code in codes]
        groups.append((str(Programme(programme).label), options))
    return groups


class ConditionsForm(SearchStepForm):
    """Readiness, rights, time and money."""

    readiness_from = forms.TypedChoiceField(
        label=_("Technology readiness level, from"), required=False, coerce=int, empty_value=None,
        choices=LEVELS,
    )  # fmt: skip
    readiness_to = forms.TypedChoiceField(
        label=_("Technology readiness level, to"), required=False, coerce=int, empty_value=None,
        choices=LEVELS,
    )  # fmt: skip
    duration_months = forms.IntegerField(
        label=_("Duration in months"), required=False, min_value=1, max_value=120
    )
    budget_from = AmountField(label=_("Budget of the whole project, from"))
    budget_to = AmountField(label=_("Budget of the whole project, to"))
    currency = forms.ChoiceField(
        label=_("Currency"), required=False, choices=[NO_CHOICE, *CURRENCIES]
    )
    development_goals = forms.TypedMultipleChoiceField(
        label=_("Sustainable development goals"), choices=DevelopmentGoal.choices, coerce=int,
        widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip

    class Meta(SearchStepForm.Meta):
        fields = (
            "korean_funding", "korean_scheme", "budget_from", "budget_to", "currency",
            "duration_months", "readiness_from", "readiness_to", "property_rights",
            "development_goals",
        )  # fmt: skip
        labels = {"korean_funding": _("How is the Korean side paid?")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.option_field("korean_funding").choices = [NO_CHOICE, *KoreanFunding.choices]
        self.option_field("property_rights").choices = [NO_CHOICE, *PropertyRights.choices]

    def clean(self) -> dict[str, Any]:
        """Ask for amounts and levels in their order, and for the currency of a budget."""
        data: dict[str, Any] = super().clean() or {}
        for low, high in (("readiness_from", "readiness_to"), ("budget_from", "budget_to")):
            first, last = data.get(low), data.get(high)
            if first is not None and last is not None and last < first:
                self.add_error(high, _("This is less than where it begins."))
        has_budget = any(data.get(name) is not None for name in ("budget_from", "budget_to"))
        if has_budget and not data.get("currency") and "currency" not in self.errors:
            self.add_error("currency", _("Choose the currency of the budget."))
        return data


class DatesForm(SearchStepForm):
    """How long the search is shown; the deadlines are forms beside this one."""

    valid_on = forms.DateField(
        label=_("Show this search until"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("A year at most. Leave it empty for a year."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.listing.valid_until:
            self.initial["valid_on"] = last_day(self.listing.valid_until)

    def clean_valid_on(self) -> date | None:
        """Return a day from today on, within a year."""
        day: date | None = self.cleaned_data["valid_on"]
        today = timezone.localdate()
        if day and day < today:
            raise forms.ValidationError(_("This day has passed."), code="past")
        if day and day > today + LONGEST_VALIDITY:
            raise forms.ValidationError(_("Choose a day within one year."), code="too_far")
        return day

    def columns(self) -> dict[str, Any]:
        """Return the end of the chosen day where the person is; else a year from now."""
        day, latest = self.cleaned_data["valid_on"], timezone.now() + LONGEST_VALIDITY
        if day is None:
            return {"valid_until": latest}
        end = datetime.combine(day + timedelta(days=1), time(), timezone.get_current_timezone())
        return {"valid_until": min(end, latest)}


def last_day(end: datetime) -> date:
    """Return the day that a validity ends with: midnight belongs to the day before."""
    return timezone.localdate(end - timedelta(microseconds=1))
