"""The work of a run in blocks: claimed by a row lock, computed, written, all in one transaction.

A worker that is killed loses its connection, with it the lock and whatever it had not committed;
the next worker finds the block as it was. A block's result depends on the frozen input and on the
results of earlier stages only: not on who computes it, when, or how often.

Stages: one block of scores sets thresholds for the others; they are independent; one block merges
what they found for the right side and computes prices; the ranking blocks write the lists.
"""

from __future__ import annotations

import logging
import os
import platform
import time
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from konnect.accounts.doorbell import ring
from matching.models import BlockKind, MatchBlock, MatchRun, MatchRunState
from matching.scoring.blocks import plan_blocks
from matching.services.run_stages import WORK
from matching.services.run_states import NO_MEMORY, NO_ROOM, fail_run, reason_of
from matching.services.snapshot_copies import CopyError, SnapshotError
from matching.services.snapshots import snapshot_of

logger = logging.getLogger(__name__)

TASK = "matching.tasks.work_on_blocks"
# A block of scores is about a second or two of one core; so is one of lists.
PAIRS_A_BLOCK, SMALLEST_BLOCK, LARGEST_BLOCK = 200_000_000, 256, 2048
PEOPLE_A_RANK_BLOCK = 512
# A machine that vanished without a word gives its block back after this.
LONGEST_BLOCK = "10min"
# A block that fails as often, or that was begun as often without an end, fails its run.
MOST_FAILURES, MOST_TRIES = 3, 6
# A machine that cannot write a copy of the input tries again after so long, and meanwhile lets
# others do the work; when nobody has begun a block for longer than one may take, the run fails.
SECONDS_WITHOUT_COPY, SECONDS_ASIDE = 60.0, 1.0
PATIENCE = timedelta(minutes=15)
# When this process may try to copy the input of a run again, by `time.monotonic`.
NEXT_COPIES: dict[int, float] = {}

# From before a try is counted until its end a worker holds this lock of its block too: else two
# that look at once would both count a try.
BLOCK_LOCKS = 5_304 << 40
# Materialised, so that PostgreSQL puts the blocks in order first and then asks for one lock after
# the other until it gets one. It may ask while it scans otherwise, and lock them all.
LOCK_ONE = """
WITH open AS MATERIALIZED (
  SELECT block.id FROM matching_matchblock block
  WHERE block.match_run_id = %(run)s AND block.finished_at IS NULL
    AND block.kind = %(kind)s AND (%(kind)s <> 'score' OR block.number = 0 OR EXISTS (
      SELECT FROM matching_matchblock first WHERE first.match_run_id = %(run)s
      AND first.kind = 'score' AND first.number = 0 AND first.finished_at IS NOT NULL))
  ORDER BY block.number
)
SELECT id FROM open WHERE pg_try_advisory_lock(%(locks)s + id) LIMIT 1
"""


# --- Planning ----------------------------------------------------------------------------------


def planned_blocks(run: MatchRun, left: int, right: int) -> list[MatchBlock]:
    """Return the blocks of a run over so many people on either side."""
    size = max(SMALLEST_BLOCK, min(LARGEST_BLOCK, PAIRS_A_BLOCK // max(right, 1)))
    scores = plan_blocks(left, size) if right else []
    # No ranking block has people of both sides.
    ranks = plan_blocks(left, PEOPLE_A_RANK_BLOCK)
    ranks += [(left + a, left + b) for a, b in plan_blocks(right, PEOPLE_A_RANK_BLOCK)]
    spans = {
        BlockKind.SCORE: scores,
        BlockKind.PRICE: [(0, left + right)],
        BlockKind.RANK: ranks,
    }
    return [
        MatchBlock(match_run=run, kind=kind, number=number, first=first, last=last)
        for kind, found in spans.items()
        for number, (first, last) in enumerate(found)
    ]


# --- Claiming ----------------------------------------------------------------------------------


def work_on_blocks(run: MatchRun, *, seconds: float) -> int:
    """Do blocks of a run for about so many seconds; return how many were done.

    The first block that is found wakes one more worker, which wakes one more: as many as there
    are, while never more than one ring waits.
    """
    if not has_input(run):
        # The ring that woke this worker was meant for one that can work.
        time.sleep(SECONDS_ASIDE)
        ring(TASK)
        return 0
    deadline, done = time.monotonic() + seconds, 0
    while block := claim_block(run):
        if not done:
            ring(TASK)
        done += do_block(block)
        if time.monotonic() > deadline:
            break
    return done


def has_input(run: MatchRun) -> bool:
    """Tell whether this machine has the input of a run, copied now if need be.

    Asked before a block is begun: who has no room for a copy costs no block a try.
    """
    if time.monotonic() < NEXT_COPIES.get(run.pk, 0.0):
        return False
    try:
        snapshot_of(run)
    except CopyError as error:
        step_back(run, error)
        return False
    except SnapshotError as error:
        fail_run(run, reason=reason_of(error))
        return False
    return True


def step_back(run: MatchRun, error: CopyError) -> None:
    """Leave a run to other machines; give it up when none of them has worked on it for long."""
    NEXT_COPIES.clear()
    NEXT_COPIES[run.pk] = time.monotonic() + SECONDS_WITHOUT_COPY
    logger.error("%s This machine leaves the run to others.", error)
    if timezone.now() - run.heartbeat_at > PATIENCE:
        fail_run(run, reason=NO_ROOM)


def claim_block(run: MatchRun) -> MatchBlock | None:
    """Note that a block is begun, and return it; None when there is nothing for this worker."""
    stage = open_stage(run)
    alive = MatchRun.objects.filter(pk=run.pk, state=MatchRunState.RUNNING)
    if stage is None or not alive.update(heartbeat_at=Now()):
        return None
    while (pk := lock_one(run, stage)) is not None:
        block = MatchBlock.objects.filter(pk=pk, finished_at=None)
        if block.update(tries=F("tries") + 1, worker=worker_name()):
            return block.defer("result").select_related("match_run").get()
        # Finished by another worker between the look and the lock.
        unlock(pk)
    return None


def lock_one(run: MatchRun, stage: BlockKind) -> int | None:
    """Lock, for this connection, the first open block that nobody else has; return its key."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ONE, {"run": run.pk, "kind": stage, "locks": BLOCK_LOCKS})
        found = cursor.fetchone()
    return found[0] if found else None


def unlock(pk: int) -> None:
    """Give a block's lock back; a connection that broke has done so itself."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [BLOCK_LOCKS + pk])
    except DatabaseError:
        connection.close()


def open_stage(run: MatchRun) -> BlockKind | None:
    """Return the first stage that is not finished."""
    kinds = set(
        run.blocks.filter(finished_at=None).order_by().values_list("kind", flat=True).distinct()
    )
    return next((kind for kind in BlockKind if kind in kinds), None)


def worker_name() -> str:
    """Return which process on which machine this is."""
    return f"{platform.node()}:{os.getpid()}"


def do_block(block: MatchBlock) -> bool:
    """Compute a claimed block; False when another worker has it, or it failed.

    A block that raises is tried again, by whoever comes next; one that always does, or that ends
    its workers without a word, fails the run.
    """
    try:
        with transaction.atomic():
            return lock_block(block) and not is_hopeless(block) and finish_block(block)
    except Exception as error:
        logger.exception("Block %s failed, try %s.", block, block.tries)
        if isinstance(error, MemoryError):
            fail_run(block.match_run, reason=NO_MEMORY)
        elif block.tries >= MOST_FAILURES:
            fail_run(block.match_run, reason=f"{block}: {reason_of(error)}")
        return False
    finally:
        unlock(block.pk)


def lock_block(block: MatchBlock) -> bool:
    """Hold a block's row until the transaction ends; False when another worker holds it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST_BLOCK}'")
    rows = MatchBlock.objects.filter(pk=block.pk, finished_at=None)
    return bool(
        rows.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
    )


def is_hopeless(block: MatchBlock) -> bool:
    """Fail the run when a block, held by this worker, was begun too often; True then.

    Only its holder can tell: others may have begun it at the same moment and found it taken.
    """
    if block.tries <= MOST_TRIES:
        return False
    fail_run(block.match_run, reason=f"{block} was begun {MOST_TRIES} times and never ended")
    return True


def finish_block(block: MatchBlock) -> bool:
    """Compute a block that this worker holds and write what came out."""
    started, run = time.process_time(), block.match_run
    snapshot = snapshot_of(run)
    result, pairs = WORK[BlockKind(block.kind)](block, snapshot)
    MatchBlock.objects.filter(pk=block.pk).update(
        result=result,
        pairs=pairs,
        finished_at=Now(),
        cpu_seconds=time.process_time() - started,
        worker=worker_name(),
    )
    if opens_next(block):
        ring(TASK)
    return True


def opens_next(block: MatchBlock) -> bool:
    """Tell whether others may have waited for this block."""
    is_first = block.kind == BlockKind.SCORE and block.number == 0
    return is_first or open_stage(block.match_run) != block.kind
