"""Experts of a call: asked with a deadline, answering, bidding for what they would like to read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.machines import OFFICER
from funding.models import ACTIVE, Application, Bid, Call, CallExpert, Conflict, Expert, Verdict
from funding.permissions import roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.conflicts import refresh_conflicts
from funding.services.experts import agree_to_pool
from funding.services.ledger import record
from funding.services.people import person_of
from funding.services.waiting import Waiting
from konnect.accounts.services.notifications import Title, notify

if TYPE_CHECKING:
    from konnect.accounts.models import User

KIND = "reviews"
REMINDED_BEFORE = timedelta(days=3)
TOO_LATE = Blocker("too_late", _("The time to answer is over, or you have answered already."))
IN_THE_PAST = Blocker("in_the_past", _("The last day to answer has to lie ahead."))
Answer = CallExpert.Answer


@transaction.atomic
def invite_experts(
    call: Call, experts: Collection[Expert], *, actor: User, answer_by: datetime,
    least: int = 0, most: int = 5,
) -> int:  # fmt: skip
    """Ask experts to review in a call; who was asked before is passed over. Return how many are new.

    Raises:
        PermissionDenied, RefusedError: not the officer; the deadline has passed.
    """
    if OFFICER not in roles_for(call, actor):
        raise PermissionDenied
    if answer_by <= timezone.now():
        raise RefusedError([IN_THE_PAST])
    new = 0
    for expert in experts:
        row, is_new = CallExpert.objects.get_or_create(
            call=call, expert=expert,
            defaults={"answer_by": answer_by, "least": least, "most": min(most, expert.most) or 1},
        )  # fmt: skip
        new += is_new
        if is_new:
            tell(row, "invited", _("You are asked to review in a mobility call"))
    record(call, "invite_experts", actor=person_of(actor), after={"count": new})
    refresh_conflicts(call, people={expert.person_id for expert in experts})
    return new


def tell(row: CallExpert, what: str, title: Title) -> None:
    """Tell an expert news about a call that asks for them; a lazy title is read in each language."""
    user = row.expert.person.user
    if user is not None:
        address = reverse("funding:expert_answer", args=[row.pk])
        notify(user, KIND, key=f"call_expert:{row.pk}:{what}", title=title, address=address)


@transaction.atomic
def answer(
    row: CallExpert, *, actor: User, accepts: bool, most: int | None = None, reason: str = "",
    suggestions: str = "",
) -> None:  # fmt: skip
    """Say yes with a load, or no with a reason and perhaps with who could instead.

    Raises:
        PermissionDenied, RefusedError: it is not theirs; the time is over.
    """
    if row.expert.person.user_id != actor.pk:
        raise PermissionDenied
    columns: dict[str, object] = {
        "answer": Answer.ACCEPTED if accepts else Answer.DECLINED, "answered_at": timezone.now(),
        "reason": reason[:300], "suggestions": suggestions[:500],
    }  # fmt: skip
    if accepts and most is not None:
        columns |= {"most": most, "least": min(row.least, most)}
    open_rows = CallExpert.objects.filter(pk=row.pk, answer=Answer.INVITED, answer_by__gt=Now())
    if not open_rows.update(**columns):
        raise RefusedError([TOO_LATE])
    if accepts:
        agree_to_pool(row.expert)
    facts = {"expert": row.expert_id, "accepts": accepts}
    record(row.call, "expert_answers", actor=person_of(actor), after=facts)


def change_loads(row: CallExpert, *, actor: User, least: int, most: int) -> None:
    """Change how many an expert is given, at least and at most.

    Raises:
        PermissionDenied: not the officer. IntegrityError: least above most.
    """
    if OFFICER not in roles_for(row.call, actor):
        raise PermissionDenied
    CallExpert.objects.filter(pk=row.pk).update(least=least, most=most)


def experts_of(call: Call) -> QuerySet[CallExpert]:
    """Return the experts of a call, with how many reviews each has now."""
    active = Q(expert__assignments__application__call=call, expert__assignments__state__in=ACTIVE)
    rows = CallExpert.objects.filter(call=call).select_related(
        "expert__person__user__profile__organisation"
    )
    rows = rows.prefetch_related("expert__areas")
    load = Count("expert__assignments", active, distinct=True)
    return rows.annotate(load=load).order_by("answer", "expert__person__name", "pk")


def end_late_invitations() -> int:
    """Remind shortly before the deadline, and end what nobody answered in time."""
    late = CallExpert.objects.filter(answer=Answer.INVITED, answer_by__lte=Now())
    ended = late.update(answer=Answer.EXPIRED)
    soon = CallExpert.objects.filter(
        answer=Answer.INVITED, reminded_at=None, answer_by__lt=timezone.now() + REMINDED_BEFORE,
        invited_at__lt=timezone.now() - REMINDED_BEFORE,
    )  # fmt: skip
    for row in soon.select_related("expert__person__user"):
        with transaction.atomic():
            if CallExpert.objects.filter(pk=row.pk, reminded_at=None).update(reminded_at=Now()):
                tell(row, "reminded", _("Please say whether you can review in a mobility call"))
    return ended


# --- Bids -----------------------------------------------------------------------------------------


def biddable(row: CallExpert) -> list[Application]:
    """Return what an expert may bid for: everything before reviewers without a conflict."""
    conflicts = Conflict.objects.filter(person=row.expert.person_id, verdict=Verdict.STANDS)
    rows = row.call.applications.filter(state__in=("eligible", "in_review"))
    rows = rows.exclude(pk__in=conflicts.values("application")).select_related("area", "call")
    return list(rows.order_by("number").prefetch_related("redactions"))


@transaction.atomic
def place_bids(row: CallExpert, values: Mapping[int, int], *, actor: User) -> int:
    """Keep how gladly an expert would read each application; what they may not read is left out.

    Raises:
        PermissionDenied: it is not theirs, or they have not agreed to review.
    """
    if row.expert.person.user_id != actor.pk or row.answer != Answer.ACCEPTED:
        raise PermissionDenied
    allowed = {each.pk for each in biddable(row)}
    bids = [
        Bid(expert=row.expert, application_id=pk, value=value)
        for pk, value in values.items()
        if pk in allowed and -2 <= value <= 2
    ]
    Bid.objects.bulk_create(
        bids, update_conflicts=True, update_fields=["value"],
        unique_fields=["application", "expert"],
    )  # fmt: skip
    return len(bids)


def bids_by(row: CallExpert) -> dict[int, int]:
    """Return the bids of an expert in a call, by application."""
    rows = Bid.objects.filter(expert=row.expert_id, application__call=row.call_id)
    return dict(rows.values_list("application", "value"))


def invitations_waiting(user: User) -> list[Waiting]:
    """Return the calls that wait for an expert's answer; one query."""
    rows = CallExpert.objects.filter(
        expert__person__user=user, answer=Answer.INVITED, answer_by__gt=Now()
    )
    return [
        Waiting(_("Say whether you can review"), reverse("funding:expert_answer", args=[row.pk]),
                row.answer_by, str(row.call))
        for row in rows.select_related("call")
    ]  # fmt: skip
