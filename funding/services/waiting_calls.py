"""What calls wait for: approvals, and the next step of those who run them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _

from funding.models import (
    Call,
    CallApproval,
    FunderOfficer,
    LateToken,
)
from funding.permissions import calls_run_by, programmes_run_by
from funding.services.screening import unjudged_by
from funding.services.waiting import Waiting

if TYPE_CHECKING:
    from konnect.accounts.models import User


def calls_waiting(user: User) -> Iterator[Waiting]:
    """Yield the calls that wait for somebody; eleven queries, however many there are."""
    programmes = list(programmes_run_by(user).values_list("pk", flat=True))
    if programmes:
        yield from officer_waits(user, programmes)
    funders = list(FunderOfficer.objects.filter(user=user).values_list("funder_id", flat=True))
    if funders:
        yield from funder_waits(user, funders)
    if programmes or funders:
        yield from opinions_wait(user)


def officer_waits(user: User, programmes: list[int]) -> Iterator[Waiting]:
    """Yield what waits for programme officers."""
    calls = Call.objects.filter(programme__in=programmes)
    for call in calls.filter(state="draft"):
        yield waiting(call, _("Complete the call and send it for approval"))
    # One approval of the officer is enough, whoever of them gave it.
    given = CallApproval.objects.filter(funder=None).values("call")
    for call in calls.filter(state="in_approval").exclude(pk__in=given):
        yield waiting(call, _("Approve the call as programme officer"))
    for call in calls.filter(state="approved", closes_at__lte=Now()):
        yield waiting(call, _("The call has closed: begin the eligibility check"))
    tokens = LateToken.objects.filter(call__in=calls, approved_by=None, valid_until__gt=Now())
    for token in tokens.exclude(granted_by__user=user).select_related("call"):
        words = _("A second officer must agree to a late submission")
        url = reverse("funding:call_late", args=[token.call_id])
        yield Waiting(words, url, token.valid_until, str(token.call))


def funder_waits(user: User, funders: list[int]) -> Iterator[Waiting]:
    """Yield what waits for those who speak for funders."""
    given = CallApproval.objects.filter(funder__in=funders, call__state="in_approval")
    done = set(given.values_list("call_id", "funder_id"))
    rows = Call.objects.filter(state="in_approval", commitments__funder__in=funders)
    for call in (
        rows.exclude(approvals__approved_by=user).distinct().prefetch_related("commitments")
    ):
        own = {row.funder_id for row in call.commitments.all()} & set(funders)
        if any((call.pk, funder) not in done for funder in own):
            yield waiting(call, _("Read the call and approve it for your funder"))


def opinions_wait(user: User) -> Iterator[Waiting]:
    """Yield the calls in which somebody has not said yet what they found about an application."""
    for call in calls_run_by(user).filter(pk__in=unjudged_by(user).values("call")):
        url = reverse("funding:screening_list", args=[call.pk])
        yield Waiting(_("Say which applications may take part"), url, None, str(call))


def waiting(call: Call, words: str) -> Waiting:
    """Return one thing that waits on a call's control room."""
    return Waiting(words, reverse("funding:call_manage", args=[call.pk]), None, str(call))
