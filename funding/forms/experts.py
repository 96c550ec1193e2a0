"""What officers type about experts, conflicts and assignments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funding.forms.moments import LastDayField
from funding.models import Application, Call, Expert
from funding.services.experts import candidates
from konnect.accounts.choices import offer
from konnect.accounts.text import TidyFormMixin
from matching.models import Area

LANGUAGES = (("en", _("English")), ("ko", _("Korean")), ("de", _("German")), ("fr", _("French")))
BIDS = (
    (2, _("very gladly")), (1, _("gladly")), (0, _("no preference")), (-1, _("rather not")),
    (-2, _("not at all: not my field")),
)  # fmt: skip
CAPS = ((1.0, _("none: the best assignment")), (0.8, "80 %"), (0.5, "50 %"))


class PoolForm(forms.Form):
    """Which experts a list shows."""

    q = forms.CharField(label=_("Name or organisation"), max_length=100, required=False)
    side = forms.ChoiceField(
        label=_("Side"), required=False,
        choices=(("", _("both sides")), ("europe", _("Europe")), ("korea", _("Korea"))),
    )  # fmt: skip

    def asked(self) -> dict[str, str]:
        """Return what was asked for; nothing where it cannot be read."""
        values = self.cleaned_data if self.is_valid() else {}
        return {"words": values.get("q", ""), "side": values.get("side", "")}


class NameForm(TidyFormMixin, forms.Form):
    """Who is looked for before anybody is asked."""

    name = forms.CharField(max_length=150, required=False)


class ExpertAddForm(TidyFormMixin, forms.Form):
    """Which member joins the pool."""

    email = forms.EmailField(
        label=_("E-mail address of the member"),
        help_text=_("The address of their account. What their profile says is taken over."),
    )


class ExpertForm(TidyFormMixin, forms.ModelForm[Expert]):
    """What the pool knows of an expert."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=LANGUAGES, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    areas = forms.ModelMultipleChoiceField(
        label=_("Areas"), queryset=Area.objects.filter(version=Area.CURRENT_VERSION),
        required=False, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    class Meta:
        model = Expert
        fields = ("areas", "is_domain_expert", "languages", "most", "is_available", "note")


class ExpertChoices(forms.ModelMultipleChoiceField[Expert]):
    """Experts with their side and areas."""

    def label_from_instance(self, obj: Expert) -> str:
        """Return who it is and what they know."""
        areas = ", ".join(map(str, obj.areas.all()))
        return " · ".join(filter(None, (str(obj), str(obj.get_side_display()), areas)))


class ApplicationChoice(forms.ModelChoiceField[Application]):
    """An application by its number."""

    def label_from_instance(self, obj: Application) -> str:
        """Return number and title."""
        return f"{obj.number} · {obj.title[:60]}"


class InviteForm(forms.Form):
    """Whom a call asks, until when, for how many."""

    experts = ExpertChoices(
        label=_("Experts"), queryset=Expert.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one expert.")},
    )  # fmt: skip
    answer_by = LastDayField(label=_("Answer until the end of"))
    least = forms.IntegerField(label=_("Reviews at least"), min_value=0, max_value=30, initial=0)
    most = forms.IntegerField(label=_("Reviews at most"), min_value=1, max_value=30, initial=5)

    def __init__(self, *arguments: Any, call: Call, **options: Any) -> None:
        """Offer those who were not asked yet."""
        super().__init__(*arguments, **options)
        offer(self, experts=candidates(call))

    def clean(self) -> dict[str, Any]:
        """Keep the loads in order."""
        values = super().clean() or {}
        if values.get("least", 0) > values.get("most", 0):
            self.add_error("least", _("At least cannot be more than at most."))
        return values


class LoadForm(forms.Form):
    """How many reviews an expert is given."""

    least = forms.IntegerField(label=_("at least"), min_value=0, max_value=30)
    most = forms.IntegerField(label=_("at most"), min_value=0, max_value=30)

    def clean(self) -> dict[str, Any]:
        """Keep them in order."""
        values = super().clean() or {}
        if values.get("least", 0) > values.get("most", 0):
            self.add_error("least", _("At least cannot be more than at most."))
        return values


class BidForm(forms.Form):
    """How gladly an expert would read each application."""

    def __init__(
        self, *arguments: Any, applications: list[Application], bids: dict[int, int],
        **options: Any,
    ) -> None:  # fmt: skip
        """Add one choice an application."""
        super().__init__(*arguments, **options)
        self.applications = applications
        for each in applications:
            self.fields[f"bid_{each.pk}"] = forms.TypedChoiceField(
                label=str(each.number), choices=BIDS, coerce=int, required=False, empty_value=None,
                initial=bids.get(each.pk, 0),
            )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """Return each application with its field, for the page."""
        return [
            {"application": each, "field": self[f"bid_{each.pk}"]} for each in self.applications
        ]

    def bids(self) -> dict[int, int]:
        """Return the bids, by application."""
        return {each.pk: self.cleaned_data[f"bid_{each.pk}"] or 0 for each in self.applications}


class RunForm(forms.Form):
    """How an assignment is computed."""

    objective = forms.ChoiceField(
        label=_("What comes first"), widget=forms.RadioSelect, initial="worst",
        choices=(
            ("worst", _("The application that is served worst: nobody is left with strangers")),
            ("total", _("The highest total of all")),
        ),
    )  # fmt: skip
    cap = forms.TypedChoiceField(
        label=_("Highest probability of any pair"),
        choices=CAPS,
        coerce=float,
        initial=1.0,
        help_text=_("Below 100 % pairs are drawn by lot: nobody can count on a certain reviewer."),
    )
    seed = forms.IntegerField(
        label=_("Number of the draw"),
        min_value=1,
        max_value=1_000_000,
        initial=1,
        help_text=_("The same number gives the same result."),
    )


class PinForm(forms.Form):
    """Which expert is fixed at which application."""

    application = ApplicationChoice(label=_("Application"), queryset=Application.objects.none())
    expert = forms.ModelChoiceField(label=_("Expert"), queryset=Expert.objects.none())

    def __init__(self, *arguments: Any, call: Call, **options: Any) -> None:
        """Offer what is before reviewers, and who agreed to review."""
        super().__init__(*arguments, **options)
        applications = call.applications.filter(state__in=("eligible", "in_review"))
        experts = Expert.objects.filter(call_rows__call=call, call_rows__answer="accepted")
        offer(self, application=applications, expert=experts.select_related("person"))


class AnswerTimeForm(forms.Form):
    """Until when proposed reviewers answer."""

    answer_by = LastDayField(label=_("Answer until the end of"))
