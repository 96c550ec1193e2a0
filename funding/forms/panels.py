"""What panels type: who sits there, minutes, recusals, methods, lots, decisions."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funding.forms.moments import MomentField
from funding.models import Application, Call, Outcome, Panel, PanelMember, RankList
from funding.money import minor_of, to_major
from funding.services.decisions import by_hand
from funding.services.lotteries import SCOPES
from funding.services.panels import SIDES
from konnect.accounts.text import TidyFormMixin

SIDE_CHOICES = [(side.value, side.label) for side in SIDES]


class PanelForm(TidyFormMixin, forms.Form):
    """When the panel meets, its quorum, its minutes."""

    use_required_attribute = False
    quorum = forms.IntegerField(label=_("Members needed of each side"), min_value=1, max_value=30)
    meets_at = MomentField(label=_("Meets, on your clocks"), required=False)
    minutes = forms.CharField(
        label=pgettext_lazy("funding", "Minutes"), max_length=20000, required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Who was there, what was discussed, why it was decided so. Recusals are added by themselves."),
    )  # fmt: skip

    def __init__(self, *args: Any, panel: Panel, **kwargs: Any) -> None:
        initial = {"quorum": panel.quorum, "meets_at": panel.meets_at, "minutes": panel.minutes}
        super().__init__(*args, initial=initial, **kwargs)


class MemberForm(TidyFormMixin, forms.Form):
    """Somebody with an account joins the panel."""

    use_required_attribute = False
    email = forms.EmailField(
        label=_("E-mail"), help_text=_("The address of their account on KONNECT.")
    )
    side = forms.ChoiceField(label=_("Side"), choices=SIDE_CHOICES, widget=forms.RadioSelect)
    is_chair = forms.BooleanField(label=_("Takes the chair"), required=False)


class RecusalForm(TidyFormMixin, forms.Form):
    """A member leaves for one application."""

    use_required_attribute = False
    member = forms.ModelChoiceField(queryset=PanelMember.objects.none(), label=_("Member"))
    application = forms.ModelChoiceField(
        queryset=Application.objects.none(), label=_("Application")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, members: Any, applications: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("Any", self.fields["member"]).queryset = members
        field = cast("Any", self.fields["application"])
        field.queryset = applications
        field.label_from_instance = lambda row: f"{row.number} · {row}"


class MethodForm(TidyFormMixin, forms.Form):
    """Which scores the panel goes by, and why."""

    use_required_attribute = False
    method = forms.ChoiceField(
        label=_("The panel goes by"), choices=RankList.Method.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class PromiseForm(TidyFormMixin, forms.Form):
    """A lottery is promised."""

    use_required_attribute = False
    scope = forms.ChoiceField(label=_("Who takes part"), choices=SCOPES, widget=forms.RadioSelect)
    source = forms.CharField(
        label=_("Public value that will be taken"), max_length=300,
        help_text=_("Something that is published later and that nobody can steer, with its day: for example the closing value of the KOSPI index on a day after the meeting."),
    )  # fmt: skip


class DrawForm(TidyFormMixin, forms.Form):
    """The public value is there."""

    use_required_attribute = False
    public_value = forms.CharField(
        label=_("Public value, exactly as it was published"), max_length=300
    )


class ListDecisionForm(forms.Form):
    """Decisions are taken from the list."""

    reserve_places = forms.IntegerField(
        label=_("Places on the reserve list"), min_value=0, max_value=200, initial=3
    )

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if call.is_outline:
            # Who is not invited waits for nothing.
            del self.fields["reserve_places"]


class DecisionForm(TidyFormMixin, forms.Form):
    """One decision by hand."""

    use_required_attribute = False
    outcome = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept with the decision."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, call: Call, currencies: dict[str, str], names: dict[str, str],
        amounts: dict[str, int], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        outcomes = by_hand(call)
        cast("Any", self.fields["outcome"]).choices = [
            (each.value, each.label) for each in outcomes
        ]
        # Nobody gives money to outlines.
        self.currencies = currencies = currencies if Outcome.FUNDED in outcomes else {}
        for code, currency in currencies.items():
            self.fields[f"amount_{code}"] = forms.CharField(
                label=f"{names[code]} ({currency})", max_length=20, required=False,
                initial=to_major(amounts.get(code, 0), currency) or "",
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )  # fmt: skip
        self.amounts: dict[str, int] = {}

    def clean(self) -> dict[str, Any]:
        """Read amounts; of those who are not funded there are none."""
        data: dict[str, Any] = super().clean() or {}
        self.amounts = {}
        if data.get("outcome") != Outcome.FUNDED:
            return data
        for code, currency in self.currencies.items():
            typed = data.get(f"amount_{code}") or "0"
            amount = minor_of(typed, currency)
            if amount is None or amount < 0:
                self.add_error(f"amount_{code}", _("This is not an amount of this money."))
            else:
                self.amounts[code] = amount
        if not self.errors and not any(self.amounts.values()):
            self.add_error(None, _("Whoever is funded gets money: enter an amount."))
        return data
