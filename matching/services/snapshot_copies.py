"""This machine's copies of frozen inputs: made once, under the hash of what is in them, and deleted."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from konnect import embedded
from matching.models import MatchRun, MatchRunState, SnapshotChunk
from matching.services.snapshot_files import key_of, load_chunks

# Copies that no run needs are deleted when they are older than this: somebody may be opening one.
SECONDS_KEPT = 600
# What is not complete yet may be written for longer; after a kill it is nobody's.
UNFINISHED, SECONDS_UNFINISHED = "new-", 3600


class SnapshotError(Exception):
    """The frozen input of a run is missing or not what was written."""


class CopyError(Exception):
    """This machine cannot write a copy: its disk is full, or may not be written to."""


def root() -> Path:
    """Return where this machine keeps its copies."""
    return embedded.data_directory() / "snapshots"


def directory_of(key: str) -> Path:
    """Return where this machine's copy of a snapshot lies."""
    return root() / key


@contextmanager
def new_directory() -> Iterator[Path]:
    """Make a directory for a copy, which vanishes unless `keep_directory` gives it its name."""
    root().mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=root()))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def keep_directory(directory: Path, key: str) -> None:
    """Give a complete copy its name at once, and delete copies that no run needs."""
    if not directory_of(key).exists():
        write_through(directory)
        directory.rename(directory_of(key))
    os.utime(directory_of(key))
    delete_old_copies()


def write_through(directory: Path) -> None:
    """Wait until the disk has a copy: after a power cut its name must not stand for zeros."""
    for path in directory.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def fetch(run: MatchRun) -> None:
    """Copy a run's frozen input from the database to this machine, one process for all.

    Raises:
        SnapshotError: it is no longer kept, or what is kept is not what was written.
        CopyError: the disk is full, or may not be written to.
    """
    try:
        with one_at_a_time():
            if not directory_of(run.snapshot_hash).exists():
                make_copy(run)
    except SnapshotChunk.DoesNotExist as error:
        raise SnapshotError(f"The frozen input of run {run.pk} is no longer kept") from error
    except OSError as error:
        raise CopyError(f"The input of run {run.pk} cannot be copied here: {error}") from error


def make_copy(run: MatchRun) -> None:
    """Copy a run's frozen input; a copy that is not what was written is thrown away."""
    with new_directory() as directory:
        load_chunks(run, directory)
        if key_of(directory) != run.snapshot_hash:
            raise SnapshotError(f"The frozen input of run {run.pk} is damaged")
        keep_directory(directory, run.snapshot_hash)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let the processes of a machine copy one after the other."""
    root().mkdir(parents=True, exist_ok=True)
    with (root() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def delete_old_copies() -> None:
    """Delete the copies of runs that are over. Who has one open keeps it: files are mapped."""
    states = (MatchRunState.RUNNING, MatchRunState.PUBLISHED)
    runs = MatchRun.objects.filter(state__in=states)
    needed = set(runs.values_list("snapshot_hash", flat=True))
    for path in root().iterdir() if root().exists() else ():
        is_unfinished = path.name.startswith(UNFINISHED)
        kept = SECONDS_UNFINISHED if is_unfinished else SECONDS_KEPT
        if path.is_dir() and path.name not in needed and seconds_since(path) > kept:
            shutil.rmtree(path, ignore_errors=True)


def seconds_since(path: Path) -> float:
    """Return how long ago a copy was made, 0 when another process deletes it just now."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
