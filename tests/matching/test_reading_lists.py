"""Reading one list is one row by its index, and there is always one to read."""

import threading
import time

import numpy as np
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from konnect.accounts.models import User
from matching.models import MatchRun, MatchRunState, Profile, SuggestionList
from matching.scoring import TERMS
from matching.services import run_states
from matching.services.list_rows import EVIDENCE, ListTable, copy_lists, microseconds
from matching.services.run_states import prune_runs, publish_run
from matching.services.suggestions import current_list, published_list
from tests.processes import wait_until

RESERVE, KEEP = 12, 8


def many_people(count):
    """People who are no more than rows that lists can belong to."""
    users = User.objects.bulk_create([User(email=f"p{n}@x.example") for n in range(count)])
    people = Profile.objects.bulk_create(
        [Profile(user=user, display_name=user.email, side="europe") for user in users]
    )
    return [person.pk for person in people]


def write_run(people, state=MatchRunState.RUNNING):
    """A run with a list for everybody; the scores name the run."""
    run = MatchRun.objects.create(embedder="lexical@1", weights_version="1", state=state)
    count = len(people)
    partners = np.tile(np.arange(1, KEEP + 1), (count, 1))
    scores = np.full((count, KEEP), run.pk)
    zeros = np.zeros(count, dtype=np.int64)
    parts = np.zeros((count, KEEP, len(TERMS)), dtype=np.int64)
    parts[:, :, 0] = scores
    table = ListTable(
        person_ids=np.array(people),
        counts=zeros + KEEP,
        partner_ids=partners,
        scores=scores,
        parts=parts,
        evidence=np.zeros((count, KEEP, EVIDENCE), dtype=np.int64),
        pool_ids=np.tile(np.arange(1, RESERVE + 1), (count, 1)),
        pool_scores=np.full((count, RESERVE), run.pk),
        pool_counts=zeros + RESERVE,
        pool_floor=zeros + run.pk,
        demand=zeros,
        is_complete=zeros > 0,
        built_from=zeros + microseconds(timezone.now()),
    )
    copy_lists(run.pk, table)
    return run


def test_a_list_is_one_row_found_by_its_index(db):
    people = many_people(3000)
    for state in (MatchRunState.SUPERSEDED, MatchRunState.FAILED, MatchRunState.PUBLISHED):
        write_run(people, state)
    sql, parameters = published_list.inside(profile_id=str(people[1500]))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE matching_suggestionlist, matching_matchrun, matching_profile")
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {sql}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    lists = [line for line in plan.splitlines() if "matching_suggestionlist" in line]
    assert [line for line in lists if "Index Scan using one_list_a_run" in line] == lists
    assert "rows=1.00" in lists[0] or "rows=1 " in lists[0]
    assert "match_run_id" in plan
    assert "Seq Scan on matching_suggestionlist" not in plan


def test_the_pool_is_not_read_with_the_list(db, django_assert_num_queries):
    [person_id] = many_people(1)
    run = write_run([person_id], MatchRunState.PUBLISHED)
    current_list(Profile(pk=person_id))

    with CaptureQueriesContext(connection) as queries:
        row = current_list(Profile(pk=person_id))

    assert len(queries) == 1
    assert row.get_deferred_fields() >= {"pool_ids", "pool_scores", "pool_floor"}
    assert row.scores == [run.pk] * KEEP
    with django_assert_num_queries(0):
        assert (row.match_run.embedder, row.match_run.weights_version) == ("lexical@1", "1")
    assert row.pool_scores == [run.pk] * RESERVE


def test_there_is_no_list_without_a_published_run(db):
    people = many_people(2)
    write_run(people, MatchRunState.RUNNING)
    write_run(people, MatchRunState.SUPERSEDED)

    assert current_list(Profile(pk=people[0])) is None


@pytest.mark.parametrize("is_switched_at_once", (True, False))
def test_readers_never_find_nothing_while_runs_change(transactional_db, is_switched_at_once):
    people = many_people(300)
    publish_run(write_run(people))
    stop, seen, missing = threading.Event(), [], []

    def read():
        while not stop.is_set():
            row = current_list(Profile(pk=people[len(seen) % len(people)]))
            if row is None:
                missing.append(len(seen))
            else:
                seen.append((row.match_run_id, *set(row.scores)))
        connections.close_all()

    def read_on(count):
        wanted = len(seen) + count
        while len(seen) < wanted and reader.is_alive():
            time.sleep(0.01)

    reader = threading.Thread(target=read)
    reader.start()
    for _number in range(3):
        run = write_run(people)
        read_on(5)
        if is_switched_at_once:
            publish_run(run)
            read_on(5)
            prune_runs()
        else:
            # The twin: whoever drops the old before the new is there leaves readers with nothing.
            MatchRun.objects.filter(state=MatchRunState.PUBLISHED).update(
                state=MatchRunState.SUPERSEDED
            )
            wait_until(lambda: missing or not reader.is_alive())
            MatchRun.objects.filter(pk=run.pk).update(state=MatchRunState.PUBLISHED)
        read_on(5)
    stop.set()
    reader.join()

    assert bool(missing) is not is_switched_at_once
    assert all(run_id == score for run_id, score in seen)
    assert len({run_id for run_id, _score in seen}) >= 3


def test_old_lists_are_dropped_in_portions(db, monkeypatch):
    people = many_people(130)
    runs = [write_run(people) for _number in range(1)]
    for _number in range(3):
        publish_run(runs[-1])
        runs.append(write_run(people))
    monkeypatch.setattr(run_states, "LISTS_A_PORTION", 50)

    with CaptureQueriesContext(connection) as queries:
        prune_runs()

    deletions = [one for one in queries if "DELETE FROM matching_suggestionlist" in one["sql"]]
    # 50, 50, 30, and one that finds nothing more.
    assert len(deletions) == 4
    kept = set(SuggestionList.objects.values_list("match_run", flat=True))
    assert kept == {run.pk for run in runs[1:]}
