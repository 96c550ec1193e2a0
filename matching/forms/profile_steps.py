"""The guided form put together: which steps there are, and what each holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.forms.formsets import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import tidy_data
from matching.forms.problems import Wrong, problems_of
from matching.forms.profile_rows import (
    ListingFormSet,
    ListingRowForm,
    ProjectFormSet,
    ProjectRowForm,
    WorkFormSet,
    WorkRowForm,
)
from matching.forms.profiles import (
    CooperationForm,
    NameForm,
    OffersForm,
    ResearchForm,
    StepForm,
    VisibilityForm,
)
from matching.models import ListingKind, Profile
from matching.models.profile import MOST_ROWS as MOST_ROWS

ListingRows = formset_factory(
    ListingRowForm, ListingFormSet, extra=0, max_num=MOST_ROWS, validate_max=True,
    absolute_max=MOST_ROWS * 4,
)  # fmt: skip
WorkRows = formset_factory(
    WorkRowForm, WorkFormSet, extra=0, max_num=MOST_ROWS, validate_max=True,
    absolute_max=MOST_ROWS * 4,
)  # fmt: skip
ProjectRows = formset_factory(
    ProjectRowForm, ProjectFormSet, extra=0, max_num=MOST_ROWS, validate_max=True,
    absolute_max=MOST_ROWS * 4,
)  # fmt: skip
WORK_COLUMNS = ("doi", "title", "venue", "year")
PROJECT_COLUMNS = ("title", "identifier", "funder", "started_in", "ended_in")


@dataclass(frozen=True)
class Step:
    """One page of the guided form."""

    slug: str
    title: str | Promise
    form: type[StepForm]


STEPS = (
    Step("name", _("Name and place"), NameForm),
    Step("research", _("Research"), ResearchForm),
    Step("offers", _("Offers and wishes"), OffersForm),
    Step("cooperation", _("Working together"), CooperationForm),
    Step("visibility", _("Visibility"), VisibilityForm),
)
BY_SLUG = {step.slug: step for step in STEPS}
ROWS: dict[str, tuple[str, ...]] = {
    "offers": (ListingKind.OFFER.value, ListingKind.REQUEST.value),
    "cooperation": ("works", "projects"),
}


@dataclass
class StepPage:
    """The form of one step with its rows, empty or filled in."""

    step: Step
    form: StepForm
    rows: dict[str, Any] = field(default_factory=dict)

    def is_valid(self) -> bool:
        """Check all of it, so that every error is shown at once."""
        return all([self.form.is_valid(), *(rows.is_valid() for rows in self.rows.values())])

    @property
    def has_errors(self) -> bool:
        """Whether any part has an error."""
        return bool(self.problems)

    @property
    def problems(self) -> list[Wrong]:
        """Everything that is wrong, in the order of the page: each field with its message."""
        found = problems_of(self.form)
        for formset in self.rows.values():
            found += [(None, str(message)) for message in formset.non_form_errors()]
            for row in formset:
                found += problems_of(row)
        return found

    @property
    def number(self) -> int:
        """Which step this is, from 1."""
        return STEPS.index(self.step) + 1

    @property
    def next_step(self) -> Step | None:
        """The step after this one."""
        return STEPS[self.number] if self.number < len(STEPS) else None

    @property
    def previous_step(self) -> Step | None:
        """The step before this one."""
        return STEPS[self.number - 2] if self.number > 1 else None


def step_page(
    step: Step, profile: Profile, data: QueryDict | None = None, *, is_draft: bool = False
) -> StepPage:
    """Return the page of one step: what is stored, or what was sent."""
    tidied = tidy_data(data) if data is not None else None
    form = step.form(tidied, instance=profile, is_draft=is_draft)
    rows = {kind: rows_of(kind, profile, tidied) for kind in ROWS.get(step.slug, ())}
    return StepPage(step, form, rows)


def rows_of(kind: str, profile: Profile, data: QueryDict | None) -> BaseFormSet[Any]:
    """Return the rows of one kind."""
    formset: Any = {"works": WorkRows, "projects": ProjectRows}.get(kind, ListingRows)
    if data is not None:
        return formset(with_one_more(data, kind), prefix=kind)
    stored = [*stored_rows(kind, profile)]
    blank: list[dict[str, Any]] = [{}] if len(stored) < MOST_ROWS else []
    return formset(initial=[*stored, *blank], prefix=kind)


def with_one_more(data: QueryDict, kind: str) -> QueryDict:
    """Return the data with another empty row when the button for that was pressed."""
    total = data.get(f"{kind}-TOTAL_FORMS", "")
    if data.get("action") == f"add-{kind}" and total in map(str, range(MOST_ROWS)):
        data[f"{kind}-TOTAL_FORMS"] = str(int(total) + 1)
    return data


def stored_rows(kind: str, profile: Profile) -> Iterable[dict[str, Any]]:
    """Return what is stored, as the rows show it."""
    if kind == "works":
        return profile.works.values(*WORK_COLUMNS)
    if kind == "projects":
        return profile.projects.values(*PROJECT_COLUMNS)
    live = profile.listings.simple().filter(kind=kind, state__in=("draft", "open"))
    listings = live.order_by("pk")
    return [
        {"listing_id": row.pk, "title_en": row.title_en, "title_ko": row.title_ko}
        for row in listings[:MOST_ROWS]
    ]
