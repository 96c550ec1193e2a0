"""What organisers fill in about registrations: questions, decisions, people to add, tables."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core import signing
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from events.forms.languages import need_either
from events.imports import Entrant
from events.models import Event, EventMode, Question, QuestionKind, RegistrationState
from events.services.registration_import import LARGEST_FILE
from konnect.accounts.text import TidyFormMixin

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

MOST_OPTIONS, LONGEST_OPTION = 30, 150
WITH_OPTIONS = (QuestionKind.CHOICE, QuestionKind.CHOICES)
ENDINGS = (".csv", ".xlsx")
SALT = "events.participants_table"
HOUR = 3600


class QuestionForm(TidyFormMixin, forms.ModelForm[Question]):
    """One question; its options a line each, English and Korean with a bar between."""

    choices = forms.CharField(
        label=_("Options"), required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line. Both languages with a bar between: Vegetarian | 채식"),
    )  # fmt: skip

    class Meta:
        model = Question
        fields = ("kind", "text_en", "text_ko", "is_required")
        widgets = {
            "text_en": forms.TextInput(attrs={"lang": "en"}),
            "text_ko": forms.TextInput(attrs={"lang": "ko"}),
            "kind": forms.RadioSelect,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        need_either(self, "text")
        cast("forms.ChoiceField", self.fields["kind"]).choices = QuestionKind.choices
        self.is_answered = bool(self.instance.pk) and self.instance.answers.exists()
        lines = (" | ".join(part for part in pair if part) for pair in self.instance.options)
        self.initial["choices"] = "\n".join(lines)

    def clean_kind(self) -> str:
        """Keep the kind of a question that was answered.

        Raises:
            ValidationError: it would become another.
        """
        kind: str = self.cleaned_data["kind"]
        if self.is_answered and kind != self.initial["kind"]:
            raise forms.ValidationError(
                _("This question was answered already; its kind can no longer change.")
            )
        return kind

    def clean_choices(self) -> list[list[str]]:
        """Return the options as pairs of both languages.

        Raises:
            ValidationError: there are too many, or one is too long.
        """
        lines = self.cleaned_data["choices"].splitlines()
        pairs = [pair_of(line) for line in lines if line.strip()]
        if len(pairs) > MOST_OPTIONS:
            raise forms.ValidationError(_("Thirty options at most."))
        if any(len(part) > LONGEST_OPTION for pair in pairs for part in pair):
            raise forms.ValidationError(_("Each option may have 150 characters at most."))
        if self.is_answered and not keeps_places(self.instance.options, pairs):
            raise forms.ValidationError(
                _(
                    "People chose among these options already: add some at the end or reword them, but keep all, in their order."
                )
            )
        return pairs

    def clean(self) -> dict[str, Any]:
        """Ask for a text in one of the languages, and for options where one chooses."""
        data: dict[str, Any] = super().clean() or {}
        if not (data.get("text_en") or data.get("text_ko")) and not self.has_error("text_en"):
            self.add_error("text_en", _("Write the question in one of the languages."))
        needs = data.get("kind") in WITH_OPTIONS and not self.has_error("choices")
        if needs and len(data.get("choices") or []) < 2:
            self.add_error("choices", _("Enter at least two options."))
        return data

    def columns(self) -> dict[str, Any]:
        """Return what to write into columns."""
        columns = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        has_options = columns["kind"] in WITH_OPTIONS
        return columns | {"options": self.cleaned_data["choices"] if has_options else []}


def keeps_places(old: list[list[str]], new: list[list[str]]) -> bool:
    """Tell whether every option stands where it stood: answers are kept as places in the list.

    One that is reworded keeps its place; one whose words stand elsewhere now has moved.
    """
    if len(new) < len(old):
        return False
    gone = [pair for pair, now in zip(old, new, strict=False) if not shares_words(pair, now)]
    return not any(shares_words(pair, each) for pair in gone for each in new)


def shares_words(pair: list[str], other: list[str]) -> bool:
    """Tell whether two options read the same in one of the languages."""
    return bool((set(pair) & set(other)) - {""})


def pair_of(line: str) -> list[str]:
    """Return an option in English and Korean; one alone stands for both."""
    first, _bar, second = (part.strip() for part in line.partition("|"))
    return [first, second]


class LookForm(TidyFormMixin, forms.Form):
    """What an organiser narrows the registrations down by."""

    q = forms.CharField(
        label=_("Name, address, organisation"), max_length=100, required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )  # fmt: skip
    state = forms.ChoiceField(
        required=False, widget=forms.HiddenInput, choices=[("", ""), *RegistrationState.choices]
    )
    mode = forms.ChoiceField(
        label=_("Takes part"), required=False,
        choices=[("", _("any way")), *EventMode.choices],
    )  # fmt: skip

    def asked(self) -> dict[str, str]:
        """Return what is asked; nothing of what cannot be."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("state", "q", "mode")}


class DeclineForm(TidyFormMixin, forms.Form):
    """Why people are not accepted."""

    reason = forms.CharField(
        label=_("Your words to them"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody who is declined reads this, so name nobody."),
    )  # fmt: skip


class AddPersonForm(TidyFormMixin, forms.Form):
    """A member whom an organiser registers."""

    email = forms.EmailField(
        label=_("E-mail address of a member"),
        help_text=_("They get a mail and can change everything, or withdraw."),
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if event.mode == EventMode.HYBRID:
            self.fields["mode"] = forms.ChoiceField(
                label=_("Takes part"), choices=EventMode.choices, initial=EventMode.HYBRID
            )

    def entrant(self) -> Entrant:
        """Return whom to register."""
        email = self.cleaned_data["email"].lower()
        return Entrant(0, email, self.cleaned_data.get("mode", ""))


class ParticipantTableForm(forms.Form):
    """A table of members to register."""

    file = forms.FileField(
        label=_("File"), help_text=_("CSV or Excel (.xlsx), 2,000 rows at most.")
    )

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse files that are too large, or of another type.

        Raises:
            ValidationError: it is one of them.
        """
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size and file.size > LARGEST_FILE:
            size = filesizeformat(LARGEST_FILE)
            raise forms.ValidationError(
                _("The file is larger than %(size)s."), "large", {"size": size}
            )
        if PurePath(file.name or "").suffix.lower() not in ENDINGS:
            raise forms.ValidationError(_("Only .csv and .xlsx files are taken."))
        return file


def sealed(event: Event, rows: list[Entrant]) -> str:
    """Return checked rows for a hidden field, so that nobody can change them."""
    facts = [
        (row.line, row.email, row.mode, row.wants_meetings, row.maximum_meetings, row.note)
        for row in rows
    ]
    return signing.dumps([event.pk, facts], salt=SALT, compress=True)


def unsealed(event: Event, text: str) -> list[Entrant] | None:
    """Return the rows that were sealed for an event; None when they are not, or too old."""
    try:
        pk, facts = signing.loads(text, salt=SALT, max_age=HOUR)
    except signing.BadSignature:
        return None
    return [Entrant(*row) for row in facts] if pk == event.pk else None
