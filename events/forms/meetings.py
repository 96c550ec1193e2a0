"""What people write around meetings: asking, answering, cancelling, coming late, feedback."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import (
    DeclineReason,
    Event,
    EventKind,
    EventMode,
    MeetingRequest,
    NextStep,
    Strength,
)
from konnect.accounts.text import TidyFormMixin
from matching.forms.contact import LetterField

STRENGTHS = (
    (Strength.MUST, _("I must have it: it comes first when times are short")),
    (Strength.WANTED, _("I want it")),
    (Strength.NICE, _("Would be nice, if there is time")),
)
MODES = (
    (EventMode.HYBRID, _("Either way")),
    (EventMode.ON_SITE, _("On site")),
    (EventMode.ONLINE, _("Online")),
)
USEFULNESS = (
    (5, _("5 – very useful")),
    (4, _("4 – useful")),
    (3, _("3 – partly useful")),
    (2, _("2 – hardly useful")),
    (1, _("1 – not useful")),
)
MINUTES = (5, 10, 15)


class StrengthField(forms.TypedChoiceField):
    """How much somebody wants a meeting."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("How much you want this meeting"), choices=STRENGTHS, coerce=int,
            widget=forms.RadioSelect, initial=Strength.WANTED,
            help_text=_("Only the schedule reads it; the other person does not see it."), **options,
        )  # fmt: skip


class AskForm(TidyFormMixin, forms.Form):
    """Asking somebody for a meeting at an event."""

    message = LetterField(
        label=_("Why you want to meet"), max_length=500, rows=5,
        help_text=_("Two or three sentences: what you have in common, and what you would talk about."),
    )  # fmt: skip
    strength = StrengthField()
    mode = forms.ChoiceField(
        label=_("How you would like to meet"), choices=MODES, widget=forms.RadioSelect,
        initial=EventMode.HYBRID,
    )  # fmt: skip
    is_organisational = forms.BooleanField(
        label=_("We meet as organisations: both sides may bring several people"), required=False
    )
    purpose = LetterField(
        label=_("Purpose of the meeting of organisations"), max_length=500, rows=3, required=False,
        help_text=_("Whoever accepts may word it anew, so that both agree."),
    )  # fmt: skip

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if event.mode != EventMode.HYBRID:
            del self.fields["mode"]
        if event.kind != EventKind.TWINNING:
            del self.fields["is_organisational"]
            del self.fields["purpose"]

    def clean(self) -> dict[str, Any]:
        """Ask for the purpose where organisations meet."""
        cleaned = super().clean() or {}
        if cleaned.get("is_organisational") and not cleaned.get("purpose"):
            self.add_error("purpose", _("Say in a sentence what your organisations want of it."))
        return cleaned


class AcceptForm(TidyFormMixin, forms.Form):
    """Saying yes, and how much."""

    strength = StrengthField()
    purpose = LetterField(
        label=_("Purpose of the meeting of organisations"), max_length=500, rows=3, required=False
    )

    def __init__(self, *args: Any, meeting_request: MeetingRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not meeting_request.is_organisational:
            del self.fields["purpose"]
        else:
            self.fields["purpose"].initial = meeting_request.purpose


class DeclineForm(TidyFormMixin, forms.Form):
    """Saying no, and why."""

    reason = forms.ChoiceField(
        label=_("Why not"), choices=DeclineReason.choices, widget=forms.RadioSelect,
        initial=DeclineReason.NO_TIME,
    )  # fmt: skip
    words = forms.CharField(
        label=_("A few words to the other person"), max_length=300, required=False
    )


class RewordForm(TidyFormMixin, forms.Form):
    """Other words for a request that waits."""

    message = LetterField(label=_("Why you want to meet"), max_length=500, rows=5)


class CancelForm(TidyFormMixin, forms.Form):
    """Cancelling a meeting."""

    reason = forms.CharField(
        label=_("Why you cancel"), max_length=300,
        help_text=_("The other person reads it."),
    )  # fmt: skip
    is_still_wanted = forms.BooleanField(
        label=_("I still want to meet: look for another time"), required=False
    )


class LateForm(forms.Form):
    """How late somebody comes."""

    minutes = forms.TypedChoiceField(
        label=_("Minutes"), choices=[(minutes, str(minutes)) for minutes in MINUTES], coerce=int
    )


class FeedbackForm(TidyFormMixin, forms.Form):
    """What somebody says of a meeting."""

    took_place = forms.TypedChoiceField(
        label=_("Did you meet?"), widget=forms.RadioSelect, initial=True,
        choices=((True, _("Yes")), (False, _("No"))), coerce=lambda text: text in (True, "True"),
    )  # fmt: skip
    usefulness = forms.TypedChoiceField(
        label=_("How useful it was"), choices=USEFULNESS, coerce=int, empty_value=None,
        widget=forms.RadioSelect, required=False,
    )  # fmt: skip
    next_step = forms.ChoiceField(
        label=_("What comes next"), choices=NextStep.choices, widget=forms.RadioSelect,
        required=False,
    )  # fmt: skip
    words = LetterField(
        label=_("Anything else for the organisers"), max_length=1000, rows=3, required=False
    )

    def clean(self) -> dict[str, Any]:
        """A meeting that took place was more or less useful."""
        cleaned = super().clean() or {}
        if cleaned.get("took_place") and cleaned.get("usefulness") is None:
            self.add_error("usefulness", _("Say how useful the meeting was."))
        return cleaned
