"""What panels wait for: the chair to decide, everybody to agree to the release."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from funding.models import Call, FunderOfficer, PanelMember, RankList, Release
from funding.permissions import programmes_run_by
from funding.services.waiting import Waiting

if TYPE_CHECKING:
    from konnect.accounts.models import User


def panels_waiting(user: User) -> Iterator[Waiting]:
    """Yield what panels wait for somebody to do; seven queries, however many there are."""
    yield from chair_waits(user)
    yield from lists_wait(user)
    own = FunderOfficer.objects.filter(user=user).values("funder")
    given = Release.objects.filter(call=OuterRef("pk"), funder__in=own)
    rows = Call.objects.filter(state="decided", commitments__funder__in=own)
    for call in rows.exclude(Exists(given)).distinct():
        yield waiting(call, _("Agree to the release of the decisions for your funder"), "release")


def chair_waits(user: User) -> Iterator[Waiting]:
    """Yield what waits for whoever is in the chair."""
    chairs = PanelMember.objects.filter(person__user=user, is_chair=True).values("panel__call")
    lists = RankList.objects.filter(call__in=chairs)
    frozen = set(lists.filter(frozen_at__isnull=False).values_list("call", flat=True))
    rows = Call.objects.filter(pk__in=chairs)
    # Before the officer has computed a list there is nothing to look at.
    for call in rows.filter(Exists(lists.filter(call=OuterRef("pk"))), state="panel"):
        if call.pk in frozen:
            yield waiting(call, _("Take the decisions and close them"), "allocation")
        else:
            yield waiting(call, _("Look at the ranking and freeze it"), "ranking")
    agreed = Release.objects.filter(call=OuterRef("pk"), funder=None)
    for call in rows.filter(state="decided").exclude(Exists(agreed)):
        yield waiting(call, _("Agree to the release of the decisions as chair"), "release")


def lists_wait(user: User) -> Iterator[Waiting]:
    """Yield the calls before the panel for which an officer has computed no list."""
    programmes = list(programmes_run_by(user).values_list("pk", flat=True))
    calls = Call.objects.filter(programme__in=programmes, state="panel")
    for call in calls.exclude(Exists(RankList.objects.filter(call=OuterRef("pk")))):
        yield waiting(call, _("Compute the ranked list for the panel"), "ranking")


def waiting(call: Call, words: str, page: str) -> Waiting:
    """Return one thing that waits on a page of a panel."""
    return Waiting(words, reverse(f"funding:panel_{page}", args=[call.pk]), None, str(call))
