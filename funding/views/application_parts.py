"""Budget and documents of an application."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funding.forms.applications import BudgetForm, DocumentForm, close
from funding.models import Application, Document, ReviewAssignment
from funding.pdf_check import MOST_BYTES
from funding.refusing import RefusedError
from funding.services.budgets import budget_sum, budgets_differ, save_budget, sums_of
from funding.services.documents import (
    TOO_LARGE,
    add_document,
    file_name,
    may_read,
    path_of,
    remove_document,
)
from funding.services.draft_content import read_draft
from funding.views.application_asked import application_edited, frame_of
from funding.views.applications import as_pdf
from funding.views.doing import say_refusal, tried, words_of
from matching.services.profiles import EditConflict
from matching.views.asked import MemberRequest

View = Callable[..., HttpResponse]
BUDGET_PAGE = "funding/application_budget.html"
# The other fields of the form and the frame around the file.
FRAME = 64 * 1024


@login_required
@require_http_methods(["GET", "POST"])
def application_budget(request: MemberRequest, pk: int) -> HttpResponse:
    """Show and save what is asked of whom; sums are shown while one types."""
    application = application_edited(request, pk)
    draft = read_draft(application)
    data = request.POST if request.method == "POST" else None
    form = BudgetForm(data, sums=sums_of(draft), lines=draft.lines)
    context = {**frame_of(request, application), "form": form, "sums": form.sums,
               "seen": budget_sum(draft.lines) if data is None else data.get("seen", "")}  # fmt: skip
    if not context["window"].is_whole:
        close(form)
    is_valid = request.method == "POST" and form.is_valid()
    if request.htmx and request.method == "POST":
        context["sums"] = form.sums_as_typed()
        return render(request, "funding/application_budget.html#sums", context)
    if is_valid:
        return budget_saved(request, application, form, context)
    return render(request, BUDGET_PAGE, context)


def budget_saved(
    request: MemberRequest, application: Application, form: BudgetForm, context: dict[str, Any]
) -> HttpResponse:
    """Save what was typed; show beside it what somebody else saved meanwhile."""
    try:
        save_budget(application, form.wanted, seen=context["seen"], actor=request.user)
    except RefusedError as error:
        say_refusal(request, error)
        return render(request, BUDGET_PAGE, context)
    except EditConflict:
        stored = read_draft(application)
        context |= {"stored": stored, "differing": list(budgets_differ(stored, form.wanted)),
                    "seen": budget_sum(stored.lines), "sums": form.sums_as_typed()}  # fmt: skip
        return render(request, BUDGET_PAGE, context, status=409)
    if "more" in request.POST:
        return redirect("funding:application_budget", application.pk)
    return redirect(application)


def small_enough(view: View) -> View:
    """Refuse what says itself to be too large before anything of it is read.

    Looking for the token against forged requests reads the whole form; it is looked for inside.
    """
    guarded = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def looked_at(request: HttpRequest, pk: int) -> HttpResponse:
        length = request.headers.get("content-length") or "0"
        if request.method == "POST" and length.isdigit() and int(length) > MOST_BYTES + FRAME:
            answer = render(request, "funding/application_too_large.html",
                            {"words": TOO_LARGE.words, "pk": pk}, status=413)  # fmt: skip
            answer["Connection"] = "close"
            return answer
        return guarded(request, pk)

    return looked_at


@small_enough
@login_required
@require_http_methods(["GET", "POST"])
def application_documents(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the documents and take another one."""
    application = application_edited(request, pk)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and taken(request, application, form):
        return redirect("funding:application_documents", application.pk)
    draft = read_draft(application)
    context = {**frame_of(request, application), "form": form, "documents": draft.documents}
    return render(request, "funding/application_documents.html", context)


def taken(request: MemberRequest, application: Application, form: DocumentForm) -> bool:
    """Keep a file, or say in the form why not."""
    file: UploadedFile[bytes] = form.cleaned_data["file"]
    try:
        document = add_document(
            application, kind=form.cleaned_data["kind"], name=file.name or "",
            chunks=file.chunks(), actor=request.user,
        )  # fmt: skip
    except RefusedError as error:
        form.add_error("file", words_of(error))
        return False
    words = _("%(name)s is stored: %(pages)d pages.")
    messages.success(request, words % {"name": document.name, "pages": document.pages})
    return True


@login_required
@require_POST
def document_remove(request: MemberRequest, pk: int, key: UUID) -> HttpResponse:
    """Take a document out of the draft."""
    application = application_edited(request, pk)
    said = _("The document is removed.")
    tried(request, lambda: remove_document(application, key, actor=request.user), said)
    return redirect("funding:application_documents", application.pk)


@login_required
@require_GET
def application_document(request: MemberRequest, pk: int, key: UUID) -> HttpResponse:
    """Send a document to whoever may read it, under a name that tells nothing."""
    rows = Document.objects.select_related("application__call", "application__lead")
    document = get_object_or_404(rows, application=pk, key=key)
    scored = ReviewAssignment.objects.filter(
        application=pk, reviewer__person__user=request.user, state__in=("submitted", "locked")
    )
    if not may_read(document, request.user, own_score_is_in=scored.exists()):
        raise Http404
    try:
        data = path_of(document.key).read_bytes()
    except FileNotFoundError as error:
        raise Http404 from error
    return as_pdf(data, file_name(document), inline=True)
