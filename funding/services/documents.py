"""Documents of an application: PDF by content, kept privately, under names that tell nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.applying import applications_of
from funding.machines import CHAIR, FUNDER, MEMBER, OFFICER, RAPPORTEUR, REVIEWER
from funding.models import Application, Document, DocumentKind
from funding.pdf_check import MOST_BYTES, PdfFound, look_at
from funding.permissions import roles_for
from funding.refusing import Blocker, RefusedError
from funding.services.drafts import open_whole, touch
from funding.services.people import person_of
from funding.visibility import APPLICANT_NAMES, TEXT, View, visible
from konnect.accounts.models import User

MOST_DOCUMENTS = 12
LONGEST_NAME = 200
# Of these there is one: another one takes its place.
SINGLE = (DocumentKind.DESCRIPTION, DocumentKind.REDACTED)
JUDGES = frozenset({REVIEWER, RAPPORTEUR, MEMBER, CHAIR, FUNDER, OFFICER})
# A file without a row is swept away after this: its upload died half-way.
ORPHANED = timedelta(days=1)
WRONG_ENDING = Blocker(
    "wrong_ending", _("The name of the file does not end in .pdf. Save the document as PDF.")
)
TOO_MANY = Blocker("too_many", _("An application holds at most 12 documents. Remove one first."))
HAS_AUTHOR = Blocker(
    "has_author",
    _("The properties of this file name an author. Remove the name there, then upload it again."),
)
REFUSED: dict[str, Blocker] = {
    code: Blocker(code, words)
    for code, words in (
        ("empty", _("The file is empty.")),
        ("too_large", _("The file is larger than 10 MB. Reduce its pictures or split it.")),
        ("not_a_pdf", _("This file is not a PDF, whatever its name says.")),
        ("truncated", _("This PDF is incomplete or damaged. Export it again.")),
        ("encrypted", _("This PDF is protected by a password. Save it without protection.")),
        ("active", _("This PDF carries scripts or other files. Export it as a plain PDF.")),
        ("virus", _("A virus signature was found in this file. It was not stored.")),
        ("too_packed", _("This PDF unpacks to far too much. Export it again.")),
        ("no_pages", _("This PDF has no pages.")),
    )
}
TOO_LARGE = REFUSED["too_large"]


def path_of(key: UUID) -> Path:
    """Return where a document is kept."""
    return Path(settings.MEDIA_ROOT) / "applications" / key.hex[:2] / f"{key.hex}.pdf"


def clean_name(name: str) -> str:
    """Return the name of a file in NFC, without folders and controls, cut to what fits."""
    last = normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(each for each in last if each.isprintable()).strip()
    stem, dot, ending = printable.rpartition(".")
    return f"{stem[:LONGEST_NAME]}{dot}{ending[:10]}" if dot else printable[:LONGEST_NAME]


def name_blockers(name: str) -> list[Blocker]:
    """Return what is wrong with the name of a file."""
    return [] if name.lower().endswith(".pdf") else [WRONG_ENDING]


def content_blockers(found: PdfFound, kind: str) -> list[Blocker]:
    """Return what is wrong with the content of a file."""
    if found.code:
        return [REFUSED[found.code]]
    return [HAS_AUTHOR] if kind == DocumentKind.REDACTED and found.has_author else []


def add_document(
    application: Application, *, kind: str, name: str, chunks: Iterable[bytes], actor: User
) -> Document:
    """Keep a PDF; the file is on the disk before its row is, and goes when the row does not come.

    chunks: the content in portions; reading ends where it is too large.

    Raises:
        RefusedError: the file is not taken, or nothing can be changed now.
        PermissionDenied: it is not for this person to change.
    """
    tidy = clean_name(name)
    data = read_up_to(chunks, MOST_BYTES)
    found = look_at(data)
    # A file that is no PDF is refused for that, whatever it is called.
    if blockers := content_blockers(found, kind) or name_blockers(tidy):
        raise RefusedError(blockers)
    key = uuid4()
    write_private(path_of(key), data)
    try:
        return keep(application, Document(
            kind=kind, name=tidy, key=key, size=len(data), pages=found.pages,
            sha256=sha256(data).hexdigest(),
        ), actor=actor)  # fmt: skip
    except BaseException:
        path_of(key).unlink(missing_ok=True)
        raise


def read_up_to(chunks: Iterable[bytes], most: int) -> bytes:
    """Return the bytes of a file; one more than the most where there are more."""
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > most:
            break
    return bytes(data[: most + 1])


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only the portal reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    begun = path.with_suffix(".part")
    handle = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    begun.replace(path)


@transaction.atomic
def keep(application: Application, document: Document, *, actor: User) -> Document:
    """Write the row of a document; what there is only one of takes the place of the last.

    Raises:
        RefusedError, PermissionDenied: see `add_document`.
    """
    application = open_whole(application.pk, actor)
    there = application.documents.filter(removed_at=None)
    if document.kind in SINGLE:
        there.filter(kind=document.kind).update(removed_at=timezone.now())
    if there.count() >= MOST_DOCUMENTS:
        raise RefusedError([TOO_MANY])
    document.application, document.uploaded_by = application, person_of(actor)
    document.save(force_insert=True)
    touch(application)
    return document


@transaction.atomic
def remove_document(application: Application, key: UUID, *, actor: User) -> None:
    """Take a document out of the draft; versions that were handed in keep it.

    Raises:
        RefusedError, PermissionDenied: see `open_whole`.
    """
    application = open_whole(application.pk, actor)
    there = application.documents.filter(key=key, removed_at=None)
    there.update(removed_at=timezone.now())
    touch(application)


def file_name(document: Document) -> str:
    """Return the name under which a document goes out: it tells neither people nor places."""
    number = document.application.number or document.application.key.hex[:8]
    return f"application-{number}-{document.kind.replace('_', '-')}.pdf"


# --- The door -------------------------------------------------------------------------------------


def may_read(document: Document, user: User, *, own_score_is_in: bool = False) -> bool:
    """Tell whether somebody may open a document.

    Applicants open what their application holds. Whoever judges opens what was handed in, and
    only the copy without names where names are hidden from them.
    """
    application = document.application
    # Those who judge are asked about first: the stricter rule counts.
    roles = roles_for(application, user)
    if not roles & JUDGES:
        return is_of_team(application, user)
    if not was_handed_in(document):
        return False
    view = View(application.call.blind_level, application.call.state, own_score_is_in)
    wanted = TEXT if document.kind == DocumentKind.REDACTED else APPLICANT_NAMES
    return visible(roles, wanted, view) or is_of_team(application, user)


def is_of_team(application: Application, user: User) -> bool:
    """Tell whether somebody reads an application as one of its people."""
    return applications_of(user).filter(pk=application.pk).exists()


def was_handed_in(document: Document) -> bool:
    """Tell whether the version that counts holds a document."""
    application = document.application
    counts = application.versions.filter(number=application.submitted_version or 0)
    return counts.filter(content__documents__contains=[{"key": str(document.key)}]).exists()


def sweep_files() -> int:
    """Remove files that belong to no row; return how many."""
    folder = Path(settings.MEDIA_ROOT) / "applications"
    before = (timezone.now() - ORPHANED).timestamp()
    old = [path for path in folder.glob("*/*") if path.stat().st_mtime < before]
    kept = {key.hex for key in Document.objects.values_list("key", flat=True)}
    gone = [path for path in old if path.suffix == ".part" or path.stem not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
