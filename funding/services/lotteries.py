"""Lots that anybody can draw again: a promise before, a public value after, an order from both."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funding.lottery import commitment, draw, ticket, verify
from funding.models import Application, Call, LotteryDraw, RankItem, RankList
from funding.ranking import LOTTERY, SCORE
from funding.refusing import Blocker, RefusedError
from funding.services.ledger import record
from funding.services.panels import runs_panel
from funding.services.people import person_of
from funding.services.rank_inputs import inputs_of
from funding.services.rank_lists import (
    FROZEN,
    NO_CHOICE,
    NOT_IN_PANEL,
    OUTDATED,
    placed_by,
    shown,
    undrawn_of,
)
from konnect.accounts.text import tidy

if TYPE_CHECKING:
    from konnect.accounts.models import User

SEED_BYTES = 32
# Who takes part: only those that nothing else parts, or everybody whose interval meets the line.
TIES, ZONE = "ties", "zone"
SCOPES = ((TIES, _("Only applications that are equal in everything")),
          (ZONE, _("All applications in the zone around the line")))  # fmt: skip
NOTHING_TO_DRAW = Blocker("nothing_to_draw", _("There is nothing to draw lots for."))
NO_SOURCE = Blocker("no_source", _("Say which public value is going to be taken, and of when."))
PROMISED = Blocker("promised", _("A lottery was promised for this list already."))
DRAWN = Blocker("drawn", _("The lots are drawn: they stand."))
NO_VALUE = Blocker("no_value", _("Enter the public value as it was published."))


def label(application: Application) -> str:
    """Return the name of an application in the lottery: its number in the call, and no person."""
    return f"{tidy(application.call.number).strip()}/{application.number}"


def candidates(rank_list: RankList, scope: str) -> list[int]:
    """Return the applications that would take part, in the order of the list."""
    tied = set(undrawn_of(rank_list))
    rows = rank_list.items.order_by("position").values_list("application", "zone")
    return [
        pk for pk, zone in rows if pk in tied or (scope == ZONE and zone == RankItem.Zone.DRAW)
    ]


def open_row(rank_list: RankList, actor: User) -> RankList:
    """Return a list that is not frozen yet and that nobody else changes now.

    Raises:
        PermissionDenied: neither officer nor chair. RefusedError: it stands.
    """
    rows = RankList.objects.select_for_update(of=("self",)).select_related("call")
    row = rows.get(pk=rank_list.pk)
    if not runs_panel(row.call, actor):
        raise PermissionDenied
    if row.frozen_at or row.call.state != "panel":
        raise RefusedError([FROZEN if row.frozen_at else NOT_IN_PANEL])
    return row


@transaction.atomic
def promise_lots(rank_list: RankList, *, actor: User, scope: str, source: str) -> LotteryDraw:
    """Make a seed that nobody sees, publish its check sum, and name the public value.

    Raises:
        PermissionDenied, RefusedError: see `open_row`; nothing to draw, no source, promised before.
    """
    row = open_row(rank_list, actor)
    applications = candidates(row, scope)
    if found := promise_blockers(row, applications, source):
        raise RefusedError(found)
    seed = secrets.token_bytes(SEED_BYTES)
    try:
        with transaction.atomic():
            promised = LotteryDraw.objects.create(
                rank_list=row, commit_hash=commitment(seed), seed=seed,
                public_value_source=tidy(source).strip()[:300],
            )  # fmt: skip
    except IntegrityError as error:
        raise RefusedError([PROMISED]) from error
    row.facts["lottery"] = {"scope": scope, "applications": applications}
    row.save(update_fields=["facts"])
    record(row, "promise", actor=person_of(actor),
           after={"commitment": promised.commit_hash, "applications": applications})  # fmt: skip
    return promised


def promise_blockers(row: RankList, applications: Sequence[int], source: str) -> list[Blocker]:
    """Return what keeps lots from being promised."""
    found = [] if row.method_reason else [NO_CHOICE]
    if len(applications) < 2:
        found.append(NOTHING_TO_DRAW)
    if not source.strip():
        found.append(NO_SOURCE)
    return found


@transaction.atomic
def draw_lots(rank_list: RankList, *, actor: User, public_value: str) -> LotteryDraw:
    """Take the public value, draw, and order the list by it; seed and value are shown from now on.

    Raises:
        PermissionDenied, RefusedError: see `open_row`; nothing promised, drawn before, no value,
        or what the list was computed from has changed.
    """
    row = open_row(rank_list, actor)
    promised = LotteryDraw.objects.select_for_update().filter(rank_list=row).first()
    value = " ".join(tidy(public_value).split())[:300]
    if found := draw_blockers(row, promised, value):
        raise RefusedError(found)
    assert promised is not None
    taking_part = Application.objects.filter(pk__in=row.facts["lottery"]["applications"])
    by_label = {label(each): each.pk for each in taking_part.select_related("call")}
    drawn = draw(list(by_label), bytes(promised.seed), value)
    LotteryDraw.objects.filter(pk=promised.pk).update(
        public_value=value, order=list(drawn), drawn_at=Now()
    )
    promised.refresh_from_db()
    tickets = {by_label[one]: ticket(bytes(promised.seed), value, one) for one in drawn}
    reorder(row, tickets)
    record(row, "draw", actor=person_of(actor),
           after={"public_value": value, "order": list(drawn)})  # fmt: skip
    return promised


def draw_blockers(row: RankList, promised: LotteryDraw | None, value: str) -> list[Blocker]:
    """Return what keeps lots from being drawn."""
    if promised is None:
        return [NOTHING_TO_DRAW]
    if promised.drawn_at:
        return [DRAWN]
    found = [] if value else [NO_VALUE]
    if inputs_of(row.call).sha256 != row.inputs_sha256:
        found.append(OUTDATED)
    return found


def reorder(row: RankList, tickets: dict[int, int]) -> None:
    """Give every application its place after the draw.

    Equals stand in the order of their tickets. Where the zone was drawn, the places that its
    applications hold are given out among them, the lowest ticket first.
    """
    placed = placed_by(inputs_of(row.call), tickets)
    order = [each.id for each in placed]
    reasons = {each.id: each.decided_by for each in placed}
    row.facts["reasons"] = {
        str(each.id): [each.decided_by, shown(each.above), shown(each.here)] for each in placed
    }
    if row.facts["lottery"]["scope"] == ZONE:
        order = dealt(order, tickets)
        reasons |= dict.fromkeys(tickets, LOTTERY)
        row.facts["reasons"] |= {str(pk): [LOTTERY, None, str(each)]
                                 for pk, each in tickets.items()}  # fmt: skip
    row.save(update_fields=["facts"])
    items = {item.application_id: item for item in row.items.all()}
    for place, pk in enumerate(order, 1):
        why = reasons[pk]
        items[pk].position = place
        items[pk].decided_by = "" if why in (None, SCORE) else str(why)
    RankItem.objects.bulk_update(items.values(), ["position", "decided_by"])


def dealt(order: Sequence[int], tickets: dict[int, int]) -> list[int]:
    """Return an order in which the places of the drawn are given out by their tickets."""
    drawn = iter(sorted(tickets, key=lambda pk: tickets[pk]))
    return [next(drawn) if pk in tickets else pk for pk in order]


def published(lots: LotteryDraw) -> dict[str, Any]:
    """Return all that is needed to draw again, as `funding/draw_script.py` reads it.

    Before the draw: the promise alone.
    """
    found: dict[str, Any] = {
        "commitment": lots.commit_hash, "committed_at": lots.committed_at.isoformat(),
        "public_value_source": lots.public_value_source,
    }  # fmt: skip
    if lots.drawn_at is None:
        return found
    return found | {
        "drawn_at": lots.drawn_at.isoformat(), "public_value": lots.public_value,
        "seed": bytes(lots.seed).hex(), "ids": sorted(lots.order), "order": lots.order,
    }  # fmt: skip


def is_verified(lots: LotteryDraw) -> bool:
    """Tell whether seed and order are what was promised, computed anew."""
    return verify(lots.commit_hash, bytes(lots.seed), lots.public_value, lots.order)


def other_lots(lots: LotteryDraw) -> QuerySet[LotteryDraw]:
    """Return all other lotteries of a call: promised for lists that something has changed since."""
    rows = LotteryDraw.objects.filter(rank_list__call=lots.rank_list.call).exclude(pk=lots.pk)
    return rows.order_by("committed_at")


def lots_of(call: Call) -> LotteryDraw | None:
    """Return the lottery of a call: that of the frozen list, or the last that was promised."""
    rows = LotteryDraw.objects.filter(rank_list__call=call).select_related("rank_list__call")
    return (
        rows.filter(rank_list__frozen_at__isnull=False).first()
        or rows.order_by("-rank_list__number").first()
    )
