"""Who gets which answer at the addresses of reviews, experts, conflicts and assignments.

Minji runs one call with one application, and reviews an application of another call.
"""

from uuid import uuid4

from funding.models import AssignmentRun, CallExpert, Conflict, ReviewAssignment
from konnect.accounts.models import RoleGrant
from tests.factories.funding import ApplicationFactory, ExpertFactory, PersonFactory
from tests.funding.review_stage import drafting, reviewing_call, soon, told

SHOWN = (302, 404, 200, 404)
DONE = (302, 404, 302, 404)
HIDDEN = (302, 404, 404, 404)
NEVER = (302, 405, 405, 405)
REVIEW_TABLE: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    # One's own reviews.
    "funding:review_list": ((302, 200, 200, 200), NEVER),
    "funding:expert_answer": (SHOWN, SHOWN),
    "funding:expert_bids": (SHOWN, SHOWN),
    "funding:review_detail": (SHOWN, SHOWN),
    "funding:review_answer": (NEVER, SHOWN),
    "funding:review_declare": (NEVER, SHOWN),
    "funding:review_leave": (NEVER, SHOWN),
    # By the chair alone; and there is no such document.
    "funding:review_reopen": (NEVER, HIDDEN),
    "funding:review_document": (HIDDEN, NEVER),
    # Nothing is decided yet; and the code of the check is made up.
    "funding:review_certificate": (HIDDEN, NEVER),
    "funding:review_certificate_check": ((404,) * 4, (405,) * 4),
    # Officers and their experts.
    "funding:expert_list": (SHOWN, SHOWN),
    "funding:expert_edit": (SHOWN, SHOWN),
    "funding:call_expert_list": (SHOWN, SHOWN),
    "funding:call_expert_load": (NEVER, DONE),
    "funding:conflict_list": (SHOWN, NEVER),
    "funding:conflict_refresh": (NEVER, DONE),
    "funding:conflict_decide": (NEVER, DONE),
    "funding:assignment_detail": (SHOWN, SHOWN),
    "funding:assignment_run": (SHOWN, NEVER),
    "funding:assignment_decide": (NEVER, DONE),
    "funding:assignment_pin": (NEVER, SHOWN),
    "funding:assignment_unpin": (NEVER, DONE),
    "funding:assignment_end": (NEVER, DONE),
    "funding:assignment_ask": (NEVER, SHOWN),
    # An officer reads what reviewers agree on; there is no report to change yet.
    "funding:consensus_detail": (SHOWN, HIDDEN),
    "funding:consensus_open": (NEVER, HIDDEN),
    "funding:consensus_sign": (NEVER, SHOWN),
    "funding:consensus_reopen": (NEVER, HIDDEN),
}
REVIEW_API_TABLE: dict[str, dict[str, tuple[int, ...]]] = {
    "api:review-detail": {"get": (401, 404, 200, 404)},
    "api:review-list": {"get": (401, 200, 200, 200)},
}


def review_api_things(minji):
    """Return what the addresses of reviews in the API are about."""
    return {"api:review-detail": [own_review(minji).pk]}


def review_things(minji):
    """Return what the addresses of reviews are about."""
    call = reviewing_call()
    RoleGrant.objects.create(
        user=minji.user, role="programme_officer", scope="programme", scope_id=call.programme_id
    )
    application = told(ApplicationFactory(call=call))
    expert = ExpertFactory()
    row = CallExpert.objects.create(call=call, expert=expert, answer_by=soon(), answer="accepted")
    conflict = Conflict.objects.create(person=expert.person, application=application,
                                       kind="adviser", is_hard=False, source="declared")  # fmt: skip
    run = AssignmentRun.objects.create(call=call)
    pinned = ReviewAssignment.objects.create(
        application=application, version=application.versions.get(), reviewer=expert
    )
    whole = ("assignment_ask", "assignment_detail", "assignment_pin", "call_expert_list",
             "conflict_list", "conflict_refresh")  # fmt: skip
    return {f"funding:{name}": [call.pk] for name in whole} | {
        f"funding:consensus_{name}": [application.pk]
        for name in ("detail", "open", "sign", "reopen")
    } | {
        "funding:expert_edit": [expert.pk],
        "funding:call_expert_load": [call.pk, row.pk],
        "funding:conflict_decide": [call.pk, conflict.pk, "second"],
        "funding:assignment_run": [call.pk, run.pk],
        "funding:assignment_decide": [call.pk, run.pk, "discard"],
        "funding:assignment_unpin": [call.pk, pinned.pk],
        "funding:assignment_end": [call.pk, pinned.pk],
        **reviewed_by(minji),
    }  # fmt: skip


def own_review(minji):
    """Return a review that Minji writes."""
    person = getattr(minji.user, "funding_person", None) or PersonFactory(user=minji.user)
    expert = getattr(person, "expert", None) or ExpertFactory(person=person, side="korea")
    application = told(ApplicationFactory(call=reviewing_call()))
    CallExpert.objects.create(
        call=application.call, expert=expert, answer_by=soon(), answer="accepted"
    )
    return drafting(application, expert)


def reviewed_by(minji):
    """Return what the addresses of Minji's own review are about."""
    review = own_review(minji)
    row = CallExpert.objects.get(call=review.application.call, expert=review.reviewer)
    pages = ("detail", "answer", "declare", "leave", "reopen")
    return {
        **{f"funding:review_{name}": [review.key] for name in pages},
        "funding:review_document": [review.key, uuid4()],
        "funding:review_certificate": [row.call_id],
        "funding:review_certificate_check": ["made-up"],
        "funding:expert_answer": [row.pk],
        "funding:expert_bids": [row.pk],
    }
