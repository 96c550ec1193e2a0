"""An edit in a live run leaves everybody's list as a new run would make it, to the bit."""

import threading

import numpy as np
import pytest
from django.db import connection, connections
from django.utils import timezone

from matching.models import Profile, ProfileVectors, RunEdit, SuggestionList
from matching.services import live_runs, matching, refresh
from matching.services.live_runs import Limits, open_live_run
from matching.services.refresh import refresh_profile
from matching.services.run_edits import EditsMissed, edits_since
from matching.services.suggestions import LONG_AGO
from tests.factories.matching import ProfileFactory
from tests.matching.live_people import (
    LIMITS,
    SMALL,
    People,
    assert_as_new,
    published_run,
    stored_lists,
    task,
)
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("own_directory")


@pytest.mark.parametrize("seed", range(len(LIMITS)))
def test_whatever_happens_lists_equal_those_of_a_new_run(db, seed):
    people, limits = People(seed, 26), LIMITS[seed]
    run = published_run(limits)

    for _number in range(12):
        touched = people.something_happens()
        task(run, touched, limits)
        assert_as_new(run, limits)


@pytest.mark.parametrize("count", (12, 36))
def test_one_refresh_takes_as_many_queries_for_many_as_for_few(
    db, django_assert_num_queries, count
):
    people = People(1, count)
    run = published_run(Limits())
    live = open_live_run(run, Limits())
    edited = people.edit()

    # The person: 1 side, 1 rows, 2 tags; 1 lock; 5 kinds of pairs; 1 for the lists of others,
    # 4 to change lists in place; 1 whether they still exist, 1 number, 1 edit; 4 savepoints.
    with django_assert_num_queries(22):
        refresh_profile(edited[0], live)

    assert_as_new(run, Limits())


def test_another_worker_learns_of_edits_by_their_numbers(db):
    people = People(2, 24)
    run = published_run()
    elsewhere = live_runs.LiveRun(run, SMALL)
    elsewhere.synchronise()
    for _number in range(4):
        task(run, people.edit())
    newcomer = people.join()
    task(run, newcomer)
    gone = people.anybody()
    Profile.objects.filter(pk=gone.pk).update(is_suggestible=False)
    task(run, [])

    elsewhere.synchronise()
    refresh_profile(people.edit()[0], elsewhere)

    assert RunEdit.objects.filter(match_run=run, sequence=elsewhere.sequence).exists()
    assert elsewhere.side_of(gone.pk) is None
    assert elsewhere.side_of(newcomer[0]) is not None
    assert_as_new(run)


def test_an_edit_is_seen_also_when_the_last_one_was_erased_with_its_person(db):
    people = People(7, 24)
    run = published_run()
    elsewhere = live_runs.LiveRun(run, SMALL)
    last = people.edit()
    task(run, last)
    Profile.objects.get(pk=last[0]).delete()
    elsewhere.synchronise()
    edited = people.edit()

    for person_id in [*elsewhere.strays(), *edited]:
        refresh_profile(person_id, elsewhere)
    task(run, Profile.objects.exclude(pk__in=edited).values_list("pk", flat=True))

    assert_as_new(run)


def test_a_worker_that_knows_too_little_changes_nothing(db):
    people = People(3, 24)
    run = published_run()
    behind = live_runs.LiveRun(run, SMALL)
    behind.synchronise()
    task(run, people.edit())
    before = stored_lists(run)
    edited = people.edit()

    with pytest.raises(EditsMissed):
        refresh_profile(edited[0], behind)

    assert stored_lists(run) == before
    task(run, edited)
    assert_as_new(run)


def test_a_refresh_that_breaks_in_the_middle_loses_nothing(db, monkeypatch):
    people = People(4, 24)
    run = published_run()
    edited = people.edit()
    before = stored_lists(run)
    live = open_live_run(run, SMALL)

    with monkeypatch.context() as broken:
        broken.setattr(refresh, "store_edit", lambda *_arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            refresh_profile(edited[0], live)

    assert stored_lists(run) == before
    assert RunEdit.objects.filter(match_run=run).count() == 0
    task(run, edited)
    assert_as_new(run)


def test_vectors_that_cannot_be_read_hold_up_nobody_else(db, caplog):
    people = People(9, 12)
    run = published_run(Limits())
    first, second = people.edit()[0], people.edit()[0]
    ProfileVectors.objects.filter(pk=second).update(work_items=b"odd", built_from=timezone.now())

    matching.refresh_lists(run, 20)

    stale = set(matching.stale_lists(run).values_list("pk", flat=True))
    assert first != second
    assert stale == {second}
    assert f"The list of {second} could not be refreshed." in caplog.text


@pytest.mark.parametrize("has_joined_since", (False, True))
def test_erased_people_leave_the_lists_of_others_though_nobody_changed(db, has_joined_since):
    people = People(11, 24)
    run = published_run(Limits())
    if has_joined_since:
        people.join()
        matching.refresh_lists(run, 20)
        # Another worker, to whom nobody can tell any more who this was.
        live_runs.OPENED.clear()
    gone = Profile.objects.latest("pk")
    pools = SuggestionList.objects.filter(match_run=run, pool_ids__contains=[gone.pk])
    had, changed = pools.count(), matching.stale_lists(run).count()

    gone.delete()
    matching.refresh_lists(run, 20)

    assert had > 0
    assert changed == 0
    assert pools.count() == 0
    assert_as_new(run, Limits())


def test_somebody_who_has_no_vectors_joins_nothing(db):
    run_before_people = People(5, 12)
    run = published_run()
    stranger = ProfileFactory()
    before = stored_lists(run)

    task(run, [stranger.pk, 10**9])

    assert stored_lists(run) == before
    assert run_before_people.anybody().pk in before


@pytest.mark.parametrize("is_locked", (True, False))
def test_an_answer_taken_back_meanwhile_is_not_lost(transactional_db, monkeypatch, is_locked):
    people = People(6, 16)
    run = published_run()
    person_id = people.edit()[0]
    live = open_live_run(run, SMALL)
    threads, read_pairs = [], refresh.pair_rules

    def mark():
        # What `undo_answer` does.
        SuggestionList.objects.filter(match_run=run, profile_id=person_id).update(
            built_from=LONG_AGO
        )
        connections.close_all()

    def read_then_mark(**named):
        rules = read_pairs(**named)
        if not threads:
            threads.append(threading.Thread(target=mark))
            threads[0].start()
            wait_for_a_lock() if is_locked else threads[0].join()
        return rules

    monkeypatch.setattr(refresh, "pair_rules", read_then_mark)
    if not is_locked:
        monkeypatch.setattr(refresh, "lock_list", lambda *_arguments: True)
    refresh_profile(person_id, live)
    threads[0].join()

    # Without the lock the list would pass for one that has seen what it has not.
    row = SuggestionList.objects.get(match_run=run, profile_id=person_id)
    assert (row.built_from == LONG_AGO) is is_locked


def test_the_marks_of_others_outlive_a_refresh(db):
    people = People(8, 16)
    run = published_run()
    SuggestionList.objects.filter(match_run=run).update(built_from=LONG_AGO)
    edited = people.edit()

    task(run, edited)

    fresh = SuggestionList.objects.filter(match_run=run).exclude(built_from=LONG_AGO)
    assert list(fresh.values_list("profile_id", flat=True)) == edited


def wait_for_a_lock():
    """Wait until somebody waits for a row of ours."""
    with connection.cursor() as cursor:
        wait_until(lambda: lock_is_awaited(cursor), message="Nobody waits")


def lock_is_awaited(cursor):
    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
    return cursor.fetchone()[0]


def test_edits_survive_being_stored(db):
    people = People(7, 10)
    run = published_run()
    task(run, people.edit())
    live = open_live_run(run, SMALL)
    [(sequence, edit)] = edits_since(run, 0)
    [place] = live.side(edit.position).places_of([edit.person_id])
    known, evidence = live.side(edit.position).edits[int(place)]

    assert sequence == live.sequence
    assert edits_since(run, sequence) == []
    np.testing.assert_array_equal(edit.vectors.rows, known.rows)
    assert edit.vectors.starts == known.starts
    for name, array in evidence.to_arrays().items():
        np.testing.assert_array_equal(edit.evidence.to_arrays()[name], array)
