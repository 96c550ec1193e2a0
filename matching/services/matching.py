"""Runs: everybody's suggestions computed at once, seen whole or not at all.

Whoever finds that a run is due begins it and freezes its input; then the work lies in blocks in
the database (`run_blocks`), and any worker on any machine does them. Lists that grow old between
runs are refreshed one by one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from konnect.accounts.doorbell import ring
from konnect.states import TransitionError
from matching.models import (
    MatchBlock,
    MatchRun,
    MatchRunState,
    Profile,
    SnapshotChunk,
    SuggestionList,
)
from matching.models.profile import ProfileQuerySet
from matching.scoring import WEIGHTS_VERSION
from matching.services.erasures import erasures_to_follow, must_forget_somebody, note_out_of_lists
from matching.services.final_lists import forget_pass
from matching.services.live_runs import open_live_run
from matching.services.refresh import departed_people, refresh_profile
from matching.services.run_blocks import TASK, open_stage, planned_blocks, work_on_blocks
from matching.services.run_states import (
    NO_INPUT,
    fail_run,
    prune_runs,
    publish_run,
    reason_of,
    start_run,
)
from matching.services.snapshots import (
    Snapshot,
    embedders,
    make_snapshot,
    repeat_snapshot,
    snapshot_of,
)

if TYPE_CHECKING:
    from konnect.accounts.models import User

logger = logging.getLogger(__name__)

RUN_AGE = timedelta(days=1)
# After a run that failed or was cancelled, the next one begins by itself only after so long.
PAUSE = {
    MatchRunState.FAILED: timedelta(minutes=10),
    MatchRunState.CANCELLED: timedelta(hours=1),
}
# Refreshing so many one by one costs more than a run.
STALE_SHARE, STALE_FLOOR = 0.1, 50
SECONDS_A_TASK = 20.0
# Short: mail and edits wait behind it where there is one worker.
SECONDS_OF_BLOCKS = 5.0
# Without a new block for so long, the rings may have got lost with the broker.
SILENCE = timedelta(seconds=10)
# The input of a run is frozen within this time, however often its worker is killed.
PREPARATION = timedelta(minutes=30)
PAUSE_BETWEEN_LOOKS = 0.1
REFRESH_LOCK, RUN_LOCK = 5_302, 5_303


# --- A whole run, here and now -----------------------------------------------------------------


def run_matching(*, actor: User | None = None, repeats: MatchRun | None = None) -> MatchRun | None:
    """Compute everybody's suggestions, beside whatever workers there are, to the end.

    repeats: the run whose frozen input is computed again; the lists come out the same. Returns
    the run, published or failed; None when another one is running.

    Raises:
        SnapshotChunk.DoesNotExist: the frozen input to repeat is no longer kept.
    """
    run = start_run(repeats=repeats)
    if run is None or not prepare_run(run):
        return None
    return complete_run(run, actor=actor)


def complete_run(run: MatchRun, *, actor: User | None = None) -> MatchRun:
    """Work on a run until it is over; others may hold the last blocks."""
    while not end_run(run, actor=actor):
        if not work_on_blocks(run, seconds=SECONDS_OF_BLOCKS):
            time.sleep(PAUSE_BETWEEN_LOOKS)
    prune_runs()
    return run


# --- A run by whatever workers there are -------------------------------------------------------


def run_due_matching() -> MatchRun | None:
    """Begin a run when one is due, or go on with one; the beat asks every half a minute."""
    run = MatchRun.objects.running() or (start_run() if is_run_due() else None)
    return run if run and prepare_run(run) else None


def prepare_run(run: MatchRun) -> bool:
    """Freeze the input of a run and lay out its blocks; True when that is done.

    A worker that was killed meanwhile has left the lock: the next one begins anew.
    """
    with only_worker(RUN_LOCK) as is_only:
        if not is_only:
            return False
        run.refresh_from_db()
        if run.snapshot_hash or run.state != MatchRunState.RUNNING:
            return bool(run.snapshot_hash)
        if timezone.now() - run.started_at > PREPARATION:
            fail_run(run, reason=NO_INPUT)
            return False
        if run.repeats is None and embedders() != embedders_of(run):
            # Begun by a worker that has others: it, or one like it, goes on.
            return False
        try:
            freeze(run)
        except BaseException as error:
            fail_run(run, reason=reason_of(error))
            raise
    return True


def embedders_of(run: MatchRun) -> dict[str, str]:
    """Return the identities of the embedders of a run, as `embedders` has them."""
    return {"embedder": run.embedder, "english_embedder": run.english_embedder}


def freeze(run: MatchRun) -> None:
    """Store the input of a run and its blocks; rows of an earlier attempt are dropped.

    Raises:
        TransitionError: the run was cancelled meanwhile.
    """
    SnapshotChunk.objects.filter(match_run=run).delete()
    snapshot = frozen_input(run)
    counts = {"left_count": len(snapshot.left), "right_count": len(snapshot.right)}
    with transaction.atomic():
        alive = MatchRun.objects.filter(pk=run.pk, state=MatchRunState.RUNNING)
        columns = {"snapshot_hash": snapshot.key, "tag_weights": snapshot.shape.tag_weights}
        if not alive.update(**columns, **counts):
            raise TransitionError(f"run {run.pk} was given up")
        MatchBlock.objects.bulk_create(planned_blocks(run, *counts.values()))
        ring(TASK)
    run.refresh_from_db()


def frozen_input(run: MatchRun) -> Snapshot:
    """Return the input of a run, frozen now or taken over from the run that it repeats."""
    if run.repeats is None:
        return make_snapshot(run, beat=lambda: beat_heart(run))
    repeat_snapshot(run.repeats, run)
    run.snapshot_hash = run.repeats.snapshot_hash
    return snapshot_of(run)


def beat_heart(run: MatchRun) -> None:
    """Say that the run's worker lives.

    Raises:
        TransitionError: the run was given up meanwhile.
    """
    running = MatchRun.objects.filter(pk=run.pk, state=MatchRunState.RUNNING)
    if not running.update(heartbeat_at=Now()):
        raise TransitionError(f"run {run.pk} was given up")


def work_on_running_blocks() -> int:
    """Do blocks of the run that is running, and publish it after the last; return how many."""
    run = MatchRun.objects.running()
    if run is None or not run.snapshot_hash:
        return 0
    done = work_on_blocks(run, seconds=SECONDS_OF_BLOCKS)
    end_run(run)
    return done


def end_run(run: MatchRun, *, actor: User | None = None) -> bool:
    """Publish a run whose blocks are all done; True when it is over, one way or the other."""
    run.refresh_from_db()
    if run.state != MatchRunState.RUNNING:
        forget_pass()
        return True
    if open_stage(run) is not None:
        return False
    try:
        publish_run(run, actor=actor)
    except TransitionError:
        # Another worker was faster, or somebody cancelled at the last moment.
        run.refresh_from_db()
    forget_pass()
    return True


def wake_workers() -> bool:
    """Ring when a run has blocks that nobody has begun lately: rings get lost with the broker."""
    run = MatchRun.objects.running()
    if run is None:
        forget_pass()
    is_silent = run is not None and timezone.now() - run.heartbeat_at > SILENCE
    if run is None or not run.snapshot_hash or not is_silent:
        return False
    ring(TASK)
    return True


# --- When a run is due -------------------------------------------------------------------------


def is_run_due() -> bool:
    """Tell whether the published run is missing, outdated, or has people who were erased."""
    if is_pausing():
        return False
    run = MatchRun.objects.current()
    return is_outdated(run) or (run is not None and must_forget_somebody(run))


def is_outdated(run: MatchRun | None) -> bool:
    """Tell whether the published run is missing, old, of other models, or largely stale."""
    wanted = embedders()
    if run is None:
        # Not before nearly all have vectors: joining a run one by one costs far more.
        ready, everybody = ready_count(wanted["embedder"]), Profile.objects.suggestible().count()
        return ready > 0 and everybody - ready <= STALE_SHARE * everybody
    if is_of_other_embedders(run, wanted):
        # Not before most people have vectors of the new embedder.
        return 2 * ready_count(wanted["embedder"]) >= run.profile_count
    if run.weights_version != WEIGHTS_VERSION or timezone.now() - run.started_at > RUN_AGE:
        return True
    return stale_lists(run).count() > max(STALE_FLOOR, STALE_SHARE * run.profile_count)


def is_of_other_embedders(run: MatchRun, wanted: dict[str, str]) -> bool:
    """Tell whether a run was made with other embedders than this worker has.

    One without a model for English does not mind a run that had it: the model may be broken on
    this machine only, and each of two workers would put its own run in the place of the other's.
    """
    english = wanted["english_embedder"] or run.english_embedder
    return (run.embedder, run.english_embedder) != (wanted["embedder"], english)


def is_pausing() -> bool:
    """Tell whether the last run failed or was cancelled a short while ago."""
    last = MatchRun.objects.order_by("-pk").first()
    if last is None or last.state not in PAUSE:
        return False
    return timezone.now() - last.started_at < PAUSE[MatchRunState(last.state)]


def ready_count(embedder: str) -> int:
    """Return how many people have vectors of an embedder."""
    return Profile.objects.suggestible().filter(vectors__embedder=embedder).count()


def stale_lists(run: MatchRun) -> ProfileQuerySet:
    """Return the people whose list in a run is missing or older than their vectors."""
    current = SuggestionList.objects.filter(
        match_run=run, profile_id=OuterRef("pk"), built_from__gte=OuterRef("vectors__built_from")
    )
    # Not NOT IN: with some hundred thousand people PostgreSQL would compare all with all.
    stale: ProfileQuerySet = Profile.objects.suggestible().filter(
        ~Exists(current), vectors__embedder=run.embedder
    )
    return stale.order_by("-vectors__built_from", "-pk")


# --- Between runs ------------------------------------------------------------------------------


def refresh_stale_suggestions(*, seconds: float = SECONDS_A_TASK) -> int:
    """Refresh, one by one, the lists of people who changed since; return how many.

    Nothing while the run is outdated: the next one will do them all. One that is due for the sake
    of erased people only is no reason to wait: nobody else's list is old.
    """
    run = MatchRun.objects.current()
    if run is None or (is_outdated(run) and not is_pausing()):
        ring("matching.tasks.run_due_matching")
        return 0
    with only_worker(REFRESH_LOCK) as is_only:
        return refresh_lists(run, seconds) if is_only else 0


@contextmanager
def only_worker(lock: int) -> Iterator[bool]:
    """Let one worker at a time do a kind of work; the lock dies with its connection.

    Two refreshers with different snapshots of the population could write an older score over a
    newer one. That the worker that froze a run's input was killed is known at once, because its
    lock is free.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        is_only = bool(cursor.fetchone()[0])
    try:
        yield is_only
    finally:
        if is_only:
            release(lock)


def release(lock: int) -> None:
    """Give a lock back; a connection that broke has done so itself."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])
    except DatabaseError:
        connection.close()


def refresh_lists(run: MatchRun, seconds: float) -> int:
    """Refresh stale lists for about so many seconds: who left first, then the newest edits."""
    deadline = time.monotonic() + seconds
    erased = set(erasures_to_follow(run).values_list("person_id", flat=True))
    changed = [*departed_people(run), *stale_lists(run).values_list("pk", flat=True)]
    if not (erased or changed) or not run.snapshot_hash:
        return 0
    live = open_live_run(run)
    # Each once, in this order.
    waiting = list(dict.fromkeys([*erased, *live.strays(), *changed]))
    for count, person_id in enumerate(waiting, start=1):
        try:
            refresh_profile(person_id, live)
            if person_id in erased:
                note_out_of_lists(person_id, run)
        except (IntegrityError, ValueError):
            # Erased meanwhile, or with vectors that cannot be read: others shall not wait for it.
            logger.exception("The list of %s could not be refreshed.", person_id)
            live = open_live_run(run)
        if time.monotonic() > deadline:
            ring("matching.tasks.refresh_stale_suggestions")
            return count
    return len(waiting)
