"""Ranked lists: computed from what was agreed, shown with how sure they are, chosen, frozen."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.machines import CHAIR
from funding.models import Call, LotteryDraw, RankItem, RankList
from funding.permissions import roles_for
from funding.ranking import (
    SCORE,
    UNDRAWN,
    Item,
    Placed,
    Ranks,
    expected_ranks,
    flips,
    line,
    order,
    zones,
)
from funding.refusing import Blocker, RefusedError
from funding.services.allocations import within_money
from funding.services.ledger import record
from funding.services.panels import panel_of, quorum_blockers, runs_panel
from funding.services.people import person_of
from funding.services.rank_inputs import Entry, Inputs, inputs_of, votes_on

if TYPE_CHECKING:
    from konnect.accounts.models import User

# Draws of the posterior: the ends of intervals do not move by a rank from seed to seed.
DRAWS = 2000
SEEDS = 2**31
RAW, CORRECTED = RankList.Method.RAW, RankList.Method.CORRECTED
NOT_IN_PANEL = Blocker("not_in_panel", _("The applications are not with the panel."))
NOTHING_RANKED = Blocker("nothing_ranked", _("No application has a signed consensus yet."))
FROZEN = Blocker("list_frozen", _("The ranked list is frozen: it stands."))
NO_CHOICE = Blocker(
    "no_choice", _("Choose between scores as given and corrected scores, and say why.")
)
UNDRAWN_TIES = Blocker(
    "undrawn", _("Some applications are equal in everything: draw lots before the list is frozen.")
)
DRAW_OPEN = Blocker("draw_open", _("A lottery was promised and has not been drawn yet."))
LOTS_STAND = Blocker(
    "lots_stand",
    _(
        "Lots were promised for exactly these scores and budgets: the list cannot be computed anew."
    ),
)
OUTDATED = Blocker(
    "outdated", _("Scores, votes or budgets have changed since this list: compute it again.")
)
Facts = dict[str, Any]


def latest_list(call: Call) -> RankList | None:
    """Return the list that counts: the frozen one, or the last that was computed."""
    lists = call.rank_lists.order_by("-number")
    return lists.filter(frozen_at__isnull=False).first() or lists.first()


def frozen_list(call: Call) -> RankList | None:
    """Return the list that decisions are taken from, once there is one."""
    return call.rank_lists.filter(frozen_at__isnull=False).first()


# --- Computing ------------------------------------------------------------------------------------


def make_list(call: Call, *, actor: User, seed: int | None = None) -> RankList:
    """Compute a list anew; those before stay as they were.

    Raises:
        PermissionDenied: neither officer nor chair. RefusedError: not with the panel, nothing
        ranked, or frozen already.
    """
    if not runs_panel(call, actor):
        raise PermissionDenied
    inputs = inputs_of(call)
    check_computable(call, inputs)
    chosen = secrets.randbelow(SEEDS) if seed is None else seed
    placed = placed_by(inputs)
    facts = facts_of(inputs, placed, chosen)
    with transaction.atomic():
        Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
        check_computable(call, inputs)
        number = (call.rank_lists.aggregate(last=Max("number"))["last"] or 0) + 1
        found = RankList.objects.create(
            call=call, number=number, seed=chosen, inputs_sha256=inputs.sha256, facts=facts,
            made_by=actor,
        )  # fmt: skip
        RankItem.objects.bulk_create(items_of(found, inputs, placed))
        record(found, "make", actor=person_of(actor),
               after={"number": number, "seed": chosen, "inputs": inputs.sha256})  # fmt: skip
    return found


def check_computable(call: Call, inputs: Inputs) -> None:
    """Raise RefusedError where no list can be made now."""
    state = Call.objects.filter(pk=call.pk).values_list("state", flat=True).get()
    if state != "panel":
        raise RefusedError([NOT_IN_PANEL])
    if frozen_list(call):
        raise RefusedError([FROZEN])
    if not inputs.entries:
        raise RefusedError([NOTHING_RANKED])
    # Otherwise lots could be drawn again and again until somebody likes them.
    same = LotteryDraw.objects.filter(rank_list__call=call, rank_list__inputs_sha256=inputs.sha256)
    if same.exists():
        raise RefusedError([LOTS_STAND])


def placed_by(inputs: Inputs, tickets: Mapping[int, int] | None = None) -> list[Placed]:
    """Return the order of merit: those above the thresholds, then those below, by score."""
    drawn = tickets or {}
    above = [item_of(inputs, entry, drawn.get(entry.application)) for entry in inputs.above]
    below = [
        Item(entry.application, inputs.score(entry))
        for entry in inputs.entries
        if inputs.shortfalls[entry.application]
    ]
    upper = list(order(above, inputs.tie_break).placed)
    lower = order(below, ()).placed
    # Nothing is funded below: whoever is equal there needs no lots.
    return upper + [Placed(len(upper) + each.position, each.id, SCORE) for each in lower]


def item_of(inputs: Inputs, entry: Entry, ticket: int | None) -> Item:
    """Return what decides where an application stands."""
    keys = {code: float(value) if not isinstance(value, frozenset) else value
            for code, value in entry.keys.items()}  # fmt: skip
    return Item(entry.application, inputs.score(entry), keys, ticket)


def facts_of(inputs: Inputs, placed: Sequence[Placed], seed: int) -> Facts:
    """Return what the panel sees besides places: both methods, variance shares, flips, reasons."""
    above = {entry.application for entry in inputs.above}
    fundable = fundable_of(inputs, [each.id for each in placed if each.id in above])
    facts: Facts = {
        "draws": DRAWS, "fundable": fundable,
        "reasons": {str(each.id): [each.decided_by, shown(each.above), shown(each.here)]
                    for each in placed},
        "below": {str(pk): [[each.code, None if each.score is None else float(each.score),
                             float(each.threshold)] for each in short]
                  for pk, short in inputs.shortfalls.items() if short},
    }  # fmt: skip
    found = votes_on(inputs.above)
    if found is None:
        return facts
    votes, names = found
    raw = expected_ranks(votes, seed=seed, draws=DRAWS, correct_severity=False)
    corrected = expected_ranks(votes, seed=seed, draws=DRAWS, correct_severity=True)
    return facts | {
        "raw": method_facts(raw, names, fundable),
        "corrected": method_facts(corrected, names, fundable),
        "flips": [[names[each.proposal], each.before.value, each.after.value]
                  for each in flips(raw, corrected, fundable)],
    }  # fmt: skip


def shown(value: Any) -> Any:
    """Return what decided as JSON can hold it: tickets are longer than its numbers."""
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value


def fundable_of(inputs: Inputs, order_of: Sequence[int]) -> int:
    """Return how many the money funds from the best on; nothing where it cannot be pooled."""
    if inputs.lacks_rates:
        return 0
    return len(inputs.budgets.allocate(inputs.projects(list(order_of))).funded)


def method_facts(ranks: Ranks, names: Sequence[int], fundable: int) -> Facts:
    """Return what one method says, application by application."""
    at = line(ranks, fundable)
    rows = {
        str(pk): [round(float(ranks.expected[place]), 3), *(
            int(each[place]) for each in (ranks.low50, ranks.high50, ranks.low90, ranks.high90)
        ), zone.value, *(
            round(float(each[place]), 3) for each in (ranks.mean, ranks.median, ranks.spread)
        )]
        for place, (pk, zone) in enumerate(zip(names, zones(ranks, fundable), strict=True))
    }  # fmt: skip
    return {
        "rows": rows, "line": None if at == float("inf") else round(at, 3),
        "shares": asdict(ranks.shares),
        "r_hat": round(ranks.convergence.r_hat, 4),
        "effective": round(ranks.convergence.effective, 1),
        "is_reached": bool(ranks.convergence.is_reached),
    }  # fmt: skip


def items_of(rank_list: RankList, inputs: Inputs, placed: Sequence[Placed]) -> list[RankItem]:
    """Return the rows of a list, by scores as given until the panel chooses."""
    scores = {entry.application: inputs.score(entry) for entry in inputs.entries}
    return [
        RankItem(
            rank_list=rank_list, application_id=each.id, position=each.position,
            score=round(scores[each.id], 3), decided_by=reason_code(each),
            **columns_by(rank_list.facts, RAW, each.id),
        )
        for each in placed
    ]  # fmt: skip


def reason_code(placed: Placed) -> str:
    """Return which key decided; '' for the first, and where the score did."""
    return "" if placed.decided_by in (None, SCORE) else str(placed.decided_by)


def columns_by(facts: Facts, method: str, pk: int) -> Facts:
    """Return the columns of one application by one method."""
    if str(pk) in facts["below"]:
        return {"zone": RankItem.Zone.BELOW}
    row = facts.get(method, {}).get("rows", {}).get(str(pk))
    if row is None:
        # Nobody voted in a way that can be compared: the order alone speaks.
        return {"zone": RankItem.Zone.DRAW}
    expected, low50, high50, low90, high90, zone = row[:6]
    return {
        "expected_rank": expected, "low50": low50, "high50": high50, "low90": low90,
        "high90": high90, "zone": zone,
        "corrected_rank": facts["corrected"]["rows"][str(pk)][0],
    }  # fmt: skip


# --- Choosing and freezing ------------------------------------------------------------------------


def open_list(rank_list: RankList, actor: User) -> RankList:
    """Return a list that nobody else changes now.

    Raises:
        PermissionDenied: somebody else than the chair asks. RefusedError: it is frozen.
    """
    row = RankList.objects.select_for_update(of=("self",)).select_related("call").get(
        pk=rank_list.pk
    )  # fmt: skip
    if CHAIR not in roles_for(row.call, actor):
        raise PermissionDenied
    if row.frozen_at or row.call.state != "panel":
        raise RefusedError([FROZEN if row.frozen_at else NOT_IN_PANEL])
    return row


@transaction.atomic
def choose_method(rank_list: RankList, *, actor: User, method: str, reason: str) -> None:
    """Record which scores the panel goes by, and why; zones and intervals follow.

    Raises:
        PermissionDenied, RefusedError: see `open_list`; no reason; lots were promised already.
    """
    row = open_list(rank_list, actor)
    if method not in RankList.Method.values or not reason.strip():
        raise RefusedError([NO_CHOICE])
    if hasattr(row, "draw"):
        raise RefusedError([DRAW_OPEN])
    before, row.method, row.method_reason = row.method, method, reason.strip()[:500]
    row.save(update_fields=["method", "method_reason"])
    items = list(row.items.all())
    for item in items:
        for name, value in columns_by(row.facts, method, item.application_id).items():
            setattr(item, name, value)
    RankItem.objects.bulk_update(items, ["expected_rank", "low50", "high50", "low90", "high90",
                                         "corrected_rank", "zone"])  # fmt: skip
    record(row, "choose", actor=person_of(actor), reason=reason,
           before={"method": before}, after={"method": method})  # fmt: skip


def freeze_blockers(rank_list: RankList) -> list[Blocker]:
    """Return what keeps a list from being frozen."""
    found = quorum_blockers(panel_of(rank_list.call))
    # Where too few were ranked to compare severity, there is nothing to choose.
    if "corrected" in rank_list.facts and not rank_list.method_reason:
        found.append(NO_CHOICE)
    draw = getattr(rank_list, "draw", None)
    if draw is not None and draw.drawn_at is None:
        found.append(DRAW_OPEN)
    if rank_list.items.filter(decided_by=UNDRAWN).exists():
        found.append(UNDRAWN_TIES)
    if inputs_of(rank_list.call).sha256 != rank_list.inputs_sha256:
        found.append(OUTDATED)
    return found


@transaction.atomic
def freeze_list(rank_list: RankList, *, actor: User) -> None:
    """Let a list stand for good: decisions are taken from it.

    Raises:
        PermissionDenied, RefusedError: see `open_list` and `freeze_blockers`.
    """
    Call.objects.select_for_update(of=("self",)).get(pk=rank_list.call_id)
    row = open_list(rank_list, actor)
    if frozen_list(row.call):
        raise RefusedError([FROZEN])
    if found := freeze_blockers(row):
        raise RefusedError(found)
    row.frozen_at = timezone.now()
    row.facts["within_money"] = within_money(row)
    row.save(update_fields=["frozen_at", "facts"])
    record(row, "freeze", actor=person_of(actor), after={"number": row.number})


def undrawn_of(rank_list: RankList) -> list[int]:
    """Return the applications whose order only a lottery can decide, in the order of the list."""
    items = list(rank_list.items.order_by("position"))
    found = []
    for above, here in itertools.pairwise(items):
        if here.decided_by == UNDRAWN:
            found += [above.application_id, here.application_id]
    return list(dict.fromkeys(found))
