"""Tables and dumps as text, whatever encoding they come in."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charset_normalizer import from_bytes

HANGUL = re.compile(r"[가-힣]")
CHUNK = 1 << 16
# The longest record of ROR has some ten thousand letters; a packed file may unpack to anything.
LARGEST_OBJECT = 1 << 22
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Refusal:
    """One thing that was not taken: where it stands, and why in words."""

    file: str
    line: int
    column: str
    reason: str


class FileRefusedError(Exception):
    """A whole file cannot be read; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


@dataclass(frozen=True)
class Record:
    """One row of a file, with where it stands."""

    file: str
    line: int
    values: dict[str, Any]

    def refused(self, column: str, reason: str) -> Refusal:
        """Return why this row is not taken."""
        return Refusal(self.file, self.line, column, reason)


def refuse_file(path: Path, reason: str, *, column: str = "", line: int = 0) -> FileRefusedError:
    """Return the error of a file that cannot be read."""
    return FileRefusedError(Refusal(path.name, line, column, reason))


def content_of(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        FileRefusedError: it is not there, or may not be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise refuse_file(path, f"cannot be opened: {error.strerror}") from error


def text_of(path: Path) -> tuple[str, str]:
    """Return the text of a file and the encoding that it was in.

    UTF-8 and UTF-16 are told by their marks; CP949, which is common in Korea, is recognised by
    giving Hangul; anything else is guessed only when the guess is a good one.

    Raises:
        FileRefusedError: no encoding fits.
    """
    content = content_of(path)
    for encoding in likely_encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "cp949" or HANGUL.search(text):
            return text, encoding
    return guessed_text(path, content)


def likely_encodings(content: bytes) -> list[str]:
    """Return the encodings to try, in order."""
    marked = [encoding for mark, encoding in BYTE_ORDER_MARKS if content.startswith(mark)]
    if marked:
        return marked
    # Every second byte of Latin text in UTF-16 is zero.
    if content[1:200:2].count(0) > 40:
        return ["utf-16-le"]
    return ["utf-8", "cp949"]


def guessed_text(path: Path, content: bytes) -> tuple[str, str]:
    """Return the text by charset-normalizer's guess.

    Raises:
        FileRefusedError: there is none, or it makes no sense.
    """
    guess = from_bytes(content[:CHUNK]).best()
    if guess is None or guess.percent_chaos > 5:
        raise refuse_file(path, "encoding not recognised; save the file as UTF-8 and try again")
    try:
        return content.decode(guess.encoding), guess.encoding
    except UnicodeDecodeError as error:
        reason = f"encoding not recognised, perhaps {guess.encoding}; save the file as UTF-8"
        raise refuse_file(path, reason) from error


def table_rows(path: Path, *, needed: Iterable[str]) -> Iterator[Record | Refusal]:
    """Yield the rows of a CSV file; a row that is no row is yielded as a refusal.

    Raises:
        FileRefusedError: the file cannot be read, or columns are missing.
    """
    text, _encoding = text_of(path)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    check_columns(path, reader, needed)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refusal(path.name, reader.line_num, "", f"not a row of a CSV file: {error}")
            continue
        yield row_of(path, reader.line_num, values)


def check_columns(path: Path, reader: csv.DictReader[str], needed: Iterable[str]) -> None:
    """Compare the header with what is needed.

    Raises:
        FileRefusedError: columns are missing; all of them are named.
    """
    try:
        present = set(reader.fieldnames or ())
    except csv.Error as error:
        raise refuse_file(path, f"not a CSV file: {error}", line=1) from error
    if missing := [name for name in needed if name not in present]:
        names = ", ".join(missing)
        raise refuse_file(path, f"missing columns: {names}", column=names, line=1)


def row_of(path: Path, line: int, values: dict[Any, Any]) -> Record | Refusal:
    """Return a row, unless it has another number of cells than the header."""
    if None in values:
        return Refusal(path.name, line, "", "more cells than columns")
    if None in values.values():
        return Refusal(path.name, line, "", "fewer cells than columns")
    if any("\x00" in value for value in values.values()):
        return Refusal(path.name, line, "", "holds a NUL character")
    return Record(path.name, line, values)


def json_records(path: Path) -> Iterator[Record]:
    """Yield the objects of a JSON list, zipped or not, piece by piece; `line` counts objects.

    Raises:
        FileRefusedError: it is no such list.
    """
    try:
        with opened_text(path) as stream:
            for number, values in enumerate(objects_of(stream), start=1):
                yield Record(path.name, number, values)
    except OSError as error:
        raise refuse_file(path, f"cannot be opened: {error.strerror}") from error
    except (ValueError, zipfile.BadZipFile) as error:
        raise refuse_file(path, f"not a list of JSON objects: {error}") from error


def opened_text(path: Path) -> io.TextIOBase:
    """Open a JSON file, or the one of schema 2 in a zip file.

    Raises:
        FileRefusedError: there is none.
    """
    if path.suffix.lower() != ".zip":
        return path.open(encoding="utf-8-sig")
    archive = zipfile.ZipFile(path)
    names = [name for name in archive.namelist() if name.lower().endswith(".json")]
    if not names:
        raise refuse_file(path, "the zip file holds no JSON file")
    newest = max(names, key=lambda name: ("v2" in name, name))
    return io.TextIOWrapper(archive.open(newest), encoding="utf-8-sig")


def objects_of(stream: io.TextIOBase) -> Iterator[dict[str, Any]]:
    """Yield one object after the other without holding the whole list.

    Raises:
        ValueError: the text is no list of objects, or is cut off.
    """
    decoder = json.JSONDecoder()
    rest = stream.read(CHUNK).lstrip()
    if not rest.startswith("["):
        raise ValueError("the text does not begin with [")
    rest = rest[1:]
    while not (rest := rest.lstrip(" \r\n\t,")).startswith("]"):
        value, rest = next_object(decoder, stream, rest)
        yield value


def next_object(
    decoder: json.JSONDecoder, stream: io.TextIOBase, rest: str
) -> tuple[dict[str, Any], str]:
    """Return the next object and what follows, reading on as far as it needs.

    Raises:
        ValueError: the text ends, or it is no object.
    """
    while True:
        try:
            value, end = decoder.raw_decode(rest)
        except ValueError:
            more = stream.read(CHUNK)
            if not more:
                raise
            if len(rest) > LARGEST_OBJECT:
                raise ValueError(f"an object has more than {LARGEST_OBJECT:,} letters") from None
            rest = (rest + more).lstrip(" \r\n\t,")
            if rest.startswith("]"):
                return next_after_end()
            continue
        if not isinstance(value, dict):
            raise ValueError("an element is no object")
        return value, rest[end:]


def next_after_end() -> tuple[dict[str, Any], str]:
    """Refuse a comma before the end of the list."""
    raise ValueError("the list ends after a comma")
