"""What an organisation says of itself, who speaks for it, and with whom it could go together."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from matching.forms.search import SearchForm
from matching.forms.twinnings import COLLEAGUES_SHOWN, OrganisationForm
from matching.models import Organisation, Profile, Side, Twinning
from matching.names import folded
from matching.permissions.contacts import RefusedError
from matching.permissions.twinnings import (
    may_read_plans,
    representatives,
    represents,
    works_for,
)
from matching.services.organisation_pages import (
    become_representative,
    describe_organisation,
    name_representative,
    role_blockers,
    step_down,
)
from matching.services.twinning_reasons import suggested_twins
from matching.views.asked import MemberRequest, asked_number

PARTNERS_FOUND = 10


@login_required
@require_GET
def organisation_plans(request: MemberRequest, pk: int) -> HttpResponse:
    """Show an organisation's twinnings and suggested partners to its own people."""
    organisation = get_object_or_404(Organisation, pk=pk)
    speakers = set(representatives(organisation).values_list("pk", flat=True))
    is_representative = request.user.pk in speakers
    if not (is_representative or works_for(request.user, organisation)):
        raise Http404
    form, twinnings = SearchForm(request.GET), list(Twinning.objects.of(organisation).with_sides())
    words = form.words()
    context = {
        "organisation": organisation, "twinnings": twinnings,
        "twins": suggested_twins(organisation, request.user, twinnings),
        "form": form, "words": words,
        "found": partners_named(organisation, words) if folded(words) else [],
        "is_representative": is_representative,
        "blockers": [] if is_representative else role_blockers(request.user, organisation),
        **colleagues(request, organisation, speakers),
    }  # fmt: skip
    return render(request, "matching/organisation_plans.html", context)


def partners_named(organisation: Organisation, words: str) -> list[Organisation]:
    """Return organisations of the other side with these words in a name."""
    other = Side.KOREA if organisation.side == Side.EUROPE else Side.EUROPE
    named = Organisation.objects.active().matching_words(words)
    return list(named.filter(side=other)[:PARTNERS_FOUND])


def colleagues(
    request: MemberRequest, organisation: Organisation, speakers: set[int]
) -> dict[str, object]:
    """Return who represents the organisation, and who could; speakers: ids of accounts."""
    people = Profile.objects.visible_to(request.user).published().filter(organisation=organisation)
    # Representatives first, so that a large organisation does not lose them.
    people = people.annotate(speaks=Q(user__in=speakers)).order_by("-speaks", "display_name", "pk")
    shown = list(people[:COLLEAGUES_SHOWN])
    return {
        "representatives": [person for person in shown if person.user_id in speakers],
        "number_of_representatives": len(speakers),
        "colleagues": [person for person in shown if person.user_id not in speakers],
    }


@login_required
@require_http_methods(["GET", "POST"])
def organisation_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a representative describe the organisation."""
    organisation = get_object_or_404(Organisation, pk=pk)
    if not represents(request.user, organisation):
        raise Http404
    form = OrganisationForm(request.POST or None, instance=organisation)
    if request.method == "POST" and form.is_valid():
        describe_organisation(organisation, actor=request.user, columns=form.columns())
        messages.success(request, _("The page of your organisation is saved."))
        return redirect("matching:organisation_detail", pk=pk)
    context = {"organisation": organisation, "form": form}
    return render(request, "matching/organisation_form.html", context)


@login_required
@require_POST
def representative_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin to speak for one's organisation."""
    organisation = get_object_or_404(Organisation, pk=pk)
    if not may_read_plans(request.user, organisation):
        raise Http404
    try:
        become_representative(organisation, actor=request.user)
    except RefusedError as error:
        return refused(request, organisation, error)
    messages.success(request, _("You represent your organisation now."))
    return redirect("matching:organisation_plans", pk=pk)


@login_required
@require_POST
def representative_name(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a colleague speak for the organisation, too."""
    organisation = get_object_or_404(Organisation, pk=pk)
    if not represents(request.user, organisation):
        raise Http404
    people = Profile.objects.visible_to(request.user).select_related("user")
    person = get_object_or_404(people, pk=asked_number(request, "profile"))
    try:
        name_representative(organisation, person, actor=request.user)
    except RefusedError as error:
        return refused(request, organisation, error)
    done = _("%(name)s represents the organisation now, too.") % {"name": person.name}
    messages.success(request, done)
    return redirect("matching:organisation_plans", pk=pk)


def refused(
    request: MemberRequest, organisation: Organisation, error: RefusedError
) -> HttpResponse:
    """Say why not, and lead back."""
    for blocker in error.blockers:
        messages.error(request, str(blocker.words))
    return redirect("matching:organisation_plans", pk=organisation.pk)


@login_required
@require_POST
def representative_leave(request: MemberRequest, pk: int) -> HttpResponse:
    """No longer speak for an organisation."""
    organisation = get_object_or_404(Organisation, pk=pk)
    if not step_down(organisation, actor=request.user):
        raise Http404
    messages.success(request, _("You no longer represent this organisation."))
    return redirect("matching:organisation_detail", pk=pk)
