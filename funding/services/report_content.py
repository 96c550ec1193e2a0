"""What a report asks and says: its form, its newest version, what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from funding.forms_schema import FormProblem, Schema, problems, public_texts, schema_of
from funding.models import Form, Report
from funding.refusing import Blocker
from funding.report_forms import REPORT_FORMS

if TYPE_CHECKING:
    from funding.models import ReportDue


def schema_for(due: ReportDue) -> Schema:
    """Return the form of a report: the call's own, or the standard one of its kind."""
    call = due.grant.decision.application.call_id
    own = Form.objects.filter(call=call, kind=due.kind).order_by("-number").first()
    return schema_of(own.schema if own else REPORT_FORMS[due.kind])


def newest(due: ReportDue) -> Report | None:
    """Return the newest version of a report: the draft, or what was submitted last."""
    return Report.objects.filter(due=due).order_by("-number").first()


def answers_of(due: ReportDue) -> dict[str, dict[str, Any]]:
    """Return what the newest version says."""
    found = newest(due)
    return found.answers if found else {}


def public_part(due: ReportDue) -> dict[str, str]:
    """Return what everybody may read of a report that is approved, by language."""
    handed_in = Report.objects.filter(due=due, submitted_at__isnull=False)
    found = handed_in.order_by("-number").first()
    return public_texts(schema_for(due), found.answers) if found else {}


def problems_of(due: ReportDue) -> list[Blocker]:
    """Return what keeps a report from being submitted, in words."""
    schema = schema_for(due)
    return [words_of(schema, each) for each in problems(schema, answers_of(due))]


def words_of(schema: Schema, problem: FormProblem) -> Blocker:
    """Say what is wrong with one answer."""
    section = schema.section(problem.section)
    field = next(each for each in section.fields if each.code == problem.field)
    words = {
        "missing": _("“%(question)s” is not answered yet."),
        "missing_public": _(
            "The summary for everybody is missing: one language, English or Korean, is enough."
        ),
        "too_long": _("“%(question)s”: %(length)s characters, %(most)s at most."),
        "too_large": _("“%(question)s”: %(most)s at most."),
        "not_of_its_kind": _("“%(question)s” has an answer that does not fit."),
    }[problem.code]
    facts = {
        "question": field.label(get_language() or "en"), "length": problem.length,
        "most": problem.most,
    }  # fmt: skip
    return Blocker(problem.code, words % facts)
