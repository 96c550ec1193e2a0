"""Who was erased and when, beside the database: a restored backup has them again.

One line an erasure: the time and the number of the account, nothing else. Lines are only ever
added, by one write each, so any number of processes may share the file.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from konnect.accounts.models import ErasedAccount

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ErasureLine:
    """One line of the log."""

    erased_at: datetime
    account_id: int

    def __str__(self) -> str:
        return f"{self.erased_at.isoformat()} {self.account_id}"


def note_in_log(erased: Iterable[ErasedAccount]) -> None:
    """Add lines; a full disk must not undo an erasure, the next look adds what is missing."""
    lines = [ErasureLine(each.erased_at, each.account_id) for each in erased]
    try:
        append(Path(settings.ERASURE_LOG), lines)
    except OSError:
        logger.exception("The log of erasures cannot be written; the worker will try again.")


def append(path: Path, lines: Iterable[ErasureLine]) -> None:
    """Write lines at the end of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as log:
        for line in lines:
            log.write(f"{line}\n".encode())


def note_missing_in_log() -> int:
    """Add the erasures that the log lacks, because a process died or a disk was full."""
    path = Path(settings.ERASURE_LOG)
    known = {line.account_id for line in lines_of(path)} if path.exists() else set()
    missing = [each for each in ErasedAccount.objects.all() if each.account_id not in known]
    if missing:
        note_in_log(missing)
    return len(missing)


def lines_of(path: Path) -> Iterator[ErasureLine]:
    """Yield the lines of a log; a line that broke off in the middle is left out.

    Raises:
        OSError: the file cannot be read.
    """
    for text in path.read_text().splitlines():
        moment, _space, number = text.partition(" ")
        try:
            yield ErasureLine(datetime.fromisoformat(moment), int(number))
        except ValueError:
            logger.warning("A line of the log of erasures is unreadable: %r", text)
