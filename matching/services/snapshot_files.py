"""Named arrays in a directory: written bit by bit, mapped into memory, kept in the database.

Each array is one file of little-endian numbers; `manifest.json` has types and shapes, and
whatever else belongs to them. The key of a directory is the SHA-256 of all of it.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from matching.models import MatchRun, SnapshotChunk
from matching.services.list_rows import END, HEADER, Pieces

Arrays = dict[str, NDArray[Any]]
CHUNK = 4 * 1024 * 1024
MANIFEST = "manifest"


class ArrayWriter:
    """Writes arrays into a directory, rows after rows; `finish` writes the manifest."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.files: dict[str, IO[bytes]] = {}
        self.layout: dict[str, tuple[str, list[int]]] = {}

    def append(self, name: str, rows: NDArray[Any]) -> None:
        """Add rows to an array; the first ones decide its type and the shape of a row."""
        if name not in self.files:
            self.files[name] = (self.directory / name).open("wb")
            code = rows.dtype.newbyteorder("<").str
            self.layout[name] = (code, [0, *rows.shape[1:]])
        code, shape = self.layout[name]
        shape[0] += len(rows)
        self.files[name].write(np.ascontiguousarray(rows, dtype=code).tobytes())

    def flush(self) -> None:
        """Write what is still in memory, so that the files can be mapped."""
        for file in self.files.values():
            file.flush()

    def mapped(self) -> Arrays:
        """Return what has been written so far."""
        self.flush()
        return map_arrays(self.directory, self.layout)

    def finish(self, facts: Mapping[str, Any]) -> str:
        """Write the manifest, close all files, and return the key."""
        for file in self.files.values():
            file.close()
        content = {"arrays": self.layout, "facts": facts}
        manifest = json.dumps(content, sort_keys=True, ensure_ascii=True)
        (self.directory / MANIFEST).write_text(manifest, encoding="utf-8")
        return key_of(self.directory)


def map_arrays(directory: Path, layout: Mapping[str, Any]) -> Arrays:
    """Return the arrays of a directory, mapped read-only; nothing is read yet."""
    return {
        # As plain arrays: taking rows of numpy's own class for maps costs several times as much.
        name: np.asarray(np.memmap(directory / name, dtype=code, mode="r", shape=tuple(shape)))
        if np.prod(shape)
        else np.zeros(shape, dtype=code)
        for name, (code, shape) in layout.items()
    }


def read_manifest(directory: Path) -> dict[str, Any]:
    """Return types, shapes and facts of a directory."""
    text = (directory / MANIFEST).read_text(encoding="utf-8")
    manifest: dict[str, Any] = json.loads(text)
    return manifest


def pieces_of(directory: Path) -> Iterator[tuple[str, int, bytes]]:
    """Yield (name, number, bytes) of all files: the manifest, then at most CHUNK bytes each."""
    yield MANIFEST, 0, (directory / MANIFEST).read_bytes()
    for name in sorted(read_manifest(directory)["arrays"]):
        with (directory / name).open("rb") as file:
            number = 0
            while piece := file.read(CHUNK):
                yield name, number, piece
                number += 1


def key_of(directory: Path) -> str:
    """Return the SHA-256 of everything in a directory, in hexadecimal."""
    digest = hashlib.sha256()
    for name, number, piece in pieces_of(directory):
        digest.update(f"{name} {number} {len(piece)}\n".encode())
        digest.update(piece)
    return digest.hexdigest()


def store_chunks(run: MatchRun, directory: Path) -> None:
    """Copy a directory into the database, one statement a chunk."""
    for name, number, piece in pieces_of(directory):
        store_chunk(run, name, number, piece)


def store_chunk(run: MatchRun, name: str, number: int, data: bytes) -> None:
    """Write one chunk by COPY: bytes travel as they are, not as text of twice the size."""
    encoded = name.encode()
    fields = (struct.pack(">q", run.pk), encoded, struct.pack(">i", number), data)
    row = b"".join([struct.pack(">i", len(value)) + value for value in fields])
    pieces = iter((HEADER, struct.pack(">h", len(fields)), row, END))
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY matching_snapshotchunk (match_run_id, name, number, data)"
            " FROM STDIN (FORMAT binary)",
            Pieces(pieces),
        )


def load_chunks(run: MatchRun, directory: Path) -> None:
    """Copy the chunks of a run into an empty directory.

    Raises:
        SnapshotChunk.DoesNotExist: the run has no frozen input any more.
    """
    (directory / MANIFEST).write_bytes(chunk(run, MANIFEST, 0))
    for name, (code, shape) in read_manifest(directory)["arrays"].items():
        size = int(np.prod(shape)) * np.dtype(code).itemsize
        with (directory / name).open("wb") as file:
            for number in range(-(-size // CHUNK)):
                file.write(chunk(run, name, number))


def chunk(run: MatchRun | int, name: str, number: int) -> bytes:
    """Return one chunk's bytes."""
    found = SnapshotChunk.objects.filter(match_run=run, name=name, number=number)
    return bytes(found.values_list("data", flat=True).get())


def stored_array(run: MatchRun, name: str) -> NDArray[Any]:
    """Return one array of a run's frozen input from the database, without a copy of the rest.

    Raises:
        SnapshotChunk.DoesNotExist: the run has no frozen input any more.
    """
    code, shape = json.loads(chunk(run, MANIFEST, 0))["arrays"][name]
    pieces = SnapshotChunk.objects.filter(match_run=run, name=name).order_by("number")
    data = b"".join(bytes(piece) for piece in pieces.values_list("data", flat=True))
    return np.frombuffer(data, dtype=code).reshape(shape)


def copy_chunks(source: MatchRun, target: MatchRun) -> None:
    """Give a run the frozen input of another."""
    names = [MANIFEST, *json.loads(chunk(source, MANIFEST, 0))["arrays"]]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO matching_snapshotchunk (match_run_id, name, number, data)"
            " SELECT %s, name, number, data FROM matching_snapshotchunk"
            " WHERE match_run_id = %s AND name = ANY (%s)",
            [target.pk, source.pk, names],
        )
