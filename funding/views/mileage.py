"""What is made of reviews: the chair's marks, certificates of reviewers, and whether one is true."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from funding.forms.marks import MarksForm
from funding.machines import CHAIR
from funding.models import Call, Expert
from funding.services.mileage import certifiable, certificate, certified
from funding.services.review_marks import OPEN_STATES, mark_reviews, rows_of
from funding.views.asked import call_run
from funding.views.doing import tried
from matching.views.asked import MemberRequest


@login_required
@require_http_methods(["GET", "POST"])
def panel_marks(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the chair the reviews of a call, and keep how useful each was."""
    call = call_run(request, pk, CHAIR)
    form = MarksForm(request.POST or None, rows=rows_of(call, request.user))
    if not form.is_valid():
        return marks_page(request, call, form)
    if tried(
        request, lambda: mark_reviews(call, actor=request.user, marks=form.marks()),
        _("The marks are saved."),
    ):  # fmt: skip
        return redirect("funding:panel_marks", pk=pk)
    return marks_page(request, call, form)


def marks_page(request: MemberRequest, call: Call, form: MarksForm) -> HttpResponse:
    """Return the page of the marks; they stand once the decisions are out."""
    context = {"call": call, "form": form, "is_open": call.state in OPEN_STATES,
               "missing": sum(row.review.quality is None for row in form.rows)}  # fmt: skip
    return render(request, "funding/panel_marks.html", context)


@login_required
@require_GET
def review_certificate(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a reviewer the certificate of a call whose decisions are out."""
    call = get_object_or_404(certifiable(request.user), pk=pk)
    expert = get_object_or_404(Expert.objects.select_related("person"), person__user=request.user)
    headers = {
        "Content-Disposition": f'inline; filename="review-certificate-{call.pk}.pdf"',
        "X-Robots-Tag": "noindex", "Cache-Control": "private, no-store",
    }  # fmt: skip
    content = certificate(call, expert)
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@require_GET
def review_certificate_check(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether a certificate is true, to everybody who has its address."""
    found = certified(code)
    call, expert, count = found or (None, None, 0)
    context = {"call": call, "expert": expert, "count": count}
    status = 200 if found else 404
    return render(request, "funding/review_certificate.html", context, status=status)
