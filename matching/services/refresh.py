"""One edited profile: its own list, and its place in the lists of others, in the live run.

The person's new vector is multiplied with everybody opposite: one product serves their own list
and tells whose pool they now reach; the product of the old vector tells whose they were in.
Those lists only are changed and looked at again. A pool is the exact beginning of a
ranking, and stays one when somebody enters, moves or leaves; one that gets too short is made anew
from all vectors. So every list equals that of a run computed now from the same frozen weights,
to the bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from numpy.typing import NDArray

from matching.models import MatchRun, Profile, SuggestionList
from matching.scoring import PairRules, Vectors, left_vectors, right_vectors
from matching.scoring.terms import NOVELTY_PENALTY
from matching.scoring.vectors import Position
from matching.services.list_rows import SMALLEST, change_lists, copy_lists
from matching.services.live_runs import LiveRun, forget
from matching.services.live_sides import LiveSide
from matching.services.members import read_members
from matching.services.pairs import pair_rules
from matching.services.pools import Pool, best_pool
from matching.services.run_edits import Edit, store_edit
from matching.services.second_looks import (
    STORED_COLUMNS,
    FinalList,
    look_again,
    revise,
    table_of_lists,
)
from matching.services.snapshots import SIDES

Integers = NDArray[np.int64]
POSITIONS: dict[str, Position] = {side.value: position for position, side in SIDES.items()}


@dataclass(frozen=True)
class Change:
    """One person's scores with one side, before and after an edit.

    others: who stands there. scores: int64 (n,), None for who no longer faces this side.
    is_allowed: bool (n,), to whom the person may be suggested. is_affected: bool (n,), whose pool
    the person may enter, move in or leave.
    """

    person_id: int
    others: LiveSide
    scores: Integers | None
    is_allowed: NDArray[np.bool_]
    is_affected: NDArray[np.bool_]


def departed_people(run: MatchRun) -> list[int]:
    """Return who has a list in a run and may no longer be suggested."""
    return list(departed_lists(run).values_list("profile_id", flat=True))


def departed_lists(run: MatchRun) -> QuerySet[SuggestionList]:
    """Return the lists of people who may no longer be suggested."""
    there = Profile.objects.suggestible().filter(pk=OuterRef("profile_id"))
    # Not NOT IN: with some hundred thousand people PostgreSQL would compare all with all.
    return SuggestionList.objects.filter(~Exists(there), match_run=run)


def refresh_profile(person_id: int, live: LiveRun) -> None:
    """Bring one person's list, and the lists that they belong in, up to date in a run.

    Whoever may no longer be suggested, or was deleted, is taken out of all lists. Either
    everything is written or nothing; the caller holds the lock of refreshers.
    """
    before = vectors_before(person_id, live)
    edit, built_from = read_edit(person_id, live)
    if before is None and edit.position is None:
        take_out_stranger(person_id, live)
        return
    try:
        live.apply(edit)
        with transaction.atomic():
            refresh_lists(edit, before, built_from, live)
    except BaseException:
        forget(live)
        raise


def take_out_stranger(person_id: int, live: LiveRun) -> None:
    """Take somebody out of the lists of others of whom nothing is known here but their number.

    They joined since the input was frozen, and their edit was erased with them before this worker
    read it.
    """
    lists = SuggestionList.objects.filter(match_run=live.run, pool_ids__contains=[person_id])
    holders = list(lists.values_list("profile_id", flat=True))
    changes = [
        Change(person_id, side, None, np.zeros(len(side), np.bool_), np.isin(side.ids, holders))
        for side in live.sides.values()
    ]
    stored = read_lists(changes, live)
    others = revised(changes, stored, live)
    change_lists(live.run.pk, table_of_lists(others, live.limits), dated=person_id)
    for each in others:
        live.note_list(each.person_id, each.pool.floor)


def vectors_before(person_id: int, live: LiveRun) -> Vectors | None:
    """Return a person as the lists know them, None for strangers."""
    side = live.side_of(person_id)
    return side.vectors_of(side.places_of([person_id])) if side else None


def read_edit(person_id: int, live: LiveRun) -> tuple[Edit, int]:
    """Read a person as they are now, and from which of their edits the vectors are."""
    members = Profile.objects.suggestible().filter(vectors__embedder=live.run.embedder)
    side = members.filter(pk=person_id).values_list("side", flat=True).first()
    position = POSITIONS.get(side or "")
    if position is None:
        return Edit(person_id), 0
    prices = {person_id: live.side(position).price_of(person_id)}
    found = read_members([person_id], replace(live.snapshot.shape, prices=prices))
    if not len(found):
        return Edit(person_id), 0
    pack = left_vectors if position == "left" else right_vectors
    return Edit(person_id, pack(found.people), found.evidence), int(found.built_from[0])


def refresh_lists(edit: Edit, before: Vectors | None, built_from: int, live: LiveRun) -> None:
    """Change all lists that an edit changes; it stands in memory already."""
    # Before anything is read of pairs: whoever takes an answer back now marks the list afterwards.
    has_list = lock_list(edit.person_id, live)
    rules = pair_rules(person_id=edit.person_id)
    changes = [
        change
        for side in live.sides.values()
        if (change := change_of(edit, before, side, rules)) is not None
    ]
    stored = read_lists(changes, live)
    own = own_list(edit, changes, rules, built_from, live)
    write(edit, own, revised(changes, stored, live), has_list, live)


def revised(
    changes: Iterable[Change], stored: dict[int, FinalList], live: LiveRun
) -> list[FinalList]:
    """Return the lists of others that changes change, looked at again."""
    return [
        revise(live, change.others, viewer, pool, change.person_id)
        for change in changes
        for viewer, pool in changed_pools(change, stored, live)
    ]


def change_of(
    edit: Edit, before: Vectors | None, others: LiveSide, rules: PairRules
) -> Change | None:
    """Compare what a person is to the people of one side with what they were; None: nothing."""
    was, now = (
        person if person and person.position != others.position else None
        for person in (before, edit.vectors)
    )
    if not was and not now:
        return None
    scores = scores_with(now, others, rules) if now else None
    is_affected = others.floors == SMALLEST
    if was:
        # Without the novelty term: who was in a pool had at most this score.
        is_affected |= others.scores(was) >= others.floors
    if scores is not None:
        is_affected |= scores >= others.floors
    allowed = others.is_alive & ~np.isin(
        others.ids, excluded_for_others(edit.person_id, others, rules)
    )
    return Change(edit.person_id, others, scores, allowed, is_affected & others.is_alive)


def scores_with(person: Vectors, others: LiveSide, rules: PairRules) -> Integers:
    """Return the retrieval scores of one person with everybody of a side, int64 (n,)."""
    worked = partners_in(int(person.ids[0]), rules.worked_together)
    novelty = np.where(np.isin(others.ids, worked), NOVELTY_PENALTY, 0)
    return others.scores(person) - novelty


def excluded_for_others(person_id: int, others: LiveSide, rules: PairRules) -> Integers:
    """Return the people of a side to whom a person is not suggested."""
    mine, theirs = dismissals_by(others.position, rules)
    return np.concatenate([partners_in(person_id, rules.forbidden), mine[theirs == person_id]])


def excluded_for(person_id: int, position: Position, rules: PairRules) -> Integers:
    """Return who is not suggested to a person of a side."""
    mine, theirs = dismissals_by(position, rules)
    return np.concatenate([partners_in(person_id, rules.forbidden), theirs[mine == person_id]])


def dismissals_by(position: Position, rules: PairRules) -> tuple[Integers, Integers]:
    """Return the people of a side who dismissed somebody, and whom each of them dismissed."""
    if position == "left":
        return rules.hidden_from_left[:, 0], rules.hidden_from_left[:, 1]
    return rules.hidden_from_right[:, 1], rules.hidden_from_right[:, 0]


def partners_in(person_id: int, pairs: Integers) -> Integers:
    """Return whom pairs join with a person, in whatever order they stand."""
    return np.concatenate([pairs[pairs[:, 0] == person_id, 1], pairs[pairs[:, 1] == person_id, 0]])


def lock_list(person_id: int, live: LiveRun) -> bool:
    """Lock a person's own list, when they have one."""
    mine = SuggestionList.objects.filter(match_run=live.run, profile_id=person_id)
    return mine.select_for_update().values_list("pk").first() is not None


def read_lists(changes: Iterable[Change], live: LiveRun) -> dict[int, FinalList]:
    """Return the lists that may change; only the holder of the lock of refreshers changes them."""
    wanted = [pk for each in changes for pk in each.others.ids[each.is_affected].tolist()]
    rows = SuggestionList.objects.filter(match_run=live.run, profile_id__in=wanted)
    return {row["profile_id"]: FinalList.of(row) for row in rows.values(*STORED_COLUMNS)}


def own_list(
    edit: Edit, changes: Iterable[Change], rules: PairRules, built_from: int, live: LiveRun
) -> FinalList | None:
    """Return the person's own list, None when they get none."""
    for change in changes:
        if change.scores is None or edit.position is None:
            continue
        others = change.others
        excluded = excluded_for(edit.person_id, edit.position, rules)
        allowed = others.is_alive & ~np.isin(others.ids, excluded)
        pool = best_pool(others.ids, change.scores, allowed, live.limits.reserve)
        return look_again(live, live.side(edit.position), edit.person_id, pool, built_from)
    return None


def changed_pools(
    change: Change, stored: dict[int, FinalList], live: LiveRun
) -> Iterator[tuple[FinalList, Pool]]:
    """Yield the people of a side whose pools an edit changes, and the new pools."""
    for place in np.flatnonzero(change.is_affected).tolist():
        viewer = stored.get(int(change.others.ids[place]))
        if viewer is None:
            # Deleted since the task began; others forget them at the next one.
            continue
        pool = viewer.pool.without(change.person_id)
        if change.scores is not None and change.is_allowed[place]:
            pool = pool.joined_by(change.person_id, int(change.scores[place]), live.limits.reserve)
        if not pool.is_complete and len(pool) < live.limits.rescored:
            pool = pool_anew(viewer.person_id, change.others, live)
        if not pool.same_as(viewer.pool) or change.person_id in pool.ids:
            yield viewer, pool


def pool_anew(person_id: int, side: LiveSide, live: LiveRun) -> Pool:
    """Return somebody's pool from all vectors, as they are now."""
    others = live.opposite(side.position)
    rules = pair_rules(person_id=person_id)
    person = side.vectors_of(side.places_of([person_id]))
    allowed = others.is_alive & ~np.isin(others.ids, excluded_for(person_id, side.position, rules))
    return best_pool(others.ids, scores_with(person, others, rules), allowed, live.limits.reserve)


def write(
    edit: Edit, own: FinalList | None, others: list[FinalList], has_list: bool, live: LiveRun
) -> None:
    """Store changed lists and the edit, and note in memory how far the pools now go."""
    changed = [*others, *([own] if own and has_list else [])]
    change_lists(live.run.pk, table_of_lists(changed, live.limits), dated=edit.person_id)
    if own and not has_list:
        copy_lists(live.run.pk, table_of_lists([own], live.limits))
    if own is None:
        SuggestionList.objects.filter(match_run=live.run, profile_id=edit.person_id).delete()
    if Profile.objects.filter(pk=edit.person_id).exists():
        live.sequence = store_edit(live.run, live.sequence, edit)
    for each in (*changed, *([own] if own else [])):
        live.note_list(each.person_id, each.pool.floor)
