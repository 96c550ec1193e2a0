"""What the pages of reports and results show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from funding.machines import OFFICER
from funding.models import Grant, ReportDue
from funding.permissions import roles_for
from funding.services.follow_ups import evaluators_for, may_tell
from funding.services.grant_pages import FOLLOW_UPS, lines_of
from funding.services.report_content import problems_of, public_part, schema_for
from funding.services.report_dates import OPEN_STATES
from funding.services.reports import TO_BEGIN, draft_of, may_write, was_hidden

if TYPE_CHECKING:
    from konnect.accounts.models import User

MARK_WORDS = {
    "science": _("New knowledge"), "partnership": _("A partnership that lasts"),
    "people": _("People who learnt or moved on"), "use": _("Use outside of science"),
}  # fmt: skip
WRITABLE = (*TO_BEGIN, "draft")


def report_page_of(due: ReportDue, user: User) -> dict[str, Any]:
    """Return everything that the page of a report shows but its form.

    sections: each with its answers, as far as the reader may see them: what is not handed in is
    read by those who write it.
    """
    roles, writes = roles_for(due, user), may_write(due, user)
    draft = draft_of(due)
    versions = list(due.versions.order_by("-number"))
    handed_in = next((row for row in versions if row.submitted_at), None)
    is_writing = writes and due.state in WRITABLE
    shown = draft if is_writing else handed_in
    answers = shown.answers if shown else {}
    officer, schema = OFFICER in roles, schema_for(due)
    return {
        "due": due, "grant": due.grant, "application": due.grant.decision.application,
        "line": lines_of([due])[0], "may_write": is_writing, "is_officer": officer,
        "sections": [(section, answers.get(section.code, {}))
                     for section in schema.sections],
        "number": draft.draft_number, "row": draft if draft.pk else None,
        "has_text": shown is not None,
        "problems": problems_of(due) if is_writing else [],
        "note": handed_in.officer_note if handed_in and due.state == "returned" else "",
        "may_judge": officer and due.state == "submitted",
        "may_publish": officer and due.state == "approved" and bool(public_part(due)),
        "may_hide": officer and due.state == "published", "was_hidden": was_hidden(due),
        "public_page": reverse("funding:project_detail", args=[due.grant_id]),
        "has_public_part": any(field.public for _section, field in schema.fields()),
        "may_extend": officer and due.state in OPEN_STATES,
        "handed_in": handed_in,
    }  # fmt: skip


def results_page_of(grant: Grant, user: User) -> dict[str, Any]:
    """Return everything that the page about the results of a grant shows."""
    outputs = list(grant.outputs.all())
    rows = grant.follow_ups.select_related("due", "judged_by").prefetch_related("due__extensions")
    officer = OFFICER in roles_for(grant, user)
    return {
        "grant": grant, "application": grant.decision.application,
        "may_tell": may_tell(grant, user), "is_officer": officer,
        "asked": [row for row in outputs if row.is_confirmed is None],
        "confirmed": [row for row in outputs if row.is_confirmed],
        "refused": [row for row in outputs if row.is_confirmed is False],
        "later": grant.follow_ons.select_related("next_grant__decision__application"),
        "follow_ups": [follow_up_of(row, user) for row in rows],
        "experts": evaluators_for(grant) if officer else [],
    }  # fmt: skip


def follow_up_of(row: Any, user: User) -> dict[str, Any]:
    """Return one follow-up: its report, its marks, and whether the reader gives them."""
    is_mine = row.judged_by is not None and row.judged_by.user_id == user.pk
    return {
        "row": row, "name": FOLLOW_UPS[row.year], "line": lines_of([row.due])[0],
        "marks": [(MARK_WORDS[code], mark) for code, mark in row.rubric.items()],
        "may_judge": is_mine and not row.rubric,
    }  # fmt: skip
