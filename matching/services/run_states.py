"""The life of a run: begun, published whole, or given up; and what is dropped afterwards."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from konnect.accounts.doorbell import ring
from konnect.states import TransitionError
from matching.models import MatchRun, MatchRunState
from matching.scoring import WEIGHTS_VERSION
from matching.services.erasures import drop_followed_erasures
from matching.services.snapshot_copies import delete_old_copies
from matching.services.snapshots import embedders

if TYPE_CHECKING:
    from konnect.accounts.models import User

logger = logging.getLogger(__name__)

# Runs whose lists are kept: people may be reading those of the last one.
RUNS_KEPT = 2
PRUNING_SECONDS = 5.0
# A text that is still there is embedded again when its owner edits something.
TEXTS_KEPT = timedelta(days=30)
NO_MEMORY = gettext_noop("There was not enough memory for this many people.")
NO_INPUT = gettext_noop("The input could not be frozen: the workers at it were ended.")
NO_ROOM = gettext_noop("No machine could write a copy of the input.")
# Rows that are dropped in one transaction: nobody waits for long, and nothing grows at once.
LISTS_A_PORTION, CHUNKS_A_PORTION = 2000, 16
# One portion each; {kept} are runs whose rows stay.
PRUNING = {
    "lists": (
        "DELETE FROM matching_suggestionlist WHERE id IN (SELECT list.id FROM"
        " matching_suggestionlist list WHERE list.match_run_id = ANY (%(gone)s) LIMIT %(many)s)"
    ),
    "edits": (
        "DELETE FROM matching_runedit WHERE id IN (SELECT edit.id FROM matching_runedit edit"
        " JOIN matching_matchrun run ON run.id = edit.match_run_id"
        " WHERE run.state NOT IN ('running', 'published') LIMIT %(many)s)"
    ),
    "chunks": (
        "DELETE FROM matching_snapshotchunk WHERE id IN (SELECT chunk.id FROM"
        " matching_snapshotchunk chunk JOIN matching_matchrun run ON run.id = chunk.match_run_id"
        " WHERE run.state NOT IN ('running', 'published')"
        " OR (run.state = 'published' AND chunk.name = 'pool') LIMIT %(few)s)"
    ),
    "results": (
        "UPDATE matching_matchblock SET result = NULL WHERE id IN (SELECT block.id FROM"
        " matching_matchblock block JOIN matching_matchrun run ON run.id = block.match_run_id"
        " WHERE run.state <> 'running' AND block.result IS NOT NULL LIMIT %(few)s)"
    ),
    # Nobody knows whose text it was: so what erased people wrote, and earlier versions, go with
    # time. The oldest rows come first by their key, which saves an index of dates.
    "texts": (
        "DELETE FROM matching_textembedding WHERE id IN (SELECT id FROM (SELECT id, created_at"
        " FROM matching_textembedding ORDER BY id LIMIT %(many)s) AS oldest"
        " WHERE created_at < now() - %(kept)s)"
    ),
}


def start_run(*, repeats: MatchRun | None = None) -> MatchRun | None:
    """Begin a run, or a repetition, unless one is running: the database allows one."""
    if repeats is None:
        columns = {**embedders(), "weights_version": WEIGHTS_VERSION}
    else:
        names = ("embedder", "english_embedder", "weights_version", "tag_weights")
        columns = {name: getattr(repeats, name) for name in names}
    try:
        with transaction.atomic():
            return MatchRun.objects.create(repeats=repeats, **columns)
    except IntegrityError:
        return None


def fail_run(run: MatchRun, *, reason: str) -> None:
    """Give a run up; nobody has seen its lists, and people keep the old ones."""
    try:
        run.move_to(MatchRunState.FAILED, actor=None, reason=reason[:500])
    except TransitionError:
        logger.info("Run %s was given up or published by somebody else.", run.pk)
    else:
        logger.warning("Run %s failed: %s", run.pk, reason)


def cancel_run(run: MatchRun, *, actor: User | None) -> None:
    """Stop a run: workers notice before their next block, and nothing of it is published.

    Raises:
        TransitionError: it is not running any more.
    """
    run.move_to(MatchRunState.CANCELLED, actor=actor)
    ring("matching.tasks.prune_runs")


@transaction.atomic
def publish_run(run: MatchRun, *, actor: User | None = None) -> None:
    """Switch everybody to the new lists in one step.

    Raises:
        TransitionError: the run was given up, or published by another worker, meanwhile.
    """
    for old in MatchRun.objects.select_for_update().filter(state=MatchRunState.PUBLISHED):
        old.move_to(MatchRunState.SUPERSEDED, actor=actor)
    columns = {"published_at": timezone.now(), "profile_count": run.lists.count()}
    run.move_to(MatchRunState.PUBLISHED, actor=actor, columns=columns)
    ring("matching.tasks.refresh_stale_suggestions")
    ring("matching.tasks.prune_runs")


def reason_of(error: BaseException) -> str:
    """Return why a run failed, for whoever runs the portal; translated where it is shown."""
    if isinstance(error, MemoryError):
        return NO_MEMORY
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def prune_runs(*, seconds: float = PRUNING_SECONDS) -> bool:
    """Drop, in small portions, what no run needs any more; True when nothing is left.

    So that of people who were erased nothing stays, this machine's copies go too. The runs
    themselves and their blocks stay as history, without their bytes.
    """
    deadline = time.monotonic() + seconds
    delete_old_copies()
    drop_followed_erasures()
    parameters = {
        "gone": runs_without_lists(),
        "many": LISTS_A_PORTION,
        "few": CHUNKS_A_PORTION,
        "kept": TEXTS_KEPT,
    }
    for statement in PRUNING.values():
        while drop_portion(statement, parameters):
            if time.monotonic() > deadline:
                ring("matching.tasks.prune_runs")
                return False
    return True


def runs_without_lists() -> list[int]:
    """Return the runs whose lists nobody will read again."""
    ended = Q(state__in=(MatchRunState.PUBLISHED, MatchRunState.SUPERSEDED))
    kept = MatchRun.objects.filter(ended).order_by("-pk").values_list("pk", flat=True)[:RUNS_KEPT]
    finished = MatchRun.objects.exclude(state=MatchRunState.RUNNING).exclude(pk__in=list(kept))
    return list(finished.values_list("pk", flat=True))


def drop_portion(statement: str, parameters: dict[str, Any]) -> int:
    """Drop one portion of rows; return how many there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
