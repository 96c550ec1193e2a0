"""The steps of a call's form in their order, and the small forms of its control room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.forms.wall_times import Typed
from funding.forms.call_rows import CriteriaStep, DatesStep, FundersStep
from funding.forms.call_steps import (
    BasicsForm,
    CallStepForm,
    MissionsForm,
    RulesForm,
    TextsForm,
)
from funding.forms.moments import MomentField
from funding.forms.walls import PromisesMixin
from funding.models import OVER, Application, Call
from konnect.accounts.text import TidyFormMixin
from matching.forms.search_step import text_box


@dataclass(frozen=True)
class CallStep:
    """One step: its place in the address, title, hint and form."""

    slug: str
    title: str | Promise
    hint: str | Promise
    form: type[CallStepForm]


STEPS = (
    CallStep("basics", _("Name and dates"), _("Which call it is, and when it opens and closes."), BasicsForm),
    CallStep("texts", _("Texts and areas"), _("What people read before they decide to apply."), TextsForm),
    CallStep("dates", _("Further dates"), _("Deadlines of institutions, of the other side, of reviews."), DatesStep),
    CallStep("funders", _("Funders and their rules"), _("Who pays how much, for what and for whom."), FundersStep),
    CallStep("criteria", _("Criteria"), _("What reviewers score, and what decides between equals."), CriteriaStep),
    CallStep("rules", _("Review and money"), _("Who knows whose name, and what happens where money ends."), RulesForm),
    CallStep("missions", _("Goals"), _("Which goals of the programme it serves."), MissionsForm),
)  # fmt: skip
BY_SLUG = {step.slug: step for step in STEPS}


class AmendmentForm(PromisesMixin, TidyFormMixin, forms.Form):
    """What changes in a call that is approved: words, or a later closing."""

    use_required_attribute = False
    text_en = forms.CharField(
        label=_("What changes, in English"), max_length=4000, widget=text_box("en", 4)
    )
    text_ko = forms.CharField(
        label=_("What changes, in Korean"), max_length=4000, widget=text_box("ko", 4)
    )
    call_text_en = forms.CharField(
        label=_("Text of the call in English"), max_length=30000, required=False,
        widget=text_box("en", 10),
    )  # fmt: skip
    call_text_ko = forms.CharField(
        label=_("Text of the call in Korean"), max_length=30000, required=False,
        widget=text_box("ko", 10),
    )  # fmt: skip

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        self.call = call
        initial = {"call_text_en": call.text_en, "call_text_ko": call.text_ko}
        super().__init__(*args, initial=initial, **kwargs)
        self.add_promise(
            "closes", _("Closes"), is_required=True, wall=call.closes_wall, zone=call.zone
        )

    @property
    def wall_fields(self) -> list[Any]:
        """The closing as the page shows it."""
        return self.wall_groups(self.call.zone)

    def clean(self) -> dict[str, Any]:
        """Refuse a closing that is earlier than promised."""
        data: dict[str, Any] = super().clean() or {}
        self.closes: Typed | None = self.read_wall("closes", self.call.zone, is_required=True)
        promised = self.call.closes_at
        if self.closes and promised and self.closes.at < promised:
            self.add_error("closes_day", _("An approved call closes later, never earlier."))
        return data

    def columns(self) -> dict[str, Any]:
        """Return what changes in columns of the call."""
        assert self.closes is not None
        found: dict[str, Any] = {
            "text_en": self.cleaned_data["call_text_en"],
            "text_ko": self.cleaned_data["call_text_ko"],
        }
        if self.closes.at != self.call.closes_at:
            found |= {"closes_wall": self.closes.wall, "closes_at": self.closes.at}
        return found


class OutageForm(TidyFormMixin, forms.Form):
    """When the portal could not be reached, on the reader's own clocks."""

    use_required_attribute = False
    began_at = MomentField(label=_("From"))
    ended_at = MomentField(label=_("Until"))
    note = forms.CharField(label=_("What happened"), max_length=300)

    def clean(self) -> dict[str, Any]:
        """Ask for an end after the beginning."""
        data: dict[str, Any] = super().clean() or {}
        began, ended = data.get("began_at"), data.get("ended_at")
        if began and ended and ended <= began:
            self.add_error("ended_at", _("The end must come after the beginning."))
        return data


class LateTokenForm(TidyFormMixin, forms.Form):
    """Leave to submit late, for one applicant."""

    use_required_attribute = False
    application = forms.ModelChoiceField(Application.objects.none(), label=_("Application"))
    valid_until = MomentField(label=_("Until, on your clocks"))
    most_uses = forms.IntegerField(
        label=_("How often it may be submitted"), min_value=1, max_value=20, initial=1
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept, and stands in the papers of the panel."),
    )  # fmt: skip

    def __init__(self, *args: Any, call: Call, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        field = cast("Any", self.fields["application"])
        rows = call.applications.exclude(state__in=OVER).select_related("lead")
        field.queryset = rows.filter(state__in=("draft", "submitted"))
        field.label_from_instance = lambda row: f"{row.number or '–'} · {row} · {row.lead}"

    def clean_valid_until(self) -> datetime:
        """Refuse a time that is over.

        Raises:
            ValidationError: it is.
        """
        until: datetime = self.cleaned_data["valid_until"]
        if until <= self.now:
            raise forms.ValidationError(_("This time is over."), "over")
        return until
