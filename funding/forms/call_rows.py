"""Steps of a call that have rows: criteria, funders, further dates. Two empty rows wait for more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from events.clock_faces import BRUSSELS, SEOUL
from funding.forms.call_steps import CallStepForm
from funding.forms.walls import PromisesMixin
from funding.models import Call, CostKind, Criterion, DeadlineKind, Funder
from funding.money import minor_of, to_major
from funding.services.call_parts import (
    CriterionFacts,
    DateFacts,
    FunderFacts,
    set_criteria,
    set_dates,
    set_funders,
)
from funding.services.exchange_rates import EURO
from konnect.accounts.text import TidyFormMixin, tidy_data
from matching.countries import zone_city
from matching.forms.search_step import text_box
from matching.models import OrganisationType

MOST_ROWS = 30
# What may decide between equals besides criteria; `funding.ranking` computes them.
ORDER_CODES = ("topics", "countries")
# What belongs together about a rate.
RATE = ("per_euro", "rate_on", "rate_source")


class RowForm(TidyFormMixin, forms.Form):
    """One row; an empty one that was not touched counts for nothing."""

    use_required_attribute = False


class CriterionRow(RowForm):
    """One criterion."""

    code = forms.SlugField(
        label=_("Short name"), max_length=30, help_text=_("Latin letters, such as excellence.")
    )
    name_en = forms.CharField(label=_("Name in English"), max_length=120)
    name_ko = forms.CharField(label=_("Name in Korean"), max_length=120)
    guidance_en = forms.CharField(
        label=_("Guidance in English"), max_length=2000, required=False, widget=text_box("en", 3)
    )
    guidance_ko = forms.CharField(
        label=_("Guidance in Korean"), max_length=2000, required=False, widget=text_box("ko", 3)
    )
    weight = forms.DecimalField(
        label=_("Weight"), max_digits=4, decimal_places=2, min_value=Decimal("0.01"), initial=1
    )
    most = forms.DecimalField(
        label=_("Best score"), max_digits=3, decimal_places=1, min_value=Decimal("0.5"), step_size=Decimal("0.5"), initial=5
    )  # fmt: skip
    threshold = forms.DecimalField(
        label=_("Threshold"), max_digits=3, decimal_places=1, min_value=0, step_size=Decimal("0.5"), initial=3
    )  # fmt: skip
    is_track_record = forms.BooleanField(
        label=_("Judges who applies, so that names are needed"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a threshold that no score reaches."""
        data: dict[str, Any] = super().clean() or {}
        threshold, most = data.get("threshold"), data.get("most")
        if threshold is not None and most is not None and threshold > most:
            self.add_error("threshold", _("The threshold is above the best score."))
        return data

    def facts(self) -> CriterionFacts:
        """Return the criterion."""
        return CriterionFacts(**{name: self.cleaned_data[name] for name in self.base_fields})


class FunderRow(RowForm):
    """What one funder puts in, and its rules."""

    funder = forms.ModelChoiceField(Funder.objects.all(), label=_("Funder"))
    budget = forms.CharField(
        label=_("Puts in"), max_length=30,
        help_text=_("In whole euros or won, such as 600,000."),
    )  # fmt: skip
    gap_pot = forms.CharField(
        label=_("Of that for gaps"), max_length=30, required=False,
        help_text=_("The part that may pay for anybody's projects."),
    )  # fmt: skip
    most = forms.CharField(label=_("At most for one application"), max_length=30, required=False)
    per_euro = forms.DecimalField(
        label=_("One euro is"), max_digits=14, decimal_places=6, min_value=Decimal("0.000001"),
        required=False, help_text=_("In this funder's money, such as 1480.5 for won."),
    )  # fmt: skip
    rate_on = forms.DateField(
        label=_("Rate of"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    rate_source = forms.CharField(
        label=_("Source of the rate"), max_length=200, required=False,
        help_text=_("Such as: European Central Bank, reference rate."),
    )  # fmt: skip
    eligible_costs = forms.MultipleChoiceField(
        label=_("Pays for"), choices=CostKind.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("Nothing chosen: for everything."),
    )  # fmt: skip
    organisation_types = forms.MultipleChoiceField(
        label=_("For people of"), choices=OrganisationType.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("Nothing chosen: of all organisations."),
    )  # fmt: skip
    text_en = forms.CharField(
        label=_("Rules in English"), max_length=8000, required=False, widget=text_box("en", 5)
    )
    text_ko = forms.CharField(
        label=_("Rules in Korean"), max_length=8000, required=False, widget=text_box("ko", 5)
    )

    def clean(self) -> dict[str, Any]:
        """Read the amounts in the funder's currency."""
        data: dict[str, Any] = super().clean() or {}
        funder = data.get("funder")
        if funder is not None:
            self.amounts = {
                name: self.amount(name, funder) for name in ("budget", "gap_pot", "most")
            }
            if (self.amounts["gap_pot"] or 0) > (self.amounts["budget"] or 0):
                self.add_error("gap_pot", _("This is more than the funder puts in."))
            self.check_rate(funder)
        return data

    def check_rate(self, funder: Funder) -> None:
        """Ask for rate, day and source together, and for none of them where money is in euros."""
        given = [name for name in RATE if self.cleaned_data.get(name)]
        if given and funder.currency == EURO:
            self.add_error(given[0], _("This funder's money is in euros: leave it empty."))
        elif given and not self.errors.keys() & set(RATE):
            for name in (each for each in RATE if each not in given):
                self.add_error(name, _("Give the rate, its day and its source together."))

    def amount(self, name: str, funder: Funder) -> int | None:
        """Return an amount in the smallest unit; None for nothing."""
        text = self.cleaned_data.get(name) or ""
        found = minor_of(text, funder.currency) if text else None
        if text and (found is None or found < 0):
            self.add_error(name, _("Enter an amount of money, such as 600,000."))
        return found

    def facts(self) -> FunderFacts:
        """Return the funder's part."""
        data = self.cleaned_data
        return FunderFacts(
            funder=data["funder"], budget_minor=self.amounts["budget"] or 0,
            gap_pot_minor=self.amounts["gap_pot"] or 0, most_minor=self.amounts["most"],
            text_en=data["text_en"], text_ko=data["text_ko"],
            eligible_costs=data["eligible_costs"], organisation_types=data["organisation_types"],
            **{name: data[name] for name in RATE},
        )  # fmt: skip


class DateRow(PromisesMixin, RowForm):
    """One further date."""

    kind = forms.ChoiceField(
        label=_("Whose deadline"), choices=DeadlineKind.choices, initial=DeadlineKind.values[0]
    )
    funder = forms.ModelChoiceField(Funder.objects.all(), label=_("Funder"), required=False)
    label_en = forms.CharField(label=_("In English"), max_length=120)
    label_ko = forms.CharField(label=_("In Korean"), max_length=120)

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What was promised by the clocks of a zone stays there when the call moves to another.
        zones = dict.fromkeys((self.initial.get("zone", zone), zone, BRUSSELS, SEOUL))
        self.fields["zone"] = forms.ChoiceField(
            label=_("By the clocks of"), choices=[(each, zone_city(each)) for each in zones],
            initial=next(iter(zones)),
        )  # fmt: skip
        wall = self.initial.get("wall", "")
        self.add_promise("at", _("When"), is_required=True, wall=wall, zone=zone)

    def clean(self) -> dict[str, Any]:
        """Read the time."""
        data: dict[str, Any] = super().clean() or {}
        zone = data.get("zone")
        self.typed = self.read_wall("at", zone, is_required=True) if zone else None
        return data

    def facts(self) -> DateFacts:
        """Return the date; asked for only once the row is valid."""
        assert self.typed is not None
        names = ("kind", "funder", "label_en", "label_ko", "zone")
        data = {name: self.cleaned_data[name] for name in names}
        return DateFacts(**data, wall=self.typed.wall, at=self.typed.at)


class RowsStep(CallStepForm):
    """A step with rows beside its columns."""

    row: ClassVar[type[RowForm]] = RowForm
    # What must differ from row to row.
    unique: ClassVar[str] = ""

    def __init__(self, data: Any = None, *, call: Call, **kwargs: Any) -> None:
        super().__init__(data, call=call, **kwargs)
        factory: Any = formset_factory(
            self.row, extra=2, can_delete=True, max_num=MOST_ROWS, validate_max=True,
            absolute_max=MOST_ROWS + 2,
        )  # fmt: skip
        typed = tidy_data(data) if data is not None else None
        self.rows: BaseFormSet[Any] = factory(
            typed, initial=self.stored(), prefix="rows", form_kwargs=self.row_options()
        )

    def stored(self) -> list[dict[str, Any]]:
        """Return the rows that there are."""
        return []

    def row_options(self) -> dict[str, Any]:
        """Return what every row is told."""
        return {}

    def is_valid(self) -> bool:
        """Look at columns, rows, and at what must differ between them."""
        return super().is_valid() and self.rows.is_valid() and self.differs()

    def differs(self) -> bool:
        """Say at the second of two rows that it is there already."""
        seen: set[Any] = set()
        for row in self.kept_rows() if self.unique else ():
            value = row.cleaned_data[self.unique]
            if value in seen:
                row.add_error(self.unique, _("This is there already."))
                return False
            seen.add(value)
        return True

    def kept_rows(self) -> list[Any]:
        """Return the rows that were filled in and are not taken away."""
        return [
            row for row in self.rows.forms
            if row.has_changed() | bool(row.initial) and not row.cleaned_data.get("DELETE")
        ]  # fmt: skip

    def facts(self) -> list[Any]:
        """Return the rows as the service takes them."""
        return [row.facts() for row in self.kept_rows() if row.cleaned_data]


class CriteriaStep(RowsStep):
    """What reviewers score, and what decides between equals."""

    row = CriterionRow
    unique = "code"
    tie_break = forms.CharField(
        label=_("Between equals"), max_length=300, required=False,
        help_text=_("Short names of criteria, or topics, or countries, in the order in which they decide, with commas between them. What is equal after all goes to the lottery."),
    )  # fmt: skip

    class Meta(CallStepForm.Meta):
        fields = ("overall_threshold",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["tie_break"] = ", ".join(self.call.tie_break)

    def stored(self) -> list[dict[str, Any]]:
        """Return the criteria that there are."""
        return list(Criterion.objects.filter(call=self.call).values(*CriterionRow.base_fields))

    def differs(self) -> bool:
        """Look whether what decides between equals is known, too."""
        codes = {row.cleaned_data.get("code") for row in self.kept_rows()}
        wanted = [each.strip() for each in self.cleaned_data["tie_break"].split(",")]
        self.order = [each for each in wanted if each]
        if unknown := [each for each in self.order if each not in codes | set(ORDER_CODES)]:
            self.add_error("tie_break", _("Unknown: %(names)s") % {"names": ", ".join(unknown)})
        return super().differs() and not unknown

    def keep(self, version: str) -> Call:
        """Save the criteria; see `set_criteria` for what it raises."""
        columns = {
            "overall_threshold": self.cleaned_data["overall_threshold"], "tie_break": self.order,
        }  # fmt: skip
        set_criteria(self.call, self.facts(), actor=self.actor, columns=columns, version=version)
        return self.call


class FundersStep(RowsStep):
    """Who pays how much for what, by which rules."""

    row = FunderRow
    unique = "funder"

    def stored(self) -> list[dict[str, Any]]:
        """Return the funders that there are, with amounts as people write them."""
        rules = (
            {rule.funder_id: rule for rule in self.call.funder_rules.all()} if self.call.pk else {}
        )
        rows = self.call.commitments.all() if self.call.pk else []
        return [self.stored_row(row, rules.get(row.funder_id)) for row in rows]

    def stored_row(self, row: Any, rule: Any) -> dict[str, Any]:
        """Return one funder's part as its row begins."""
        found = {
            "funder": row.funder_id, "budget": shown(row.budget_minor, row.currency),
            "gap_pot": shown(row.gap_pot_minor or None, row.currency),
            "per_euro": row.per_euro and f"{row.per_euro.normalize():f}",
            "rate_on": row.rate_on, "rate_source": row.rate_source,
        }  # fmt: skip
        if rule is None:
            return found
        names = ("eligible_costs", "organisation_types", "text_en", "text_ko")
        return (
            found
            | {name: getattr(rule, name) for name in names}
            | {"most": shown(rule.most_minor, row.currency)}
        )

    def keep(self, version: str) -> Call:
        """Save the funders; see `set_funders` for what it raises."""
        set_funders(self.call, self.facts(), actor=self.actor, version=version)
        return self.call


class DatesStep(RowsStep):
    """Dates besides opening and closing: of institutions, of the other side, of reviews."""

    row = DateRow

    def stored(self) -> list[dict[str, Any]]:
        """Return the dates that there are."""
        names = ("kind", "funder", "label_en", "label_ko", "zone", "wall")
        return list(self.call.deadlines.values(*names)) if self.call.pk else []

    def row_options(self) -> dict[str, Any]:
        """Tell every row the zone of the call."""
        return {"zone": self.call.zone}

    def keep(self, version: str) -> Call:
        """Save the dates; see `set_dates` for what it raises."""
        set_dates(self.call, self.facts(), actor=self.actor, version=version)
        return self.call


def shown(minor: int | None, currency: str) -> str:
    """Return an amount as it is typed: 600,000 or 12.50."""
    if minor is None:
        return ""
    amount = to_major(minor, currency)
    whole = amount == amount.to_integral_value()
    return f"{int(amount):,}" if whole else f"{amount:,}"
