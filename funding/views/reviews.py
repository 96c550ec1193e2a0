"""The reviewer's desk: what waits, answering, declaring, reading beside the form, handing in."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funding.forms.reasons import ReasonForm
from funding.forms.reviews import AnswerForm, DeclarationForm, ReviewForm, blocked_at_fields
from funding.machines import CHAIR, REVIEWER
from funding.models import CallExpert, Review, ReviewAssignment
from funding.permissions import roles_for
from funding.refusing import RefusedError
from funding.services import documents
from funding.services.mileage import certifiable, mileage_of
from funding.services.review_reading import reading_for
from funding.services.reviewing import (
    accept_review,
    assignments_of,
    begin,
    declare,
    decline_review,
    leave_review,
    reopen_review,
    reviews_of,
    save_review,
    submit_review,
)
from funding.views.doing import done, reason_of
from funding.views.saving import differing, faults_of, seen_by, standing
from konnect.states import TransitionError
from matching.services.profiles import EditConflict
from matching.views.asked import MemberRequest

# Somebody who is to answer sees what it is about, and nothing to read yet.
ASKED = ("invited", "accepted")
READABLE = ("drafting", "submitted", "locked")


def own_assignment(request: MemberRequest, key: UUID) -> ReviewAssignment:
    """Return a review that is this reader's to write.

    Raises:
        Http404: there is none, or it is somebody else's.
    """
    found: ReviewAssignment = get_object_or_404(assignments_of(request.user), key=key)
    return found


@login_required
@require_GET
def review_list(request: MemberRequest) -> HttpResponse:
    """Show what a reviewer is asked for, writes and has handed in."""
    asked = CallExpert.objects.filter(expert__person__user=request.user)
    context = {
        "assignments": reviews_of(request.user),
        "calls": asked.select_related("call").order_by("answer", "-invited_at"),
        "mileage": mileage_of(request.user),
        "certifiable": certifiable(request.user),
    }
    return render(request, "funding/review_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def review_detail(request: MemberRequest, key: UUID) -> HttpResponse:
    """Show one review where it stands: a question, a declaration, or the form beside the text."""
    assignment = own_assignment(request, key)
    if request.method == "POST":
        return saved(request, assignment)
    if assignment.state == "coi_declared" and begin(assignment, actor=request.user):
        return redirect("funding:review_detail", key=key)
    return review_page(request, assignment)


def review_page(
    request: MemberRequest, assignment: ReviewAssignment, form: ReviewForm | None = None,
    *, status: int = 200, **more: object,
) -> HttpResponse:  # fmt: skip
    """Return the page of a review; text and documents only once nothing stands against reading."""
    context: dict[str, object] = {"assignment": assignment, "call": assignment.application.call,
                                  "answer_form": AnswerForm(), "declaration_form": DeclarationForm(),
                                  "leave_form": ReasonForm(prefix="leave"), **more}  # fmt: skip
    if assignment.state in ASKED:
        context["reading"] = reading_for(assignment, request.user)
    if assignment.state in READABLE:
        review = Review.objects.prefetch_related("scores__criterion").get(assignment=assignment)
        context |= {"review": review, "reading": reading_for(assignment, request.user),
                    "form": form or form_of(assignment, review)}  # fmt: skip
    return render(request, "funding/review_detail.html", context, status=status)


def form_of(assignment: ReviewAssignment, review: Review, data: object = None) -> ReviewForm:
    """Return the form of a review, bound where something was sent."""
    criteria = list(assignment.application.call.criteria.all())
    return ReviewForm(data, review=review, criteria=criteria)


def saved(request: MemberRequest, assignment: ReviewAssignment) -> HttpResponse:
    """Keep what was typed, and hand it in where that was asked for."""
    review = get_object_or_404(Review, assignment=assignment)
    form = form_of(assignment, review, request.POST)
    if not form.is_valid():
        if request.htmx:
            return standing(request, seen_by(request), row=review, faults=faults_of(form))
        return review_page(request, assignment, form)
    try:
        kept = save_review(assignment, form.typed(), actor=request.user, number=seen_by(request))
    except EditConflict as error:
        return outdated(request, assignment, form, error.stored)
    except TransitionError:
        return ended(request, assignment)
    if request.htmx:
        return standing(request, kept.number, saved_at=kept.saved_at)
    return handed_in(request, assignment, kept)


def outdated(
    request: MemberRequest, assignment: ReviewAssignment, form: ReviewForm, stored: Review
) -> HttpResponse:
    """Say that another window saved; by hand, show what it saved beside what was typed here."""
    if request.htmx:
        # The number stays: the next save by hand shows both.
        return standing(request, seen_by(request), row=stored, is_conflict=True)
    theirs = form_of(assignment, stored)
    differences = list(differing(form.named(), theirs.named()))
    # Sent once more, what is typed here takes the place of what it was compared with.
    again = form_of(assignment, stored, {**request.POST.dict(), "number": stored.number})
    return review_page(
        request, assignment, again, status=409, stored=stored, differing=differences
    )


def ended(request: MemberRequest, assignment: ReviewAssignment) -> HttpResponse:
    """Say that nothing is kept any more."""
    words = _("This review is not open any more: nothing was changed.")
    if request.htmx:
        return standing(request, seen_by(request), faults=[words])
    messages.error(request, words)
    return redirect("funding:review_detail", key=assignment.key)


def handed_in(
    request: MemberRequest, assignment: ReviewAssignment, review: Review
) -> HttpResponse:
    """Hand the review in if the button said so; otherwise it was only kept."""
    if "submit" not in request.POST:
        messages.success(request, _("Your review is saved. You can go on later."))
        return redirect("funding:review_detail", key=assignment.key)
    try:
        submit_review(assignment, actor=request.user)
    except RefusedError as refused:
        kept = form_of(assignment, review, {**request.POST.dict(), "number": review.number})
        kept.is_valid()
        return review_page(request, assignment, blocked_at_fields(kept, refused))
    messages.success(request, _("Your review is in. Thank you!"))
    return redirect("funding:review_detail", key=assignment.key)


@login_required
@require_POST
def review_answer(request: MemberRequest, key: UUID) -> HttpResponse:
    """Take the answer to a request for a review."""
    assignment = own_assignment(request, key)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return review_page(request, assignment, answer_form=form)
    values = form.cleaned_data
    if values["answer"] == "yes":
        return moved(request, assignment, lambda: accept_review(assignment, actor=request.user))
    texts = {"reason": values["reason"], "suggestions": values["suggestions"]}
    return moved(
        request, assignment, lambda: decline_review(assignment, actor=request.user, **texts)
    )


@login_required
@require_POST
def review_declare(request: MemberRequest, key: UUID) -> HttpResponse:
    """Take what a reviewer says of their own conflicts."""
    assignment = own_assignment(request, key)
    form = DeclarationForm(request.POST)
    if not form.is_valid():
        return review_page(request, assignment, declaration_form=form)
    values = form.cleaned_data
    return moved(request, assignment, lambda: declare(assignment, actor=request.user, **values))


@login_required
@require_POST
def review_leave(request: MemberRequest, key: UUID) -> HttpResponse:
    """End one's own review before its end."""
    assignment = own_assignment(request, key)
    form = ReasonForm(request.POST, prefix="leave")
    if not form.is_valid():
        return review_page(request, assignment, leave_form=form)
    reason = form.cleaned_data["reason"]
    return moved(
        request, assignment, lambda: leave_review(assignment, actor=request.user, reason=reason)
    )


def moved(
    request: HttpRequest, assignment: ReviewAssignment, step: Callable[[], object]
) -> HttpResponse:
    """Do a step and show where the review stands now; what is refused is said in words."""
    return done(request, step, "", "funding:review_detail", assignment.key)


@login_required
@require_POST
def review_reopen(request: MemberRequest, key: UUID) -> HttpResponse:
    """Give a review back to its reviewer, by the chair."""
    rows = ReviewAssignment.objects.select_related("application__call", "reviewer__person__user")
    assignment = get_object_or_404(rows, key=key)
    if CHAIR not in roles_for(assignment.application, request.user):
        raise Http404
    return done(request, lambda: reopen_review(
        assignment, actor=request.user, reason=reason_of(request)),
        _("The review is open again; the reviewer was told."),
        "funding:consensus_detail", assignment.application_id)  # fmt: skip


@login_required
@require_GET
def review_document(request: MemberRequest, key: UUID, document: UUID) -> FileResponse:
    """Send a document of the application that the reviewer may read, under a name that tells nothing."""
    assignment = own_assignment(request, key)
    if assignment.state not in READABLE or REVIEWER not in roles_for(assignment, request.user):
        raise Http404
    found = get_object_or_404(reading_for(assignment, request.user).documents, key=document)
    path = documents.path_of(found.key)
    if not path.is_file():
        raise Http404
    name = documents.file_name(found)
    response = FileResponse(path.open("rb"), content_type="application/pdf", filename=name)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
