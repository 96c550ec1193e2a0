"""The form of a call in small steps: what each holds, and how it is checked and saved."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.forms.wall_times import Typed
from funding.forms.walls import PromisesMixin
from funding.models import Call, Mission
from funding.permissions import programmes_run_by
from funding.services.call_saving import create_call, save_call
from konnect.accounts.models import User
from konnect.accounts.text import TidyFormMixin
from konnect.accounts.zone_fields import ZoneField
from konnect.accounts.zones import known_time_zones
from matching.forms.search_step import text_box
from matching.models import Area

OUTLINE, FULL = "outline", "full"
STEPS_OF_APPLYING = (
    (FULL, _("the full application at once")),
    (OUTLINE, _("an outline first; the best are invited to apply in full")),
)


class CallStepForm(PromisesMixin, TidyFormMixin, forms.ModelForm[Call]):
    """One step: columns of the call, and deadlines that become instants."""

    use_required_attribute = False
    # Deadlines of the step: the beginning of the column's name, and the label.
    walls: ClassVar[tuple[tuple[str, str | Promise], ...]] = ()
    rows: Any = None

    class Meta:
        model = Call
        fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, call: Call, actor: User, **kwargs: Any) -> None:
        self.call, self.actor = call, actor
        # A copy: what is typed and refused never reaches the stored one.
        copy = Call.objects.filter(pk=call.pk).first() if call.pk else None
        super().__init__(*args, instance=copy or Call(zone=call.zone), **kwargs)
        for name, label in self.walls:
            wall = getattr(call, f"{name}_wall")
            self.add_promise(name, label, is_required=False, wall=wall, zone=call.zone)

    @property
    def zone(self) -> str:
        """The zone by whose clocks the deadlines are meant."""
        typed = self.data.get("zone") or self.initial.get("zone")
        return typed if "zone" in self.fields and typed in known_time_zones() else self.call.zone

    @property
    def wall_fields(self) -> list[Any]:
        """The deadlines as the page shows them."""
        return self.wall_groups(self.zone) if self.walls else []

    def clean(self) -> dict[str, Any]:
        """Read the deadlines."""
        data: dict[str, Any] = super().clean() or {}
        self.typed: dict[str, Typed | None] = {
            name: self.read_wall(name, self.zone, is_required=False) for name, _label in self.walls
        }
        return data

    def columns(self) -> dict[str, Any]:
        """Return what to write into columns of the call."""
        named = [name for name in self._meta.fields or () if name in self.fields]
        found = {name: self.cleaned_data[name] for name in named}
        for name, typed in self.typed.items():
            found[f"{name}_wall"] = typed.wall if typed else ""
            found[f"{name}_at"] = typed.at if typed else None
        return found

    def keep(self, version: str) -> Call:
        """Save what was typed; see `save_call` for what it raises."""
        return save_call(self.call, actor=self.actor, columns=self.columns(), version=version)


class BasicsForm(CallStepForm):
    """What it is called, and when it opens and closes."""

    walls = (("opens", _("Opens")), ("closes", _("Closes")))
    is_outline = forms.ChoiceField(
        label=_("Applicants send"), choices=STEPS_OF_APPLYING, widget=forms.RadioSelect,
        help_text=_("With outlines, many can try with little work: the panel invites as many as ask for three times the money, and only they write a full application."),
    )  # fmt: skip

    class Meta(CallStepForm.Meta):
        fields = ("programme", "number", "title_en", "title_ko", "is_outline", "zone")
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "title_en": forms.TextInput(attrs={"lang": "en"}),
            "title_ko": forms.TextInput(attrs={"lang": "ko"}),
        }
        labels: ClassVar[dict[str, str | Promise]] = {"programme": _("Programme")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programme = cast("Any", self.fields["programme"])
        programme.queryset = programmes_run_by(self.actor)
        programme.empty_label = None if programme.queryset.count() == 1 else "—"
        self.initial["is_outline"] = OUTLINE if self.call.is_outline else FULL
        if self.call.outline_call_id:
            # The second step follows what the first one was.
            del self.fields["is_outline"]
        self.fields["zone"] = ZoneField(
            label=_("By the clocks of"),
            help_text=_("Opening and closing are promised by these clocks; everybody sees them in Brussels, in Seoul and where they are. 24:00 is the end of the day."),
        )  # fmt: skip

    def clean_is_outline(self) -> bool:
        """Return whether outlines come first."""
        return bool(self.cleaned_data["is_outline"] == OUTLINE)

    def clean(self) -> dict[str, Any]:
        """Ask for a closing after the opening."""
        data = super().clean()
        opens, closes = self.typed.get("opens"), self.typed.get("closes")
        if opens and closes and closes.at <= opens.at:
            self.add_error("closes_day", _("The closing must come after the opening."))
        return data

    def keep(self, version: str) -> Call:
        """Save the call, or begin it; see `create_call` and `save_call` for what they raise."""
        if self.call.pk is None:
            return create_call(self.call, actor=self.actor, columns=self.columns())
        return super().keep(version)


class TextsForm(CallStepForm):
    """What people read before they decide to apply."""

    areas = forms.MultipleChoiceField(
        label=_("Areas"), widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta(CallStepForm.Meta):
        fields = ("summary_en", "summary_ko", "text_en", "text_ko", "contact_email")
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "summary_en": text_box("en", 4), "summary_ko": text_box("ko", 4),
            "text_en": text_box("en", 14), "text_ko": text_box("ko", 14),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_areas = list(Area.objects.filter(version=Area.CURRENT_VERSION))
        field = cast("Any", self.fields["areas"])
        field.choices = [(row.code, str(row)) for row in self.known_areas]
        self.initial["areas"] = [area.code for area in self.call.areas.all()]

    def keep(self, version: str) -> Call:
        """Save texts and areas; see `save_call` for what it raises."""
        chosen = self.cleaned_data["areas"]
        return save_call(
            self.call, actor=self.actor, columns=self.columns(), version=version,
            areas=[row for row in self.known_areas if row.code in chosen],
        )  # fmt: skip


class MissionsForm(CallStepForm):
    """Which goals it serves: an approved call serves one at least."""

    missions = forms.ModelMultipleChoiceField(
        Mission.objects.all(), label=_("Goals that this call serves"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["missions"] = list(self.call.missions.values_list("pk", flat=True))

    def keep(self, version: str) -> Call:
        """Save the goals; see `save_call` for what it raises."""
        return save_call(
            self.call, actor=self.actor, columns={}, version=version,
            missions=list(self.cleaned_data["missions"]),
        )  # fmt: skip


class RulesForm(CallStepForm):
    """How applications are reviewed, and how money is given out."""

    class Meta(CallStepForm.Meta):
        fields = (
            "blind_level", "reviews_wanted", "pot", "policy", "shortest_days", "longest_days",
            "grace_seconds",
        )  # fmt: skip
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "blind_level": forms.RadioSelect(), "pot": forms.RadioSelect(),
            "policy": forms.RadioSelect(),
        }  # fmt: skip
        labels: ClassVar[dict[str, str | Promise]] = {
            "pot": _("How the money lies together"), "policy": _("Where the money of a funder ends"),
            "blind_level": _("Who knows whose name"),
        }  # fmt: skip
        help_texts: ClassVar[dict[str, str | Promise]] = {
            "grace_seconds": _("For drafts that were begun before closing. It is never shown to anybody; 0 is the rule."),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored, zone = self.call.reviews_due_at, self.call.zone
        self.add_wall(
            "reviews_due", _("Reviews are due"), is_required=False, stored=stored, zone=zone
        )
        for name in ("blind_level", "pot", "policy"):
            field = cast("Any", self.fields[name])
            field.choices = [choice for choice in field.choices if choice[0] != ""]

    @property
    def wall_fields(self) -> list[Any]:
        """The day on which reviews are due."""
        return self.wall_groups(self.call.zone)

    def clean(self) -> dict[str, Any]:
        """Read until when reviews are due, and look at the length of stays."""
        data = super().clean()
        self.due = self.read_wall("reviews_due", self.call.zone, is_required=False)
        shortest, longest = data.get("shortest_days"), data.get("longest_days")
        if shortest is not None and longest is not None and not 1 <= shortest <= longest:
            self.add_error("longest_days", _("The longest stay is shorter than the shortest one."))
        if data.get("reviews_wanted") == 0:
            self.add_error("reviews_wanted", _("Every application needs a review."))
        return data

    def columns(self) -> dict[str, Any]:
        """Return the columns with the instant until which reviews are due."""
        return super().columns() | {"reviews_due_at": self.due.at if self.due else None}
