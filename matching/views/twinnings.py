"""Twinnings: proposing, answering, renewing, and what both do together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from konnect.states import TransitionError
from matching.forms.twinnings import ActivityForm, EndForm, TwinningAnswerForm, TwinningForm
from matching.models import Organisation, Profile, Twinning, TwinningActivity
from matching.permissions.contacts import Blocker, RefusedError
from matching.permissions.twinnings import (
    may_answer,
    may_withdraw,
    own_side,
    proposal_blockers,
    represents,
)
from matching.services.twinning_pages import sides_of
from matching.services.twinnings import (
    confirm_twinning,
    decline_twinning,
    end_twinning,
    leave_contacts,
    propose_twinning,
    record_activity,
    remove_activity,
    renew_twinning,
    withdraw_twinning,
)
from matching.views.asked import MemberRequest, asked_number


@login_required
@require_http_methods(["GET", "POST"])
def twinning_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Propose a twinning for an organisation that one represents."""
    side = get_object_or_404(Organisation, pk=pk)
    if not represents(request.user, side):
        raise Http404
    partner = get_object_or_404(Organisation, pk=asked_number(request, "partner"))
    form = TwinningForm(request.POST or None, side=side, initial=first_contacts(request))
    blockers = proposal_blockers(side, partner)
    if request.method == "POST" and form.is_valid() and not blockers:
        return propose(request, side, partner, form)
    return form_page(request, side, partner, form, blockers)


def first_contacts(request: MemberRequest) -> dict[str, Any]:
    """Return whom the form has ticked at first: whoever proposes."""
    return {
        "contacts": list(Profile.objects.filter(user=request.user).values_list("pk", flat=True))
    }


def propose(
    request: MemberRequest, side: Organisation, partner: Organisation, form: TwinningForm
) -> HttpResponse:
    """Send the proposal; a second click leads to the first one."""
    try:
        twinning = propose_twinning(
            side, partner, actor=request.user, columns=form.columns(),
            areas=form.cleaned_data["areas"], contacts=form.cleaned_data["contacts"],
        )  # fmt: skip
    except RefusedError as error:
        return form_page(request, side, partner, form, error.blockers)
    messages.success(request, _("The twinning is proposed. We tell you what the partner says."))
    return redirect(twinning)


def form_page(
    request: MemberRequest, side: Organisation, partner: Organisation, form: TwinningForm,
    blockers: list[Blocker],
) -> HttpResponse:  # fmt: skip
    """Show the form, or why nothing can be proposed."""
    context = {"side": side, "partner": partner, "form": form, "blockers": blockers}
    return render(request, "matching/twinning_form.html", context)


@require_GET
def twinning_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a twinning: the active ones to everybody."""
    return detail_page(request, visible_twinning(request, pk))


def visible_twinning(request: HttpRequest, pk: int) -> Twinning:
    """Return what this reader may see."""
    return get_object_or_404(Twinning.objects.visible_to(request.user).with_sides(), pk=pk)


def own_twinning(request: MemberRequest, pk: int) -> tuple[Twinning, Organisation]:
    """Return a twinning and the side that this person speaks for.

    Raises:
        Http404: they speak for neither.
    """
    twinning = visible_twinning(request, pk)
    side = own_side(request.user, twinning)
    if side is None:
        raise Http404
    return twinning, side


def detail_page(
    request: HttpRequest, twinning: Twinning, *, answer: TwinningAnswerForm | None = None,
    activity: ActivityForm | None = None,
) -> HttpResponse:  # fmt: skip
    """Show it with what this reader can do."""
    side = own_side(request.user, twinning)
    context = {
        "twinning": twinning, "side": side,
        "sides": sides_of(twinning, request.user, with_renewal=side is not None),
        "activities": twinning.activities.all(),
        "changes": twinning.changes.select_related("actor") if side else (),
        "is_contact": is_contact(request, twinning),
        "can_answer": may_answer(twinning, side), "can_withdraw": may_withdraw(twinning, side),
        "answer": answer or (TwinningAnswerForm(side=side) if side else None),
        "activity_form": activity or ActivityForm(),
    }  # fmt: skip
    return render(request, "matching/twinning_detail.html", context)


def is_contact(request: HttpRequest, twinning: Twinning) -> bool:
    """Tell whether the reader is a contact point of a twinning."""
    if not request.user.is_authenticated:
        return False
    return twinning.contacts.filter(profile__user=request.user).exists()


@login_required
@require_POST
def twinning_answer(request: MemberRequest, pk: int) -> HttpResponse:
    """Confirm or decline what was proposed to one's organisation."""
    twinning, side = own_twinning(request, pk)
    action = request.POST.get("action", "")
    if side.pk != twinning.partner_id or action not in {"confirm", "decline"}:
        raise Http404
    form = TwinningAnswerForm(request.POST, side=side)
    if not form.is_valid():
        return detail_page(request, twinning, answer=form)
    words, people = form.cleaned_data["words"], form.cleaned_data["contacts"]
    if action == "decline":
        act = lambda: decline_twinning(twinning, actor=request.user, words=words)  # noqa: E731 - as below
        return settled(request, twinning, gettext_lazy("You have declined the twinning."), act)
    act = lambda: confirm_twinning(twinning, actor=request.user, words=words, contacts=people)  # noqa: E731 - as above
    return settled(request, twinning, gettext_lazy("The twinning is active for a year."), act)


MOVES = {
    "withdraw": gettext_lazy("The proposal is withdrawn."),
    "renew": gettext_lazy("Your side has confirmed another year."),
    "end": gettext_lazy("The twinning is ended."),
}


@login_required
@require_POST
def twinning_move(request: MemberRequest, pk: int) -> HttpResponse:
    """Withdraw, renew or end a twinning of one's organisation."""
    twinning, side = own_twinning(request, pk)
    action, form = request.POST.get("action", ""), EndForm(request.POST)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    user = request.user
    moves: dict[str, Callable[[], object]] = {
        "renew": lambda: renew_twinning(twinning, actor=user, side=side),
        "end": lambda: end_twinning(twinning, actor=user, side=side, words=words),
    }
    if may_withdraw(twinning, side):
        moves["withdraw"] = lambda: withdraw_twinning(twinning, actor=user)
    if action not in moves:
        raise Http404
    return settled(request, twinning, MOVES[action], moves[action])


def settled(
    request: MemberRequest, twinning: Twinning, done: Any, act: Callable[[], object]
) -> HttpResponse:
    """Do it and say so, or say why it cannot be."""
    try:
        act()
    except TransitionError:
        messages.info(request, _("This twinning has changed meanwhile. Please look at it again."))
    except RefusedError as error:
        for blocker in error.blockers:
            messages.info(request, str(blocker.words))
    else:
        messages.success(request, str(done))
    return redirect(twinning)


@login_required
@require_POST
def twinning_leave(request: MemberRequest, pk: int) -> HttpResponse:
    """No longer be a contact point."""
    twinning = get_object_or_404(Twinning, pk=pk, contacts__profile__user=request.user)
    leave_contacts(twinning, actor=request.user)
    messages.success(request, _("You are no longer a contact point of this twinning."))
    return redirect("matching:organisation_detail", pk=twinning.proposer_id)


@login_required
@require_POST
def activity_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Record an activity of a twinning of one's organisation."""
    twinning, side = own_twinning(request, pk)
    form = ActivityForm(request.POST)
    if not form.is_valid():
        return detail_page(request, twinning, activity=form)
    act = lambda: record_activity(  # noqa: E731 - as in the other views
        twinning, actor=request.user, side=side, columns=form.columns()
    )
    return settled(request, twinning, gettext_lazy("The activity is recorded."), act)


@login_required
@require_POST
def activity_delete(request: MemberRequest, pk: int, activity_pk: int) -> HttpResponse:
    """Take an activity off the record."""
    twinning, _side = own_twinning(request, pk)
    activity = get_object_or_404(TwinningActivity, pk=activity_pk, twinning=twinning)
    act = lambda: remove_activity(activity, actor=request.user)  # noqa: E731 - as in the other views
    return settled(request, twinning, gettext_lazy("The activity is off the record."), act)
