"""What reviewers and rapporteurs type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

from django import forms
from django.forms.utils import ErrorList
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funding.models import ConflictKind, Consensus, Criterion, Declaration, Review, Signature
from funding.refusing import RefusedError
from funding.services.consensuses import Agreed, Row
from funding.services.guards_reviews import LEAST_COMMENT, LEAST_OVERALL, score_of
from funding.services.reviewing import Typed
from konnect.accounts.text import TidyFormMixin

Sent = TypeVar("Sent", bound=forms.Form)
NOT_ASSESSED = "none"
# Where a refusal is about a field with another name than its code.
FIELDS = {"no_confidence": "confidence", "short_overall": "comment"}
CONFIDENCE = (
    (1, _("1 – I know the field from outside")),
    (2, _("2 – I work near the field")),
    (3, _("3 – It is my own field")),
)
# Who is involved, applies or is judged mutually is computed; everything else only people know.
DECLARABLE = tuple(
    (kind.value, kind.label) for kind in (
        ConflictKind.FAMILY, ConflictKind.ADVISER, ConflictKind.COLLABORATOR,
        ConflictKind.CO_AUTHOR, ConflictKind.ORGANISATION, ConflictKind.OTHER,
    )
)  # fmt: skip


def halves(most: Decimal) -> list[tuple[str, str]]:
    """Return all scores of a criterion, the best first, as a choice."""
    steps = range(int(most * 2), -1, -1)
    return [(f"{step / 2:.1f}", number_format(Decimal(step) / 2, 1)) for step in steps]


def least_words(number: int) -> Promise:
    """Return what a counter says about how much there has to be."""
    return format_lazy(_("at least {number}"), number=number)


class Later(forms.Field):
    """A field that is asked for when the whole is handed in; until then it may be empty."""

    def validate(self, value: Any) -> None:
        """Check what was typed, if anything was."""
        if value not in self.empty_values:
            super().validate(value)


class LaterText(Later, forms.CharField):
    """A text that is asked for in the end."""


class LaterChoice(Later, forms.ChoiceField):
    """A choice that is asked for in the end."""


class LaterNumber(Later, forms.TypedChoiceField):
    """A choice of a number that is asked for in the end."""


class AnswerForm(TidyFormMixin, forms.Form):
    """Yes or no to a review, with why and who instead."""

    answer = forms.ChoiceField(
        label=_("Can you review it?"), widget=forms.RadioSelect,
        choices=(("yes", _("Yes, I can")), ("no", _("No, I cannot"))),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("If not: why"), max_length=300, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    suggestions = forms.CharField(
        label=_("Who could review it instead"), max_length=190, required=False,
        help_text=_("Names of colleagues in the field; only the officer reads them."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for a reason with a no."""
        values = super().clean() or {}
        if values.get("answer") == "no" and not values.get("reason"):
            self.add_error("reason", _("Say in a few words why."))
        return values


class CallAnswerForm(AnswerForm):
    """Yes or no to reviewing in a call, with how many at most."""

    most = forms.IntegerField(
        label=_("How many applications at most"), min_value=1, max_value=30, initial=5,
        required=False,
    )  # fmt: skip

    field_order = ("answer", "most", "reason", "suggestions")


class DeclarationForm(TidyFormMixin, forms.Form):
    """What a reviewer says of their own conflicts before they read."""

    declaration = forms.ChoiceField(
        label=_("Do you have a conflict of interest?"), widget=forms.RadioSelect,
        choices=(
            (Declaration.NONE, _("No, none that I know of")),
            (Declaration.POSSIBLE, _("Perhaps: I explain, and the officers decide")),
            (Declaration.CONFLICT, _("Yes: I cannot review this application")),
        ),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=_("If there is one: which"), required=False, choices=(("", "–"), *DECLARABLE)
    )
    note = forms.CharField(
        label=_("In your words"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask which conflict it is where there may be one."""
        values = super().clean() or {}
        if values.get("declaration") in ("possible", "conflict") and not values.get("kind"):
            self.add_error("kind", _("Choose which conflict it is."))
        return values


class ReviewForm(TidyFormMixin, forms.Form):
    """A review as far as it is written: nothing is required until it is handed in."""

    use_required_attribute = False
    number = forms.IntegerField(widget=forms.HiddenInput)
    comment = LaterText(
        label=_("Overall comment"), max_length=8000,
        help_text=_("Goes to the applicants, without your name, when decisions are out."),
        widget=forms.Textarea(attrs={"rows": 6, "data-least": least_words(LEAST_OVERALL)}),
    )  # fmt: skip
    confidence = LaterNumber(
        label=_("How sure are you?"), choices=CONFIDENCE, coerce=int, empty_value=None,
        widget=forms.RadioSelect,
    )  # fmt: skip
    confidential = forms.CharField(
        label=_("For the panel only"), max_length=4000, required=False,
        help_text=_("Applicants never read this."), widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(
        self, *arguments: Any, review: Review, criteria: list[Criterion], **options: Any
    ) -> None:
        """Add three fields a criterion, filled with what stands."""
        options.setdefault("initial", {
            "number": review.number, "comment": review.comment,
            "confidence": review.confidence, "confidential": review.confidential,
        })  # fmt: skip
        super().__init__(*arguments, **options)
        self.criteria = criteria
        for criterion in criteria:
            self.add_criterion(criterion, review.draft.get(str(criterion.pk), {}))

    def add_criterion(self, criterion: Criterion, typed: dict[str, str]) -> None:
        """Add the score, its comment, and the reason where there is no score."""
        choices = [
            ("", _("– choose –")),
            *halves(criterion.most),
            (NOT_ASSESSED, _("not assessed")),
        ]
        value = typed.get("value") or (NOT_ASSESSED if typed.get("reason") else "")
        self.fields[f"value_{criterion.pk}"] = LaterChoice(
            label=_("Score"), choices=choices, initial=value
        )
        self.fields[f"comment_{criterion.pk}"] = LaterText(
            label=_("Comment"), max_length=4000, initial=typed.get("comment", ""),
            widget=forms.Textarea(attrs={"rows": 4, "data-least": least_words(LEAST_COMMENT)}),
        )  # fmt: skip
        self.fields[f"reason_{criterion.pk}"] = forms.CharField(
            label=_("Why it is not assessed"), max_length=300, required=False,
            initial=typed.get("reason", ""),
        )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """Return each criterion with its fields, for the page."""
        return [
            {"criterion": each, "value": self[f"value_{each.pk}"],
             "comment": self[f"comment_{each.pk}"], "reason": self[f"reason_{each.pk}"]}
            for each in self.criteria
        ]  # fmt: skip

    def named(self) -> list[tuple[str, forms.BoundField]]:
        """Return all fields that people see, those of a criterion under its name."""
        found = [
            (f"{row['criterion']}: {row[part].label}", row[part])
            for row in self.rows()
            for part in ("value", "comment", "reason")
        ]
        whole = (self["comment"], self["confidence"], self["confidential"])
        return [*found, *((str(field.label), field) for field in whole)]

    def typed(self) -> Typed:
        """Return what was typed, as the service keeps it."""
        values = self.cleaned_data
        return Typed(
            values["comment"], values["confidential"], values["confidence"],
            {str(each.pk): self.typed_at(each.pk) for each in self.criteria},
        )  # fmt: skip

    def typed_at(self, pk: int) -> dict[str, str]:
        """Return what was typed at one criterion; a reason counts only without a score."""
        value = self.cleaned_data[f"value_{pk}"]
        is_assessed = value != NOT_ASSESSED
        reason = "" if is_assessed else self.cleaned_data[f"reason_{pk}"]
        return {"value": value if is_assessed else "", "reason": reason,
                "comment": self.cleaned_data[f"comment_{pk}"]}  # fmt: skip


class ConsensusForm(TidyFormMixin, forms.Form):
    """The report of a rapporteur, with the agreed scores."""

    use_required_attribute = False
    number = forms.IntegerField(widget=forms.HiddenInput)
    text = LaterText(
        label=pgettext_lazy("funding", "Report"), max_length=12000,
        help_text=_("Goes to the applicants, without names, when decisions are out."),
        widget=forms.Textarea(attrs={"rows": 10}),
    )  # fmt: skip

    def __init__(
        self, *arguments: Any, consensus: Consensus, rows: list[Row], **options: Any
    ) -> None:
        """Add a score and a reason for each criterion."""
        options.setdefault("initial", {"number": consensus.number, "text": consensus.text})
        super().__init__(*arguments, **options)
        self.rows_asked = rows
        for row in rows:
            pk, agreed = row.criterion.pk, row.agreed
            self.fields[f"value_{pk}"] = LaterChoice(
                label=_("Agreed score"),
                choices=[("", _("– choose –")), *halves(row.criterion.most)],
                initial=str(agreed.value) if agreed else "",
            )  # fmt: skip
            self.fields[f"reason_{pk}"] = forms.CharField(
                label=_("Reason, if it is more than 1 point from the median"), max_length=500,
                required=False, initial=agreed.reason if agreed else "",
            )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """Return each criterion with its fields, for the page."""
        return [
            {"row": row, "value": self[f"value_{row.criterion.pk}"],
             "reason": self[f"reason_{row.criterion.pk}"]}
            for row in self.rows_asked
        ]  # fmt: skip

    def scores(self) -> dict[int, Agreed]:
        """Return the agreed scores, by criterion."""
        values = self.cleaned_data
        return {
            row.criterion.pk: Agreed(score_of(values[f"value_{row.criterion.pk}"]),
                                     values[f"reason_{row.criterion.pk}"])
            for row in self.rows_asked
        }  # fmt: skip


class SignatureForm(TidyFormMixin, forms.Form):
    """Whether a reviewer agrees."""

    stance = forms.ChoiceField(
        label=_("The report says what we found"), choices=Signature.Stance.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip
    minority = forms.CharField(
        label=_("If you disagree: what you see differently"), max_length=4000, required=False,
        help_text=_("It stays with the report; the panel reads it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip


def blocked_at_fields(form: ReviewForm, refusal: RefusedError) -> ReviewForm:
    """Put what was refused at the fields that it is about, where the form has them."""
    for each in refusal.blockers:
        name = FIELDS.get(each.code, each.code)
        form.add_error(name if name in form.fields else None, str(each.words))
    return form


def blocked(form: Sent, words: list[str]) -> Sent:
    """Put what a service refused on top of a form that keeps what was typed."""
    found: ErrorList = form.errors.setdefault("__all__", ErrorList())
    found.extend(words)
    return form
