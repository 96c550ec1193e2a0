"""Runs: everybody's suggestions computed at once, seen whole or not at all."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from konnect.accounts.doorbell import ring
from konnect.states import TransitionError
from matching.embedding import get_embedder, identity
from matching.models import MatchRun, MatchRunState, Profile, SuggestionList
from matching.models.profile import ProfileQuerySet
from matching.scoring import WEIGHTS_VERSION, RankedList, ranked_lists, top_pairs
from matching.services.list_rows import copy_lists, table_of
from matching.services.population import (
    Population,
    current_tag_weights,
    load_population,
    pair_rules,
)
from matching.services.refresh import refresh_profile

if TYPE_CHECKING:
    from konnect.accounts.models import User

logger = logging.getLogger(__name__)

RUN_AGE = timedelta(days=1)
# Refreshing so many one by one costs more than a run.
STALE_SHARE, STALE_FLOOR = 0.1, 50
RUNS_KEPT = 2
LISTS_A_COPY = 1000
SECONDS_A_TASK = 20.0
REFRESH_LOCK, RUN_LOCK = 5_302, 5_303


def run_matching(*, actor: User | None = None) -> MatchRun | None:
    """Compute and publish everybody's suggestions; None when another worker is at it."""
    with only_worker(RUN_LOCK) as is_only:
        return run_alone(actor=actor) if is_only else None


def run_alone(*, actor: User | None) -> MatchRun | None:
    """Do a whole run; whoever calls this holds the lock of runs."""
    fail_orphaned_run()
    run = start_run()
    if run is None:
        return None
    try:
        compute(run)
        publish_run(run, actor=actor)
    except BaseException as error:
        fail_run(run, reason=type(error).__name__)
        raise
    ring("matching.tasks.refresh_stale_suggestions")
    return run


def run_due_matching() -> MatchRun | None:
    """Start a run when one is due; the beat asks every half a minute."""
    return run_matching() if is_run_due() else None


def is_run_due() -> bool:
    """Tell whether the published run is missing, outdated, or largely stale."""
    run = MatchRun.objects.current()
    wanted = (identity(get_embedder()), WEIGHTS_VERSION)
    if run is None:
        # Not before nearly all have vectors: joining a run one by one costs far more.
        ready, everybody = ready_count(wanted[0]), Profile.objects.suggestible().count()
        return ready > 0 and everybody - ready <= STALE_SHARE * everybody
    if (run.embedder, run.weights_version) != wanted:
        # Not before most people have vectors of the new embedder.
        return 2 * ready_count(wanted[0]) >= run.profile_count
    if timezone.now() - run.started_at > RUN_AGE:
        return True
    return stale_lists(run).count() > max(STALE_FLOOR, STALE_SHARE * run.profile_count)


def ready_count(embedder: str) -> int:
    """Return how many people have vectors of an embedder."""
    return Profile.objects.suggestible().filter(vectors__embedder=embedder).count()


def stale_lists(run: MatchRun) -> ProfileQuerySet:
    """Return the people whose list in a run is missing or older than their vectors."""
    current = SuggestionList.objects.filter(
        match_run=run, built_from__gte=F("profile__vectors__built_from")
    )
    stale: ProfileQuerySet = (
        Profile.objects.suggestible()
        .filter(vectors__embedder=run.embedder)
        .exclude(pk__in=current.values("profile_id"))
    )
    return stale.order_by("-vectors__built_from", "-pk")


def start_run() -> MatchRun | None:
    """Begin a run unless one is running: the database allows one."""
    embedder = identity(get_embedder())
    try:
        with transaction.atomic():
            return MatchRun.objects.create(
                embedder=embedder,
                weights_version=WEIGHTS_VERSION,
                tag_weights=current_tag_weights(embedder),
            )
    except IntegrityError:
        return None


def fail_orphaned_run() -> None:
    """Fail the run of a worker that died: it is running, yet nobody holds its lock."""
    orphan = MatchRun.objects.filter(state=MatchRunState.RUNNING).first()
    if orphan:
        fail_run(orphan, reason="orphaned")


def fail_run(run: MatchRun, *, reason: str) -> None:
    """Give a run up and drop its lists, which nobody has seen."""
    try:
        with transaction.atomic():
            run.move_to(MatchRunState.FAILED, actor=None, reason=reason)
            run.lists.all().delete()
    except TransitionError:
        logger.info("Run %s was given up or published by somebody else.", run.pk)


def compute(run: MatchRun) -> None:
    """Score everybody and write their lists, a transaction a portion."""
    population = load_population(run.embedder, run.tag_weights)
    beat_heart(run)
    rules = pair_rules(population.people)
    worked = rules.worked_together
    sides = (population.left, population.right)
    left, right = top_pairs(*sides, rules=rules)
    lists = [
        *ranked_lists(*sides, left, worked),
        *ranked_lists(*sides[::-1], right, worked[:, ::-1]),
    ]
    beat_heart(run)
    write_lists(run, lists, population)
    MatchRun.objects.filter(pk=run.pk).update(profile_count=len(lists))


def write_lists(run: MatchRun, lists: list[RankedList], population: Population) -> None:
    """Write all lists into a run that nobody sees yet."""
    built_from = {pk: person.built_from for pk, person in population.people.items()}
    gone = set(built_from) - set(
        Profile.objects.filter(pk__in=built_from).values_list("pk", flat=True)
    )
    kept = [ranked for ranked in lists if ranked.person_id not in gone]
    for start in range(0, len(kept), LISTS_A_COPY):
        copy_lists(run.pk, table_of(kept[start : start + LISTS_A_COPY], built_from))
        beat_heart(run)


def beat_heart(run: MatchRun) -> None:
    """Say that the run's worker lives.

    Raises:
        TransitionError: the run was given up meanwhile.
    """
    running = MatchRun.objects.filter(pk=run.pk, state=MatchRunState.RUNNING)
    if not running.update(heartbeat_at=Now()):
        raise TransitionError(f"run {run.pk} was given up")


@transaction.atomic
def publish_run(run: MatchRun, *, actor: User | None) -> None:
    """Switch everybody to the new lists in one step, and drop the oldest runs.

    Raises:
        TransitionError: the run was given up meanwhile.
    """
    for old in MatchRun.objects.select_for_update().filter(state=MatchRunState.PUBLISHED):
        old.move_to(MatchRunState.SUPERSEDED, actor=actor)
    run.move_to(MatchRunState.PUBLISHED, actor=actor, columns={"published_at": timezone.now()})
    drop_old_runs()


def drop_old_runs() -> None:
    """Delete the lists of all but the last runs that were published; the runs stay as history."""
    ended = Q(state__in=(MatchRunState.PUBLISHED, MatchRunState.SUPERSEDED))
    kept = MatchRun.objects.filter(ended).order_by("-pk").values_list("pk", flat=True)[:RUNS_KEPT]
    finished = MatchRun.objects.exclude(state=MatchRunState.RUNNING).exclude(pk__in=list(kept))
    SuggestionList.objects.filter(match_run__in=finished).delete()


def refresh_stale_suggestions(*, seconds: float = SECONDS_A_TASK) -> int:
    """Refresh, one by one, the lists of people who changed since; return how many.

    Nothing while a run is due: it will do them all.
    """
    run = MatchRun.objects.current()
    if run is None or is_run_due():
        ring("matching.tasks.run_due_matching")
        return 0
    with only_worker(REFRESH_LOCK) as is_only:
        return refresh_lists(run, seconds) if is_only else 0


@contextmanager
def only_worker(lock: int) -> Iterator[bool]:
    """Let one worker at a time do a kind of work; the lock dies with its connection.

    Two refreshers with different snapshots of the population could write an older score over a
    newer one. The run of a worker that was killed is known at once, because its lock is free.
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
    """Refresh stale lists, newest edit first, for about so many seconds."""
    deadline = time.monotonic() + seconds
    stale = list(stale_lists(run).values_list("pk", flat=True))
    if not stale:
        return 0
    population = load_population(run.embedder, run.tag_weights)
    for count, person_id in enumerate(stale, start=1):
        refresh_profile(person_id, run, population)
        if time.monotonic() > deadline:
            ring("matching.tasks.refresh_stale_suggestions")
            return count
    return len(stale)
