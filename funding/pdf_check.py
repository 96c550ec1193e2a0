"""Whether a file is a PDF that reviewers can open without harm, by its content and not its name.

Pure, and strict where leniency would let something else through: the header is at the very
beginning, the cross-reference lies where the end says, nothing but blanks follows the end, nothing
is encrypted, runs by itself or carries other files. What is compressed is read up to limits, so
that a small file cannot grow without end.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 10 * 1024 * 1024
# Of one packed list of objects, and of all of them together.
MOST_UNPACKED, MOST_UNPACKED_ALL = 8 * 1024 * 1024, 64 * 1024 * 1024
MOST_STREAMS = 20_000
# The string by which virus scanners are tried out; split, so that this file is no virus.
TEST_VIRUS = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!"
HEADER = re.compile(rb"%PDF-[12]\.\d")
END = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF[\s\x00]*\Z")
OBJECT = re.compile(rb"\s*\d+\s+\d+\s+obj\b")
STREAM = re.compile(rb">>\s{0,20}stream\r?\n")
# How far before a stream its dictionary begins at most.
DICTIONARY = 2000
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)(?![A-Za-z0-9])"
)
ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
COUNT = re.compile(rb"/Count\s+(\d{1,6})(?!\d)")
PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z0-9])")
PAGES = re.compile(rb"/Type\s*/Pages(?![A-Za-z0-9])")
AUTHOR = re.compile(rb"/Author\s*(\((?!\))|<[0-9A-Fa-f\s]*[1-9A-Fa-f])")
CREATOR = re.compile(rb"<dc:creator>.{0,400}?<rdf:li[^>]*>\s*[^\s<]", re.DOTALL)


@dataclass(frozen=True)
class PdfFound:
    """What a file is: `code` says why it is not taken, '' when it is.

    Codes: empty, too_large, not_a_pdf, truncated, encrypted, active, virus, too_packed, no_pages.
    has_author: its properties name somebody.
    """

    code: str = ""
    pages: int = 0
    has_author: bool = False


class TooPackedError(Exception):
    """The file unpacks to more than any text would."""


def look_at(data: bytes) -> PdfFound:
    """Return what the bytes of a file are."""
    if code := outer_fault(data):
        return PdfFound(code)
    try:
        body = readable(data)
    except TooPackedError:
        return PdfFound("too_packed")
    if code := inner_fault(body):
        return PdfFound(code)
    pages = pages_of(body)
    if not pages:
        return PdfFound("no_pages")
    return PdfFound(pages=pages, has_author=bool(AUTHOR.search(body) or CREATOR.search(body)))


def outer_fault(data: bytes) -> str:
    """Look at size, beginning and end."""
    if not data:
        return "empty"
    if len(data) > MOST_BYTES:
        return "too_large"
    if TEST_VIRUS in data:
        return "virus"
    if not HEADER.match(data):
        return "not_a_pdf"
    end = END.search(data, max(0, len(data) - 2048))
    if end is None:
        return "truncated"
    return "" if points_at_table(data, int(end[1])) else "truncated"


def points_at_table(data: bytes, place: int) -> bool:
    """Tell whether a cross-reference, or the object that is one, lies at a place."""
    if place >= len(data):
        return False
    return data[place : place + 32].lstrip().startswith(b"xref") or bool(OBJECT.match(data, place))


def readable(data: bytes) -> bytes:
    """Return everything that names things: the file without streams, and packed objects unpacked.

    Raises:
        TooPackedError: it would be too much.
    """
    parts, place = [], 0
    for begin, end in streams(data):
        parts.append(data[place:begin])
        place = end
    parts += [data[place:], *unpacked(data)]
    return ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), b"\n".join(parts))


def streams(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the content of each stream begins and ends.

    Raises:
        TooPackedError: there are too many.
    """
    place, count = 0, 0
    while found := STREAM.search(data, place):
        count += 1
        if count > MOST_STREAMS:
            raise TooPackedError
        end = data.find(b"endstream", found.end())
        if end < 0:
            return
        yield found.end(), end
        place = end


def dictionary_before(data: bytes, place: int) -> bytes:
    """Return what stands between the beginning of an object and its stream."""
    before = data[max(0, place - DICTIONARY) : place]
    return before[before.rfind(b" obj") + 1 :]


def unpacked(data: bytes) -> Iterator[bytes]:
    """Yield the packed lists of objects, and properties in XML.

    Raises:
        TooPackedError: they are too large.
    """
    total = 0
    for begin, end in streams(data):
        names = dictionary_before(data, begin)
        if b"ObjStm" not in names and b"Metadata" not in names:
            continue
        text = data[begin:end]
        if b"FlateDecode" in names:
            text = inflated(text)
        total += len(text)
        if total > MOST_UNPACKED_ALL:
            raise TooPackedError
        yield text


def inflated(packed: bytes) -> bytes:
    """Return what was compressed; '' for what is broken.

    Raises:
        TooPackedError: it is too large.
    """
    machine = zlib.decompressobj()
    try:
        text = machine.decompress(packed, MOST_UNPACKED)
    except zlib.error:
        return b""
    if machine.unconsumed_tail:
        raise TooPackedError
    return text


def inner_fault(body: bytes) -> str:
    """Look at what the file would do."""
    if TEST_VIRUS in body:
        return "virus"
    if ENCRYPTED.search(body):
        return "encrypted"
    return "active" if ACTIVE.search(body) else ""


def pages_of(body: bytes) -> int:
    """Return the number of pages: counted, or what the tree of pages says where it is more."""
    counted = len(PAGE.findall(body))
    said = [int(number) for number in COUNT.findall(body)] if PAGES.search(body) else []
    return counted or max(said, default=0)
