"""The frozen input of a run: what is read, what is kept, and what another machine has of it."""

import resource
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone

from matching.models import MatchRun, MatchRunState, Profile, Side, SnapshotChunk
from matching.scoring.sides import hashes
from matching.services import matching, run_blocks, snapshot_copies, snapshots
from matching.services.embeddings import refresh_stale_embeddings
from matching.services.members import read_members
from matching.services.run_states import NO_ROOM, prune_runs
from matching.services.snapshot_copies import CopyError, SnapshotError
from matching.services.snapshots import make_snapshot, snapshot_of
from tests.factories.matching import KoreanProfileFactory, ListingFactory, ProfileFactory


@pytest.fixture(autouse=True)
def own_machine(lexical, tmp_path, monkeypatch):
    """Compare words only, on a machine of its own."""
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path / "one"))


def begin():
    refresh_stale_embeddings()
    run = MatchRun.objects.create(**snapshots.embedders(), weights_version="1")
    snapshot = make_snapshot(run)
    MatchRun.objects.filter(pk=run.pk).update(snapshot_hash=snapshot.key)
    run.refresh_from_db()
    return run, snapshot


def test_snapshot_has_everybody_in_the_order_of_the_pass(minji, anna, omar):
    ListingFactory(profile=anna, kind="offer")

    _run, snapshot = begin()

    ids = snapshot.left.ids
    assert sorted(ids.tolist()) == [anna.pk, omar.pk]
    assert (np.diff(hashes(ids).astype(np.float64)) > 0).all()
    assert snapshot.right.ids.tolist() == [minji.pk]
    [row] = snapshot.left_facts.rows_of([anna.pk])
    assert snapshot.left_evidence.offers.counts[row] == 1
    assert snapshot.left_facts.rows_of([minji.pk]).tolist() == [-1]


def test_members_read_alone_equal_those_read_together(minji, anna, omar):
    Profile.objects.filter(pk=anna.pk).update(
        would_host=True, would_visit=True, career_stage="R3", visibility={"topics": "private"}
    )
    _run, snapshot = begin()

    alone = read_members([anna.pk], snapshot.shape)
    together = read_members([omar.pk, anna.pk], snapshot.shape)

    packed = snapshots.left_vectors(alone.people).rows[0]
    [row] = snapshot.left_facts.rows_of([anna.pk])
    np.testing.assert_array_equal(packed, snapshot.left.rows[row])
    np.testing.assert_array_equal(packed, snapshots.left_vectors(together.people).rows[1])
    assert alone.people.hosts.tolist() == [True]
    assert alone.people.stage.tolist() == [[False, False, True, False]]


def test_another_machine_copies_the_snapshot_once(minji, anna, tmp_path, monkeypatch):
    run, here = begin()
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path / "other"))
    snapshots.open_snapshot.cache_clear()

    there = snapshot_of(run)
    SnapshotChunk.objects.all().delete()
    snapshots.open_snapshot.cache_clear()

    assert there.key == here.key
    assert not there.left.rows.flags.writeable
    np.testing.assert_array_equal(there.left.rows, here.left.rows)
    assert snapshot_of(run).key == here.key


def test_somebody_who_changes_sides_meanwhile_stands_on_neither(minji, anna, omar, monkeypatch):
    read = snapshots.member_ids

    def read_then_move(embedder, side):
        ids = read(embedder, side)
        if side == Side.KOREA:
            # With new vectors too: a list made of them would pass for fresh.
            Profile.objects.filter(pk=omar.pk).update(side=Side.KOREA)
        return ids

    monkeypatch.setattr(snapshots, "member_ids", read_then_move)

    _run, snapshot = begin()

    assert snapshot.left.ids.tolist() == [anna.pk]
    assert snapshot.right.ids.tolist() == [minji.pk]


def test_copy_of_a_run_that_is_over_is_deleted_with_what_else_is_pruned(minji, anna, monkeypatch):
    run, snapshot = begin()
    monkeypatch.setattr(snapshot_copies, "SECONDS_KEPT", -1)
    unfinished = snapshot_copies.root() / "new-1"
    unfinished.mkdir()
    copy = snapshot_copies.directory_of(snapshot.key)
    prune_runs()
    was_kept = copy.exists()
    MatchRun.objects.filter(pk=run.pk).update(state=MatchRunState.SUPERSEDED)

    prune_runs()

    assert was_kept
    assert not copy.exists()
    assert unfinished.exists()


def test_copy_gets_its_name_when_the_disk_has_all_of_it(minji, anna, monkeypatch):
    written, fsync = [], snapshot_copies.os.fsync

    def note(number):
        written.append(Path(f"/proc/self/fd/{number}").readlink().parts[-2:])
        fsync(number)

    monkeypatch.setattr(snapshot_copies.os, "fsync", note)

    _run, snapshot = begin()

    names = {name for _directory, name in written}
    assert names == {path.name for path in snapshot_copies.directory_of(snapshot.key).iterdir()}
    assert all(directory.startswith("new-") for directory, _name in written)


def test_damaged_chunk_is_refused(minji, anna, tmp_path, monkeypatch):
    run, _here = begin()
    chunk = SnapshotChunk.objects.get(name="left_rows")
    data = bytearray(chunk.data)
    data[7] ^= 1
    SnapshotChunk.objects.filter(pk=chunk.pk).update(data=bytes(data))
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path / "other"))
    snapshots.open_snapshot.cache_clear()

    with pytest.raises(SnapshotError, match="damaged"):
        snapshot_of(run)

    assert list((tmp_path / "other" / "snapshots").glob("new-*")) == []


def no_directory(directory):
    """Let a file lie where the directory of the copies should be."""
    directory.mkdir()
    (directory / "snapshots").touch()


@contextmanager
def no_room(_directory):
    """Let the system refuse to write more than a little into any file, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(params=("no directory", "no room"))
def elsewhere(request, minji, anna, tmp_path, monkeypatch):
    """A run that is begun, and a machine that cannot write a copy of its input."""
    monkeypatch.setattr(run_blocks, "SECONDS_ASIDE", 0)
    monkeypatch.setattr(run_blocks, "NEXT_COPIES", {})
    refresh_stale_embeddings()
    run = matching.run_due_matching()
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path / "other"))
    snapshots.open_snapshot.cache_clear()
    if request.param == "no directory":
        no_directory(tmp_path / "other")
        yield run
    else:
        with no_room(tmp_path / "other"):
            yield run


def test_machine_that_cannot_copy_the_input_says_so(elsewhere):
    with pytest.raises(CopyError, match="cannot be copied here"):
        snapshot_of(elsewhere)

    assert list(snapshot_copies.root().glob("new-*")) == []


def test_machine_that_cannot_copy_the_input_leaves_blocks_to_others(
    elsewhere, tmp_path, monkeypatch, caplog
):
    done = [run_blocks.work_on_blocks(elsewhere, seconds=5) for _again in range(4)]
    tries = set(elsewhere.blocks.values_list("tries", flat=True))
    ended = matching.end_run(elsewhere)
    told = caplog.text.count("leaves the run to others")

    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path / "one"))
    monkeypatch.setattr(run_blocks, "NEXT_COPIES", {})
    matching.complete_run(elsewhere)

    assert done == [0] * 4
    assert tries == {0}
    assert not ended
    assert told == 1
    assert elsewhere.state == MatchRunState.PUBLISHED
    assert set(elsewhere.blocks.values_list("tries", flat=True)) == {1}


def test_run_fails_when_no_machine_can_copy_its_input_for_long(elsewhere):
    MatchRun.objects.update(
        heartbeat_at=timezone.now() - run_blocks.PATIENCE - timedelta(minutes=1)
    )

    matching.work_on_running_blocks()

    elsewhere.refresh_from_db()
    assert elsewhere.state == MatchRunState.FAILED
    assert elsewhere.changes.last().reason == NO_ROOM


def test_run_whose_input_is_damaged_fails_and_says_so(minji, anna, tmp_path, monkeypatch):
    refresh_stale_embeddings()
    run = matching.run_due_matching()
    SnapshotChunk.objects.filter(name="left_rows").update(data=b"odd")
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path / "other"))
    snapshots.open_snapshot.cache_clear()

    matching.complete_run(run)

    assert run.state == MatchRunState.FAILED
    assert "damaged" in run.changes.last().reason


def test_same_people_make_the_same_snapshot(minji, anna):
    _run, one = begin()
    MatchRun.objects.all().delete()

    _run, other = begin()

    assert one.key == other.key


@pytest.mark.parametrize("factories", ((), (ProfileFactory,), (KoreanProfileFactory,)))
def test_snapshot_of_nobody_or_of_one(db, factories):
    for factory in factories:
        factory()

    run, snapshot = begin()
    snapshots.open_snapshot.cache_clear()

    assert len(snapshot.left) + len(snapshot.right) == len(factories)
    assert len(snapshot_of(run).left_evidence) == len(snapshot.left)


def test_large_arrays_are_kept_in_several_chunks(minji, anna, monkeypatch, tmp_path):
    monkeypatch.setattr("matching.services.snapshot_files.CHUNK", 1000)

    run, here = begin()
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path / "other"))
    snapshots.open_snapshot.cache_clear()

    assert SnapshotChunk.objects.filter(name="left_rows").count() > 1
    assert snapshot_of(run).key == here.key
