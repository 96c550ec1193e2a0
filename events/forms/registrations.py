"""Registering for an event: how one takes part, the organisers' questions, offers and wishes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from events.models import Event, EventMode, Question, QuestionKind, Registration
from events.models.event import in_reader_language
from events.services.intents import LONGEST, MOST_INTENTS, Wish
from konnect.accounts.text import TidyFormMixin
from konnect.accounts.zone_fields import ZoneField
from matching.models import ListingKind

# Empty lines for offers and for wishes, beside those that are filled.
SPARE_LINES = 2
MODE_WORDS = {
    EventMode.ON_SITE: _("I come to the venue"),
    EventMode.ONLINE: _("I take part online"),
    EventMode.HYBRID: _("Both: I say for each meeting time where I am"),
}
COLUMNS = ("mode", "zone", "wants_meetings", "maximum_meetings", "is_listed", "note")


class RegistrationForm(TidyFormMixin, forms.Form):
    """What one person says about taking part in one event.

    wishes: what stood in the registration or the profile before; a line that is left as it was
    keeps both its languages and the listing that it is from.
    """

    mode = forms.ChoiceField(label=_("How I take part"), widget=forms.RadioSelect)
    zone = ZoneField(
        label=_("My time zone during the event"),
        help_text=_("Your agenda and your mails show this zone beside that of the event."),
    )  # fmt: skip
    wants_meetings = forms.BooleanField(
        label=_("I want to meet people in arranged meetings"), required=False
    )
    maximum_meetings = forms.IntegerField(
        label=_("Most meetings for me"), min_value=1, required=False,
        help_text=_("Empty means as many as the organisers allow."),
    )  # fmt: skip
    is_listed = forms.BooleanField(
        label=_("Show me in the list of participants"), required=False,
        help_text=_(
            "Only other participants and the organisers see the list. Without this nobody can "
            "find you here and ask you for a meeting; you can change it at any time."
        ),
    )  # fmt: skip
    note = forms.CharField(
        label=_("What the organisers should know"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example food, access, when you arrive. Only the organisers read it."),
    )  # fmt: skip

    def __init__(self, *args: Any, event: Event, wishes: Sequence[Wish], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event, self.wishes = event, wishes
        self.questions = list(event.questions.all())
        self.ask_mode()
        if event.has_meetings:
            self.fields["maximum_meetings"].widget.attrs["max"] = event.maximum_meetings
            self.add_lines()
        else:
            del self.fields["wants_meetings"], self.fields["maximum_meetings"]
        for question in self.questions:
            self.fields[name_of(question)] = field_of(question)

    def ask_mode(self) -> None:
        """Ask how one takes part only where there is a choice."""
        offered = EventMode.values if self.event.mode == EventMode.HYBRID else [self.event.mode]
        choices = [(value, MODE_WORDS[EventMode(value)]) for value in offered]
        cast("forms.ChoiceField", self.fields["mode"]).choices = choices
        if len(offered) == 1:
            self.fields["mode"].widget = forms.HiddenInput()
            self.initial["mode"] = self.event.mode

    def add_lines(self) -> None:
        """Add a line for each offer and wish, and some empty ones."""
        for kind in ListingKind.values:
            known = [shown(wish) for wish in self.wishes if wish.kind == kind]
            for place in range(min(len(known) + SPARE_LINES, MOST_INTENTS)):
                self.fields[f"{kind}_{place}"] = line_field(ListingKind(kind), place)
                self.initial[f"{kind}_{place}"] = known[place] if place < len(known) else ""

    def lines(self, kind: str) -> list[BoundField]:
        """Return the lines of offers or of wishes."""
        names = [f"{kind}_{place}" for place in range(MOST_INTENTS)]
        return [self[name] for name in names if name in self.fields]

    def offers(self) -> list[BoundField]:
        """Return the lines of what the person offers."""
        return self.lines(ListingKind.OFFER)

    def requests(self) -> list[BoundField]:
        """Return the lines of what the person seeks."""
        return self.lines(ListingKind.REQUEST)

    def asked(self) -> list[BoundField]:
        """Return the fields of the organisers' questions."""
        return [self[name_of(question)] for question in self.questions]

    def clean_maximum_meetings(self) -> int | None:
        """Take no more than the event allows.

        Raises:
            ValidationError: it is more.
        """
        wanted: int | None = self.cleaned_data["maximum_meetings"]
        if wanted is not None and wanted > self.event.maximum_meetings:
            raise forms.ValidationError(
                _("The organisers allow %(most)d at most."), "most",
                {"most": self.event.maximum_meetings},
            )  # fmt: skip
        return wanted

    def columns(self) -> dict[str, Any]:
        """Return what to write into the registration."""
        found = {name: self.cleaned_data[name] for name in COLUMNS if name in self.fields}
        return {"wants_meetings": False, "maximum_meetings": None} | found

    def answers(self) -> dict[int, Any]:
        """Return the answers by the number of their question."""
        return {
            question.pk: answer_of(question, self.cleaned_data[name_of(question)])
            for question in self.questions
        }

    def intents(self) -> list[Wish]:
        """Return offers and wishes, those that were left alone as they were."""
        known = {(wish.kind, shown(wish)): wish for wish in self.wishes}
        typed = [
            (kind, self.cleaned_data[line.name])
            for kind in ListingKind.values
            for line in self.lines(kind)
            if self.cleaned_data[line.name]
        ]
        return [known.get(each) or Wish.said(*each) for each in dict.fromkeys(typed)]


def shown(wish: Wish) -> str:
    """Return a wish in the reader's language, else in the other."""
    return in_reader_language(wish.text_en, wish.text_ko)


def line_field(kind: ListingKind, place: int) -> forms.CharField:
    """Return one line of an offer or a wish."""
    words = _("Offer %(number)d") if kind == ListingKind.OFFER else _("Wish %(number)d")
    return forms.CharField(
        label=words % {"number": place + 1}, max_length=LONGEST, required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip


def name_of(question: Question) -> str:
    """Return the name of a question's field."""
    return f"question_{question.pk}"


def field_of(question: Question) -> forms.Field:
    """Return the field that asks a question."""
    label, required = question.text, question.is_required
    match question.kind:
        case QuestionKind.TEXT:
            area = forms.Textarea(attrs={"rows": 4})
            return forms.CharField(label=label, required=required, max_length=3000, widget=area)
        case QuestionKind.CHOICE:
            return forms.ChoiceField(
                label=label, required=required, choices=choices_of(question),
                widget=forms.RadioSelect,
            )  # fmt: skip
        case QuestionKind.CHOICES:
            return forms.MultipleChoiceField(
                label=label, required=required, choices=choices_of(question),
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip
        case QuestionKind.YES_NO:
            return forms.BooleanField(label=label, required=required)
    return forms.CharField(label=label, required=required, max_length=300)


def choices_of(question: Question) -> list[tuple[str, str]]:
    """Return the options of a question in the reader's language; answers keep their place."""
    return [
        (str(place), in_reader_language(english, korean))
        for place, (english, korean) in enumerate(question.options)
    ]


def answer_of(question: Question, value: Any) -> Any:
    """Return what to keep of an answer: options by their place in the list."""
    if question.kind == QuestionKind.CHOICE:
        return int(value) if value else None
    if question.kind == QuestionKind.CHOICES:
        return [int(each) for each in value]
    return value


def first_values(registration: Registration) -> dict[str, Any]:
    """Return what a form about a registration shows at first."""
    found = {name: getattr(registration, name) for name in COLUMNS}
    for answer in registration.answers.all():
        is_list = isinstance(answer.value, list)
        value = [str(each) for each in answer.value] if is_list else answer.value
        found[f"question_{answer.question_id}"] = str(value) if type(value) is int else value
    return found


class WithdrawalForm(TidyFormMixin, forms.Form):
    """Why somebody no longer comes."""

    reason = forms.CharField(
        label=_("A word to the organisers"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


def answer_words(question: Question, value: Any) -> str:
    """Return an answer in the reader's language."""
    if question.kind == QuestionKind.YES_NO:
        return str(_("Yes") if value else _("No"))
    names = dict(choices_of(question))
    if question.kind == QuestionKind.CHOICE:
        return names.get(str(value), "")
    if question.kind == QuestionKind.CHOICES:
        return ", ".join(named(names, value))
    return str(value)


def named(names: dict[str, str], places: Iterable[Any]) -> list[str]:
    """Return the options at these places, those that are still there."""
    return [names[str(place)] for place in places if str(place) in names]
