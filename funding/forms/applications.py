"""Forms about an application as a whole: basics, people, budget, documents, withdrawal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funding.forms.wanted import mark
from funding.models import Application, BudgetLine, CostKind, DocumentKind, ParticipantRole
from funding.money import minor_of, money_words, to_major
from funding.services.budgets import FunderSum, Wanted
from konnect.accounts.text import TidyFormMixin
from matching.countries import country_choices
from matching.forms.profiles import choose_words
from matching.models import Area, Organisation
from matching.regions import side_of
from matching.services.organisation_suggestions import suggest_organisations

ROLES = [(role.value, role.label) for role in ParticipantRole if role != ParticipantRole.LEAD]
SPARE_LINES = 2
MOST_LINES = 20
OUTSIDE = _("Choose an organisation or a country in Europe or in Korea.")


def close(form: forms.BaseForm) -> None:
    """Let a form show what stands, and take nothing."""
    for field in form.fields.values():
        field.disabled = True


class BasicsForm(TidyFormMixin, forms.ModelForm[Application]):
    """Title, acronym, area, language."""

    class Meta:
        model = Application
        fields = ("title", "acronym", "area", "language")
        labels = {"area": _("Area")}

    language = forms.ChoiceField(
        label=_("Language of the application"), choices=[("en", "English"), ("ko", "한국어")],
        help_text=_("Your receipt comes in this language."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = Area.objects.filter(version=Area.CURRENT_VERSION)
        field: Any = self.fields["area"]
        own = self.instance.call.areas.all()
        field.queryset = own if own.exists() else areas
        for name in ("title", "area"):
            mark(self.fields[name])


class PersonForm(TidyFormMixin, forms.Form):
    """Somebody of the team, asked by e-mail, with the place where they work."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(
        label=_("E-mail"), help_text=_("We write to this address with a link to the application.")
    )
    organisation_query = forms.CharField(
        label=_("Organisation"), max_length=300, required=False,
        help_text=_("Type a part of its name in English or Korean, then choose."),
    )  # fmt: skip
    organisation = forms.IntegerField(required=False, widget=forms.HiddenInput)
    organisation_unlisted = forms.CharField(
        label=_("Organisation, if not in the list"), max_length=300, required=False
    )
    country_code = forms.ChoiceField(label=_("Country"), required=False)
    department = forms.CharField(label=_("Department or laboratory"), max_length=200,
                                 required=False)  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        countries: Any = self.fields["country_code"]
        countries.choices = [("", "—"), *country_choices()]
        mark(countries, _("needed if the organisation is not in the list"))
        self.organisation_options: list[Organisation] = []
        self.chosen_organisation: int | None = None

    def clean(self) -> dict[str, Any]:
        """Settle the organisation; a place is needed, because the region follows from it."""
        data: dict[str, Any] = super().clean() or {}
        body = data["organisation"] = self.settled(data)
        if body is not None:
            data["organisation_unlisted"], data["country_code"] = "", body.country_code
        data["region"] = body.side if body else side_of(data.get("country_code") or "")
        is_partner = data.get("role") == ParticipantRole.PARTNER
        if data["region"] == "elsewhere" and is_partner and not self.errors:
            self.add_error("organisation_query", OUTSIDE)
        return data

    def settled(self, data: dict[str, Any]) -> Organisation | None:
        """Return the organisation that was typed and chosen."""
        typed, picked = data.get("organisation_query"), data.get("organisation")
        if not typed:
            return None
        found = suggest_organisations(typed)
        chosen = next((body for body in found if body.pk == picked), None)
        if chosen is None and len(found) == 1:
            chosen = found[0]
        self.organisation_options = found
        self.chosen_organisation = chosen.pk if chosen else None
        if chosen is None:
            self.add_error("organisation_query", choose_words(found))
        return chosen

    def columns(self) -> dict[str, Any]:
        """Return name and place as the columns of a participant."""
        names = ("name", "organisation", "organisation_unlisted", "country_code", "department",
                 "region")  # fmt: skip
        return {name: self.cleaned_data[name] for name in names}


class BudgetForm(TidyFormMixin, forms.Form):
    """Lines of what is asked of each funder, in the funder's money."""

    def __init__(
        self, *args: Any, sums: list[FunderSum], lines: list[BudgetLine], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sums = sums
        self.rows: dict[int, list[str]] = {}
        for each in sums:
            own = [line for line in lines if line.funder_id == each.funder]
            self.add_lines(each, own)

    def add_lines(self, each: FunderSum, own: list[BudgetLine]) -> None:
        """Add a line for each that there is, and some empty ones."""
        count = min(max(len(own), self.posted_lines(each)) + SPARE_LINES, MOST_LINES)
        self.rows[each.funder] = []
        for place in range(count):
            key = f"{each.funder}-{place}"
            self.rows[each.funder].append(key)
            line = own[place] if place < len(own) else None
            self.add_line(key, each, line)

    def posted_lines(self, each: FunderSum) -> int:
        """Return how many lines were sent for a funder."""
        sent = [name for name in self.data if name.startswith(f"amount-{each.funder}-")]
        return max(0, len(sent) - SPARE_LINES)

    def add_line(self, key: str, each: FunderSum, line: BudgetLine | None) -> None:
        """Add one line: what for, words, amount."""
        choices = [(code, CostKind(code).label) for code in each.costs if code in CostKind.values]
        self.fields[f"cost-{key}"] = forms.ChoiceField(
            label=_("What for"), required=False, choices=[("", "—"), *choices]
        )
        self.fields[f"note-{key}"] = forms.CharField(
            label=_("Explanation"), required=False, max_length=300
        )
        self.fields[f"amount-{key}"] = forms.CharField(
            label=_("Amount in %(currency)s") % {"currency": each.currency}, required=False,
            max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        )  # fmt: skip
        if line is not None:
            amount = to_major(line.amount_minor, each.currency)
            self.initial[f"cost-{key}"] = line.cost
            self.initial[f"note-{key}"] = line.note
            self.initial[f"amount-{key}"] = f"{amount:f}".removesuffix(".00")

    def clean(self) -> dict[str, Any]:
        """Read the amounts; a line is whole or empty."""
        data: dict[str, Any] = super().clean() or {}
        self.wanted: list[Wanted] = []
        for each in self.sums:
            for key in self.rows[each.funder]:
                self.read_line(each, key, data)
        return data

    def read_line(self, each: FunderSum, key: str, data: dict[str, Any]) -> None:
        """Read one line."""
        cost, typed = data.get(f"cost-{key}") or "", data.get(f"amount-{key}") or ""
        if not typed and not cost:
            return
        amount = minor_of(typed, each.currency)
        if amount is None or amount <= 0:
            example = money_words(1_200_00 if each.currency != "KRW" else 1_200_000, each.currency)
            self.add_error(
                f"amount-{key}", _("Enter an amount such as %(example)s.") % {"example": example}
            )
        elif not cost:
            self.add_error(f"cost-{key}", _("Say what this amount is for."))
        else:
            note = data.get(f"note-{key}") or ""
            self.wanted.append(Wanted(each.funder, cost, note, amount))

    def sums_as_typed(self) -> list[FunderSum]:
        """Return the sums of the lines that can be read; call after `is_valid`."""
        asked: dict[int, int] = {}
        for line in self.wanted:
            asked[line.funder] = asked.get(line.funder, 0) + line.amount_minor
        return [replace(each, asked_minor=asked.get(each.funder, 0)) for each in self.sums]

    def groups(self) -> list[tuple[FunderSum, list[list[Any]]]]:
        """Return the funders, each with its lines of three fields."""
        return [
            (each, [[self[f"{part}-{key}"] for part in ("cost", "note", "amount")]
                    for key in self.rows[each.funder]])
            for each in self.sums
        ]  # fmt: skip


class DocumentForm(TidyFormMixin, forms.Form):
    """One file and what it is."""

    kind = forms.ChoiceField(label=_("What it is"), choices=DocumentKind.choices)
    file = forms.FileField(
        label=_("PDF file"), help_text=_("PDF, 10 MB at most."), allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
    )  # fmt: skip
