"""The words of what stands in the way of an application, and where it is mended."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funding.eligibility import Problem
from funding.forms_schema import FormProblem, Schema
from funding.models import CostKind
from funding.money import money_words

WORDS: dict[str, Any] = {
    "title_missing": _("The application has no title yet."),
    "area_missing": _("Choose the area of the work."),
    "days_out_of_range": _(
        "The longest stay takes {days} days; this call pays for {least} to {most}."
    ),
    "partner_missing": _("Invite your partner from the other region."),
    "same_region": _(
        "Lead and partner must be in different regions: one in Europe, one in Korea."
    ),
    "partner_must_reconfirm": _(
        "{name} confirmed an earlier text and has to confirm what stands here now."
    ),
    "partner_not_confirmed": _("{name} has not confirmed the application yet."),
    "organisation_missing": _("The organisation of {name} is missing."),
    "region_outside": _("The organisation of {name} is neither in Europe nor in Korea."),
    "country_not_eligible": _(
        "Organisations in {country} cannot take part on the closing day ({name})."
    ),
    "organisation_type": _("No funder of this call pays the organisation of {name}."),
    "budget_missing": _("The budget is empty."),
    "over_most": _("{funder} pays {most} at most; {asked} are asked for."),
    "cost_not_eligible": _("{funder} does not pay for this: {cost}."),
    "description_missing": _("The description of the work (PDF) is missing."),
    "missing": _("{label}: not answered yet."),
    "too_long": _("{label}: {length} characters, {most} at most."),
    "too_large": _("{label}: {length} is more than {most}."),
    "not_of_its_kind": _("{label}: this answer does not fit the question."),
}


class Said(NamedTuple):
    """One problem in words; `where` is basics, people, budget, documents, or a section's code."""

    code: str
    where: str
    words: str | Promise


def said(problem: Problem) -> Said:
    """Return a problem of eligibility in words."""
    facts = dict(problem.facts)
    if problem.code == "over_most":
        currency = str(facts["currency"])
        for name in ("asked", "most"):
            facts[name] = money_words(int(str(facts[name])), currency)
    if problem.code == "cost_not_eligible":
        facts["cost"] = CostKind(str(facts["cost"])).label
    return Said(problem.code, problem.where, format_lazy(WORDS[problem.code], **facts))


def said_of_form(problem: FormProblem, schema: Schema) -> Said:
    """Return a problem of an answer in words."""
    fields = {field.code: field for field in schema.section(problem.section).fields}
    label = fields[problem.field].label(get_language() or "en")
    words = format_lazy(WORDS[problem.code], label=label, most=problem.most, length=problem.length)
    return Said(problem.code, problem.section, words)
