"""Runs shared by real workers that are killed, cancelled, far away or unheard of."""

import threading
import time

import psycopg2
import pytest
from celery import current_app
from django.db import connection, connections

from matching.models import BlockKind, MatchRun, MatchRunState, SuggestionList
from matching.services import matching, run_blocks
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.run_states import cancel_run, start_run
from tests.factories.matching import KoreanProfileFactory, ListingFactory, ProfileFactory
from tests.processes import PATIENCE, environment, start_worker, test_database_url, wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("processes"),
    pytest.mark.usefixtures("lexical"),
]

# A test may hold a table for longer than a statement waits: machines that test are busy.
LEXICAL = {"KONNECT_EMBEDDER": "lexical", "KONNECT_LOCK_TIMEOUT": f"{PATIENCE}s"}
# What a block does first with the table that a test holds; other tasks write it otherwise.
FIRST_STATEMENT = {
    "matching_snapshotchunk": 'DELETE FROM "matching_snapshotchunk"%',
    "matching_suggestionlist": "COPY matching_suggestionlist%",
}
WORDS = ("solar cells", "graphene", "vaccines", "robots", "membranes", "genomics")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Cut even a dozen people into many blocks."""
    monkeypatch.setattr(run_blocks, "SMALLEST_BLOCK", 2)
    monkeypatch.setattr(run_blocks, "LARGEST_BLOCK", 2)
    monkeypatch.setattr(run_blocks, "PEOPLE_A_RANK_BLOCK", 2)


@pytest.fixture
def people(transactional_db):
    """Six on each side, with vectors."""
    for word, other in zip(WORDS, reversed(WORDS), strict=True):
        offering = ProfileFactory(summary_en=f"{word} and {WORDS[0]}")
        ListingFactory(profile=offering, kind="offer", title_en=other)
        seeking = KoreanProfileFactory(summary_ko=f"{word} and {WORDS[1]}")
        ListingFactory(profile=seeking, kind="request", title_en=word)
    refresh_stale_embeddings()


@pytest.fixture
def undisturbed(people):
    """A published run that one process computed alone."""
    return matching.run_matching()


@pytest.fixture
def start_portal_worker(transactional_db, broker, logs):
    """Return a function that starts a worker on the test database; all are killed in the end."""
    started = []

    def start(**others):
        variables = environment(test_database_url(), broker.redis_url, **LEXICAL, **others)
        started.append(start_worker(variables, logs / "runs.log"))
        return started[-1]

    yield start
    for worker in started:
        worker.stop()


def begin(repeats):
    """Begin a run over the frozen input of another, with all its blocks open."""
    run = start_run(repeats=repeats)
    assert matching.prepare_run(run)
    call_workers()
    return run


def call_workers():
    """Ring for the workers: the tests' own rings go where nobody hears them."""
    current_app.send_task(run_blocks.TASK, queue="celery")


@pytest.fixture
def hold(start_portal_worker):
    """Return a function that lets nobody write a table until what it returns is closed."""
    holders = []

    def lock(table):
        holders.append(psycopg2.connect(test_database_url()))
        with holders[-1].cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        return holders[-1]

    yield lock
    for holder in holders:
        holder.close()


def waiting(table):
    """Return how many blocks wait for a table that is held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE %s",
            [FIRST_STATEMENT[table]],
        )
        return cursor.fetchone()[0]


def is_over(run):
    run.refresh_from_db()
    return run.state != MatchRunState.RUNNING


def lists_of(run):
    columns = ("profile_id", "partner_ids", "scores", "parts", "evidence", "pool_ids",
               "pool_scores", "pool_floor", "demand", "is_complete", "built_from")  # fmt: skip
    rows = SuggestionList.objects.filter(match_run=run).order_by("profile_id")
    return list(rows.values_list(*columns))


@pytest.mark.parametrize(
    ("table", "kind"),
    (
        ("matching_snapshotchunk", BlockKind.PRICE),
        ("matching_suggestionlist", BlockKind.RANK),
    ),
)
def test_killed_worker_costs_one_block_and_changes_nothing(
    undisturbed, start_portal_worker, hold, table, kind
):
    run = begin(undisturbed)
    holder = hold(table)
    worker = start_portal_worker()
    wait_until(lambda: waiting(table))

    worker.kill()
    holder.close()
    start_portal_worker()

    wait_until(lambda: is_over(run))
    assert run.state == MatchRunState.PUBLISHED
    again = run.blocks.filter(tries__gt=1)
    assert [(block.kind, block.tries) for block in again] == [(kind, 2)]
    assert run.snapshot_hash == undisturbed.snapshot_hash
    assert lists_of(run) == lists_of(undisturbed)


def test_two_workers_share_the_blocks_also_from_another_machine(
    undisturbed, start_portal_worker, hold, tmp_path, logs
):
    log = logs / "runs.log"
    ready = log.read_text().count(" ready.") if log.exists() else 0
    start_portal_worker()
    start_portal_worker(KONNECT_DATA_DIR=str(tmp_path / "other"))
    wait_until(lambda: log.read_text().count(" ready.") == ready + 2)
    holder = hold("matching_suggestionlist")
    run = begin(undisturbed)
    # The first one is stuck in its block; the second found another.
    wait_until(lambda: waiting("matching_suggestionlist") == 2)
    holder.close()

    wait_until(lambda: is_over(run))
    ranked = run.blocks.filter(kind=BlockKind.RANK)
    assert ranked.values("worker").distinct().count() == 2
    assert set(run.blocks.values_list("tries", flat=True)) == {1}
    assert (tmp_path / "other" / "snapshots" / run.snapshot_hash / "left_rows").exists()
    assert lists_of(run) == lists_of(undisturbed)


def test_worker_without_room_for_the_input_leaves_the_run_to_another(
    undisturbed, start_portal_worker, tmp_path, logs
):
    log = logs / "runs.log"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "snapshots").touch()
    start_portal_worker(KONNECT_DATA_DIR=str(tmp_path / "full"))
    run = begin(undisturbed)
    wait_until(lambda: f"of run {run.pk} cannot be copied here" in log.read_text())

    start_portal_worker()

    wait_until(lambda: is_over(run))
    assert run.state == MatchRunState.PUBLISHED
    assert set(run.blocks.values_list("tries", flat=True)) == {1}
    assert run.blocks.values("worker").distinct().count() == 1
    assert lists_of(run) == lists_of(undisturbed)


def test_cancelled_run_ends_at_the_next_block_and_is_dropped(
    undisturbed, start_portal_worker, hold
):
    run = begin(undisturbed)
    holder = hold("matching_suggestionlist")
    start_portal_worker()
    wait_until(lambda: waiting("matching_suggestionlist"))

    cancel_run(run, actor=None)
    holder.close()

    # The block in hand still writes its lists; no other is begun, and all is dropped.
    wait_until(lambda: run.blocks.filter(kind="rank").exclude(finished_at=None).count() == 1)
    # The beat asks once a minute.
    current_app.send_task("matching.tasks.prune_runs", queue="celery")
    wait_until(lambda: not run.lists.exists() and not run.chunks.exists())
    assert run.blocks.filter(kind="rank").exclude(finished_at=None).count() == 1
    assert MatchRun.objects.current() == undisturbed


def test_blocks_of_a_run_that_began_without_a_broker_are_found(
    undisturbed, broker, start_portal_worker
):
    broker.stop_valkey()
    run = start_run(repeats=undisturbed)
    assert matching.prepare_run(run)
    broker.start_valkey()
    start_portal_worker()

    wait_until(lambda: is_over(run))

    assert run.state == MatchRunState.PUBLISHED
    assert lists_of(run) == lists_of(undisturbed)


@pytest.mark.parametrize("is_locked", (True, False))
def test_block_is_computed_by_one_of_two_workers(people, monkeypatch, is_locked):
    run = start_run()
    matching.prepare_run(run)
    # Begun twice, as when the first worker is slow between beginning and locking.
    blocks = [run_blocks.claim_block(run) for _ in range(2)]
    computed, other_ended, both_compute = [], threading.Event(), threading.Barrier(2)
    work = run_blocks.WORK[BlockKind.SCORE]

    def compute(block, snapshot):
        computed.append(block.pk)
        assert other_ended.wait(PATIENCE) if is_locked else both_compute.wait(PATIENCE) >= 0
        return work(block, snapshot)

    def beside(block):
        run_blocks.do_block(block)
        other_ended.set()
        connections.close_all()

    monkeypatch.setitem(run_blocks.WORK, BlockKind.SCORE, compute)
    if not is_locked:
        monkeypatch.setattr(run_blocks, "lock_block", lambda block: True)
    threads = [threading.Thread(target=beside, args=(block,)) for block in blocks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert blocks[0] == blocks[1]
    assert computed == [blocks[0].pk] * (1 if is_locked else 2)


def test_block_that_many_begin_at_once_does_not_fail_its_run(people, monkeypatch):
    run = start_run()
    matching.prepare_run(run)
    run.blocks.filter(kind=BlockKind.SCORE).update(tries=run_blocks.MOST_TRIES - 1)
    first, late = (run_blocks.claim_block(run) for _ in range(2))
    work, ended = run_blocks.WORK[BlockKind.SCORE], []

    def beside():
        ended.append(run_blocks.do_block(late))
        connections.close_all()

    def compute(block, snapshot):
        thread = threading.Thread(target=beside)
        thread.start()
        thread.join()
        return work(block, snapshot)

    monkeypatch.setitem(run_blocks.WORK, BlockKind.SCORE, compute)

    assert first == late
    assert run_blocks.do_block(first)
    assert ended == [False]
    run.refresh_from_db()
    assert run.state == MatchRunState.RUNNING


@pytest.mark.parametrize("may_take_long", (True, False))
def test_block_may_take_longer_than_others_may_idle(people, monkeypatch, may_take_long):
    run = start_run()
    matching.prepare_run(run)
    work, lock = run_blocks.WORK[BlockKind.SCORE], run_blocks.lock_block

    def lock_only(block):
        locked = lock(block)
        if not may_take_long:
            set_idle_limit("LOCAL")
        return locked

    def compute_long(block, snapshot):
        time.sleep(1.5)
        return work(block, snapshot)

    monkeypatch.setattr(run_blocks, "lock_block", lock_only)
    monkeypatch.setitem(run_blocks.WORK, BlockKind.SCORE, compute_long)
    set_idle_limit("SESSION")

    done = run_blocks.do_block(run_blocks.claim_block(run))

    connection.close()
    assert done is may_take_long
    # Whoever took too long has lost the block, and the next may have it.
    assert (run_blocks.claim_block(run).number == 0) is not may_take_long


def set_idle_limit(scope):
    """Let PostgreSQL end a connection that idles in a transaction, as it does in earnest."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET {scope} idle_in_transaction_session_timeout = '1s'")


@pytest.mark.parametrize("is_locked", (True, False))
def test_workers_that_look_at_once_begin_different_blocks(people, monkeypatch, is_locked):
    run = start_run()
    matching.prepare_run(run)
    run_blocks.do_block(run_blocks.claim_block(run))
    claimed, all_claimed = [], threading.Barrier(2)

    def look():
        claimed.append(run_blocks.claim_block(run).number)
        all_claimed.wait(PATIENCE)
        connections.close_all()

    if not is_locked:
        without = run_blocks.LOCK_ONE.replace("pg_try_advisory_lock(%(locks)s + id)", "TRUE")
        monkeypatch.setattr(run_blocks, "LOCK_ONE", without)
    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # Without the lock both begin the first one, and a try is counted that was none.
    assert sorted(claimed) == ([1, 2] if is_locked else [1, 1])


@pytest.mark.parametrize("is_ordered_first", (True, False))
def test_worker_locks_one_block_however_blocks_are_found(people, monkeypatch, is_ordered_first):
    run = start_run()
    matching.prepare_run(run)
    run_blocks.do_block(run_blocks.claim_block(run))
    if not is_ordered_first:
        inside = run_blocks.LOCK_ONE.replace("AS MATERIALIZED", "AS NOT MATERIALIZED")
        monkeypatch.setattr(run_blocks, "LOCK_ONE", inside)
    with connection.cursor() as cursor:
        for way in ("indexscan", "indexonlyscan", "bitmapscan"):
            cursor.execute(f"SET enable_{way} = off")

        run_blocks.claim_block(run)

        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        (locks,) = cursor.fetchone()
    connection.close()
    assert (locks == 1) is is_ordered_first
