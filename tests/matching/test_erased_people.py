"""People who are erased: out of everything that runs keep, whenever it happens."""

import os
import threading
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from konnect.accounts.services import erase_account
from matching.models import (
    ContactRequest,
    Erasure,
    MatchRun,
    MatchRunState,
    RunEdit,
    SuggestionList,
)
from matching.services import live_runs, matching, run_blocks, snapshot_copies
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.erasures import GATHERING, people_in_input
from matching.services.profiles import mark_matching_changed
from matching.services.run_states import prune_runs
from tests.factories.matching import (
    AcceptedContactRequestFactory,
    KoreanProfileFactory,
    ProfileFactory,
)
from tests.processes import PATIENCE

pytestmark = pytest.mark.usefixtures("own_directory")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Cut even eight people into many blocks."""
    monkeypatch.setattr(run_blocks, "SMALLEST_BLOCK", 2)
    monkeypatch.setattr(run_blocks, "LARGEST_BLOCK", 2)
    monkeypatch.setattr(run_blocks, "PEOPLE_A_RANK_BLOCK", 2)


@pytest.fixture
def people(transactional_db):
    """Some on each side, with vectors; the newest ids are far from any other number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('matching_profile', 'id'), 7340000)")
    found = [
        factory(summary_en=f"solar cells and number {number}")
        for number in range(4)
        for factory in (ProfileFactory, KoreanProfileFactory)
    ]
    refresh_stale_embeddings()
    return found


def some_minutes_pass():
    """Let the time be over in which erasures are gathered."""
    earlier = timezone.now() - GATHERING - timedelta(seconds=1)
    Erasure.objects.update(erased_at=earlier)


def the_beat_asks():
    """Do what the worker does every few seconds, or minutes; return the run that was due."""
    matching.refresh_stale_suggestions()
    run = matching.run_due_matching()
    while MatchRun.objects.running():
        matching.work_on_running_blocks()
    matching.refresh_stale_suggestions()
    for copy in snapshot_copies.root().iterdir():
        # Ten minutes pass, after which nobody is about to open a copy.
        os.utime(copy, (0, 0))
    prune_runs()
    return run


def traces(person_id):
    """Return the tables and files in which a person's number stands, in text or in bytes."""
    packed = [np.array([person_id], code).tobytes() for code in ("<i8", "<i4")]
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT entry::text, entry.* FROM "{table}" entry')
            for text, *columns in cursor.fetchall():
                blobs = [bytes(value) for value in columns if isinstance(value, memoryview)]
                if str(person_id) in text or any(
                    each in blob for each in packed for blob in blobs
                ):
                    found.add(table)
    for path in snapshot_copies.root().rglob("*"):
        if path.is_file() and any(each in path.read_bytes() for each in packed):
            found.add("copies")
    return found


def test_erasure_is_followed_by_one_run_for_all_that_drops_their_input(people):
    first = the_beat_asks()
    gone = [people[0], people[3]]
    numbers = [person.pk for person in gone]
    before = traces(numbers[0])
    for person in gone:
        erase_account(person.user)
    at_once = the_beat_asks()
    was_kept = people_in_input(first, numbers)

    some_minutes_pass()
    second = the_beat_asks()

    assert {"matching_snapshotchunk", "matching_suggestionlist", "copies"} < before
    assert at_once is None
    assert was_kept == set(numbers)
    assert second.pk > first.pk
    assert [traces(number) for number in numbers] == [set(), set()]
    assert not Erasure.objects.exists()
    assert not matching.is_run_due()


@pytest.mark.parametrize("blocks", (0, 1, 2, 3, 5, 7))
def test_erasure_amid_a_run_lets_it_end_without_them_and_another_follow(people, blocks):
    the_beat_asks()
    MatchRun.objects.update(started_at=timezone.now() - timedelta(days=2))
    run = matching.run_due_matching()
    for _block in range(blocks):
        run_blocks.work_on_blocks(run, seconds=0)
    open_blocks = run.blocks.filter(finished_at=None).count()
    person = people[1]
    number = person.pk

    erase_account(person.user)
    some_minutes_pass()
    while not matching.end_run(run):
        run_blocks.work_on_blocks(run, seconds=0)
    has_list = run.lists.filter(profile_id=number).exists()
    follower = the_beat_asks()

    assert open_blocks == 7 - blocks
    assert run.state == MatchRunState.PUBLISHED
    assert run.lists.count() == len(people) - 1
    assert not has_list
    assert follower.pk > run.pk
    assert traces(number) == set()
    assert not matching.is_run_due()


def test_lists_that_grow_old_do_not_wait_for_the_run_that_follows_an_erasure(people):
    run = the_beat_asks()
    erase_account(people[0].user)
    some_minutes_pass()
    mark_matching_changed(people[1])
    refresh_stale_embeddings()

    count = matching.refresh_stale_suggestions()

    assert matching.is_run_due()
    assert count == 2
    assert not matching.stale_lists(run).exists()


def test_edit_goes_with_its_person_and_needs_no_run_of_its_own(people):
    the_beat_asks()
    newcomer = ProfileFactory(summary_en="solar cells")
    number = newcomer.pk
    refresh_stale_embeddings()
    the_beat_asks()
    edits = RunEdit.objects.filter(profile_id=number)
    had = traces(number)
    live_runs.OPENED.clear()

    erase_account(newcomer.user)
    has_edit = edits.exists()
    the_beat_asks()
    some_minutes_pass()

    assert {"matching_runedit", "matching_suggestionlist"} < had
    assert not has_edit
    assert not matching.is_run_due()
    assert traces(number) == set()


def test_erasure_that_commits_after_the_input_was_read_is_followed(people):
    person, number = people[2], people[2].pk
    erased, frozen = threading.Event(), threading.Event()

    def erase_slowly():
        with transaction.atomic():
            erase_account(person.user)
            erased.set()
            assert frozen.wait(PATIENCE)
        connections.close_all()

    thread = threading.Thread(target=erase_slowly)
    thread.start()
    assert erased.wait(PATIENCE)
    run = matching.run_due_matching()
    frozen.set()
    thread.join()
    was_read = people_in_input(run, [number])
    the_beat_asks()
    some_minutes_pass()
    follower = the_beat_asks()

    assert was_read == {number}
    assert follower.pk > run.pk
    assert traces(number) == set()


def test_number_is_kept_while_an_input_is_being_read(people):
    the_beat_asks()
    running = matching.start_run()
    erase_account(people[0].user)
    SuggestionList.objects.all().delete()
    Erasure.objects.update(out_of_lists_of=MatchRun.objects.current())
    MatchRun.objects.filter(state=MatchRunState.PUBLISHED).update(state=MatchRunState.SUPERSEDED)

    prune_runs()
    while_reading = Erasure.objects.count()
    matching.prepare_run(running)
    prune_runs()

    assert while_reading == 1
    assert Erasure.objects.count() == 0


def test_contact_that_lost_one_side_stops_no_run(people):
    kept, parting = people[:2]
    AcceptedContactRequestFactory(sender=parting, recipient=kept)

    erase_account(parting.user)

    assert ContactRequest.objects.filter(sender=None, recipient=kept).exists()
    assert matching.run_matching().state == MatchRunState.PUBLISHED
