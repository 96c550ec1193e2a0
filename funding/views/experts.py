"""The pool of experts, the experts of a call, and what an expert answers and bids."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from funding.forms.experts import (
    BidForm,
    ExpertAddForm,
    ExpertForm,
    InviteForm,
    LoadForm,
    PoolForm,
)
from funding.forms.reviews import CallAnswerForm, blocked
from funding.machines import OFFICER
from funding.models import CallExpert, Expert
from funding.refusing import RefusedError
from funding.services.expert_invitations import (
    answer,
    biddable,
    bids_by,
    change_loads,
    experts_of,
    invite_experts,
    place_bids,
)
from funding.services.experts import (
    add_expert,
    change_expert,
    competence_of,
    may_see_pool,
    pool,
    with_figures,
)
from funding.views.asked import call_run
from funding.views.doing import query_of, words_of
from matching.views.asked import MemberRequest

PAGE_SIZE = 50


def officer_of_pool(request: MemberRequest) -> None:
    """Raise Http404 for everybody who looks after no reviewers."""
    if not may_see_pool(request.user):
        raise Http404


@login_required
@require_http_methods(["GET", "POST"])
def expert_list(request: MemberRequest) -> HttpResponse:
    """Show the pool, and take somebody into it."""
    officer_of_pool(request)
    form = ExpertAddForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            expert = add_expert(form.cleaned_data["email"], actor=request.user)
            return redirect("funding:expert_edit", pk=expert.pk)
        except RefusedError as refused:
            blocked(form, words_of(refused))
    look = PoolForm(request.GET)
    rows = with_figures(pool(**look.asked()))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "look": look, "page": page,
               "query": query_of(request.GET, "q", "side")}  # fmt: skip
    return render(request, "funding/expert_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def expert_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what shows that an expert knows the field, and change what the pool knows."""
    officer_of_pool(request)
    expert = get_object_or_404(Expert.objects.select_related("person__user__profile"), pk=pk)
    form = ExpertForm(request.POST or None, instance=expert)
    if request.method == "POST" and form.is_valid():
        change_expert(expert, actor=request.user, **form.cleaned_data)
        messages.success(request, _("The entry is saved."))
        return redirect("funding:expert_list")
    context = {"expert": expert, "form": form, "competence": competence_of(expert)}
    return render(request, "funding/expert_form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def call_expert_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the experts of a call, and ask more of them."""
    call = call_run(request, pk, OFFICER)
    form = InviteForm(request.POST or None, call=call)
    if request.method == "POST" and form.is_valid():
        try:
            count = invite_experts(call, actor=request.user, **form.cleaned_data)
        except RefusedError as refused:
            blocked(form, words_of(refused))
        else:
            words = ngettext("%(count)d expert was asked.", "%(count)d experts were asked.", count)
            messages.success(request, words % {"count": count})
            return redirect("funding:call_expert_list", pk=pk)
    context = {"call": call, "form": form, "rows": experts_of(call)}
    return render(request, "funding/call_expert_list.html", context)


@login_required
@require_POST
def call_expert_load(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Change how many reviews an expert is given in a call."""
    row = get_object_or_404(CallExpert, call=call_run(request, pk, OFFICER), pk=number)
    form = LoadForm(request.POST)
    if form.is_valid():
        change_loads(row, actor=request.user, **form.cleaned_data)
        messages.success(request, _("The load is changed; the next run takes it into account."))
    else:
        messages.error(request, _("At least cannot be more than at most."))
    return redirect("funding:call_expert_list", pk=pk)


def own_row(request: MemberRequest, pk: int) -> CallExpert:
    """Return the reader's own place in a call.

    Raises:
        Http404: it is somebody else's.
    """
    rows = CallExpert.objects.select_related("call", "expert__person")
    return get_object_or_404(rows.filter(expert__person__user=request.user), pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def expert_answer(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask an expert whether they review in a call."""
    row = own_row(request, pk)
    form = CallAnswerForm(request.POST or None, initial={"most": row.most})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            answer(row, actor=request.user, accepts=values["answer"] == "yes", most=values["most"],
                   reason=values["reason"], suggestions=values["suggestions"])  # fmt: skip
        except RefusedError as refused:
            blocked(form, words_of(refused))
        else:
            messages.success(request, _("Thank you: your answer is kept."))
            return redirect("funding:review_list")
    context = {"row": row, "call": row.call, "form": form}
    return render(request, "funding/expert_answer.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def expert_bids(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask an expert how gladly they would read what; nobody's name stands here."""
    row = own_row(request, pk)
    if row.answer != CallExpert.Answer.ACCEPTED:
        raise Http404
    form = BidForm(request.POST or None, applications=biddable(row), bids=bids_by(row))
    if request.method == "POST" and form.is_valid():
        place_bids(row, form.bids(), actor=request.user)
        messages.success(request, _("Your wishes are kept. They are one part of the assignment."))
        return redirect("funding:review_list")
    context = {"row": row, "call": row.call, "form": form}
    return render(request, "funding/expert_bids.html", context)
