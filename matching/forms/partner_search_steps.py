"""The form of a partner search put together: which steps there are, and what each holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import tidy_data
from matching.forms.consortium_rows import member_rows
from matching.forms.moments import DeadlineForm
from matching.forms.partner_search_terms import CallForm, ConditionsForm, DatesForm
from matching.forms.partner_searches import ConsortiumForm, IdeaForm, OfferForm, PartnerForm
from matching.forms.problems import Wrong, problems_of
from matching.forms.search_step import SearchStepForm
from matching.models import DeadlineKind, Listing


@dataclass(frozen=True)
class SearchStep:
    """One page of the form."""

    slug: str
    title: str | Promise
    hint: str | Promise
    form: type[SearchStepForm]


STEPS = (
    SearchStep("idea", _("The idea"), _("What it is about, in a title and a few sentences."), IdeaForm),
    SearchStep("call", _("The call"), _("Where the money is to come from, if you know already."), CallForm),
    SearchStep("offer", _("What you bring"), _("Your part, and what only some shall read."), OfferForm),
    SearchStep("partner", _("Whom you seek"), _("Expertise, work, role and place of your partners."), PartnerForm),
    SearchStep("consortium", _("Consortium so far"), _("Who is in already; we show what is missing."), ConsortiumForm),
    SearchStep("conditions", _("Money and conditions"), _("Budget, duration, readiness and rights."), ConditionsForm),
    SearchStep("dates", _("Dates"), _("Deadlines of both sides, each by its own clocks."), DatesForm),
)  # fmt: skip
BY_SLUG = {step.slug: step for step in STEPS}
FIRST = STEPS[0]


@dataclass
class SearchStepPage:
    """The form of one step with its rows, empty or filled in."""

    step: SearchStep
    form: SearchStepForm
    members: Any = None
    deadlines: list[DeadlineForm] = field(default_factory=list)

    @property
    def parts(self) -> list[Any]:
        """Everything that is checked."""
        return [self.form, *([self.members] if self.members is not None else []), *self.deadlines]

    def is_valid(self) -> bool:
        """Check all of it, so that every error is shown at once."""
        return all([part.is_valid() for part in self.parts])  # noqa: C419 - none is left out

    @property
    def has_errors(self) -> bool:
        """Whether any part has an error."""
        return any(part.is_bound and not part.is_valid() for part in self.parts)

    @property
    def problems(self) -> list[Wrong]:
        """Everything that is wrong, in the order of the page: each field with its message."""
        found = problems_of(self.form)
        if self.members is not None:
            found += [(None, str(message)) for message in self.members.non_form_errors()]
        for row in [*(self.members or ()), *self.deadlines]:
            found += problems_of(row)
        return found

    @property
    def number(self) -> int:
        """Which step this is, from 1."""
        return STEPS.index(self.step) + 1

    @property
    def next_step(self) -> SearchStep | None:
        """The step after this one."""
        return STEPS[self.number] if self.number < len(STEPS) else None

    @property
    def previous_step(self) -> SearchStep | None:
        """The step before this one."""
        return STEPS[self.number - 2] if self.number > 1 else None

    def written(self) -> dict[str, Any]:
        """Return what the service writes."""
        form = self.form
        found: dict[str, Any] = {
            "columns": form.columns(),
            "search_columns": form.search_columns(),
        }
        found |= form.relations()
        if self.members is not None:
            found["members"] = self.members.rows()
        if self.deadlines:
            rows = [deadline.row() for deadline in self.deadlines]
            found["deadlines"] = [row for row in rows if row is not None]
        return found


def search_step_page(
    step: SearchStep, listing: Listing, data: QueryDict | None = None
) -> SearchStepPage:
    """Return the page of one step: what is stored, or what was sent."""
    tidied = tidy_data(data) if data is not None else None
    page = SearchStepPage(step, step.form(tidied, listing=listing))
    if step.slug == "consortium":
        page.members = member_rows(listing, tidied)
    if step.slug == "dates":
        stored = {row.kind: row for row in listing.deadlines.all()}
        page.deadlines = [
            DeadlineForm(tidied, kind=kind, stored=stored.get(kind)) for kind in DeadlineKind
        ]
    return page
