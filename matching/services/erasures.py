"""Erased people: out of the lists of others at once, out of the input of runs within minutes.

The input of a run is frozen and bears a hash: nobody can be taken out of it. So an erasure makes
another run due, one for everybody who is erased within a few minutes; its publication drops the
input of the last one, in the database and on every machine. Whether a run still has somebody is
read from its input and not from the clock: an erasure may commit while an input is being read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import numpy as np
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from konnect.accounts.doorbell import ring
from matching.models import (
    Erasure,
    MatchRun,
    MatchRunState,
    Profile,
    SearchEntry,
    SnapshotChunk,
)
from matching.services.browsing import fold_facet_counts
from matching.services.snapshot_files import stored_array

# One run serves everybody who is erased within this time of the first.
GATHERING = timedelta(minutes=5)
IDS = ("left_ids", "right_ids")


def note_erasure(profile: Profile) -> None:
    """Note, in the transaction that erases somebody, that runs have to follow.

    What was edited of them since a run goes with the profile itself.
    """
    Erasure.objects.create(person_id=profile.pk)
    forget_counts(profile)
    ring("matching.tasks.refresh_stale_suggestions")


def forget_counts(profile: Profile) -> None:
    """Let no line of counts say in which city somebody was who is here no more."""
    SearchEntry.objects.filter(Q(profile=profile) | Q(listing__profile=profile)).delete()
    fold_facet_counts(fewest=1)


def erasures_to_follow(run: MatchRun) -> QuerySet[Erasure]:
    """Return the erasures of people who may still be in the lists of others in a run."""
    return Erasure.objects.exclude(out_of_lists_of=run)


def note_out_of_lists(person_id: int, run: MatchRun) -> None:
    """Note that an erased person is in nobody's list in a run any more."""
    Erasure.objects.filter(person_id=person_id).update(out_of_lists_of=run)


def must_forget_somebody(run: MatchRun) -> bool:
    """Tell whether a run's input has somebody who was erased a few minutes ago."""
    waited = Erasure.objects.filter(erased_at__lt=Now() - GATHERING)
    person_ids = list(waited.values_list("person_id", flat=True))
    return bool(person_ids and people_in_input(run, person_ids))


def people_in_input(run: MatchRun, person_ids: Iterable[int]) -> set[int]:
    """Return which of some people are in the frozen input of a run; none when it is dropped."""
    try:
        inside = np.concatenate([stored_array(run, name) for name in IDS])
    except SnapshotChunk.DoesNotExist:
        return set()
    return set(person_ids) & set(inside.tolist())


def drop_followed_erasures() -> None:
    """Forget the numbers of erased people whom no input and no list has any more."""
    # Before the runs are read: whoever begins one later does not read these people any more.
    out_of = dict(Erasure.objects.values_list("person_id", "out_of_lists_of"))
    if not out_of:
        return
    states = (MatchRunState.RUNNING, MatchRunState.PUBLISHED)
    kept = list(MatchRun.objects.filter(state__in=states))
    if any(not run.snapshot_hash for run in kept):
        # Its input is just being read: nobody knows yet who is in it.
        return
    published = next((run.pk for run in kept if run.state == MatchRunState.PUBLISHED), None)
    followed = {pk for pk, run_id in out_of.items() if published in (None, run_id)}
    for run in kept:
        followed -= people_in_input(run, followed)
    Erasure.objects.filter(person_id__in=followed).delete()
