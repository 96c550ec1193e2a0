"""The ledger: what happened to each noun, in a chain that shows every later change.

Each entry's hash covers its content and the hash of the entry before, of the same object. The
heads are kept apart, so that an end that was cut off is noticed; `seal` is one number over all
heads that can be published, so that heads and chain cannot be changed together unnoticed.
Reasons are kept as check sums only: their words stand in the histories, where erasure finds them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone

from funding.models import LedgerEntry, LedgerHead

if TYPE_CHECKING:
    from funding.models import Person

BEGINNING = "0" * 64


@dataclass(frozen=True)
class Fault:
    """Where a chain is not what it was: sequence 0 stands for its head."""

    noun: str
    object_id: int
    sequence: int
    code: str


def check_sum(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as hexadecimal digits; '' for ''."""
    return sha256(text.encode()).hexdigest() if text else ""


def hash_of(entry: LedgerEntry) -> str:
    """Return the hash of an entry: of its content as JSON with sorted keys, in UTF-8."""
    content = {
        "noun": entry.noun, "object": entry.object_id, "sequence": entry.sequence,
        "event": entry.event, "actor": entry.actor_id, "reason": entry.reason,
        "before": entry.before, "after": entry.after,
        "happened_at": entry.happened_at.isoformat(), "previous": entry.previous_hash,
    }  # fmt: skip
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


@transaction.atomic
def record(
    noun: models.Model,
    event: str,
    *,
    actor: Person | None,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> LedgerEntry:
    """Write one entry at the end of a noun's chain.

    before, after: what can be said in JSON and names nobody.
    """
    name = type(noun).__name__.lower()
    head, _is_new = LedgerHead.objects.select_for_update().get_or_create(
        noun=name, object_id=noun.pk, defaults={"sequence": 0, "hash": BEGINNING}
    )
    entry = LedgerEntry(
        noun=name, object_id=noun.pk, sequence=head.sequence + 1, event=event, actor=actor,
        reason=check_sum(reason), before=dict(before or {}), after=dict(after or {}),
        happened_at=timezone.now(), previous_hash=head.hash,
    )  # fmt: skip
    entry.hash = hash_of(entry)
    entry.save(force_insert=True)
    LedgerHead.objects.filter(pk=head.pk).update(
        sequence=entry.sequence, hash=entry.hash, changed_at=entry.happened_at
    )
    return entry


def faults() -> Iterator[Fault]:
    """Read every chain and yield what does not fit, chain by chain."""
    heads = {(head.noun, head.object_id): head for head in LedgerHead.objects.iterator()}
    entries = LedgerEntry.objects.order_by("noun", "object_id", "sequence").iterator()
    for key, chain in groupby(entries, key=lambda entry: (entry.noun, entry.object_id)):
        yield from faults_of(list(chain), heads.pop(key, None))
    for noun, object_id in heads:
        yield Fault(noun, object_id, 0, "chain_gone")


def faults_of(chain: list[LedgerEntry], head: LedgerHead | None) -> Iterator[Fault]:
    """Yield what does not fit in one chain, which is not empty."""
    previous = BEGINNING
    for number, entry in enumerate(chain, 1):
        if entry.sequence != number:
            yield Fault(entry.noun, entry.object_id, number, "entry_missing")
        elif entry.previous_hash != previous:
            yield Fault(entry.noun, entry.object_id, number, "chain_broken")
        if entry.hash != hash_of(entry):
            yield Fault(entry.noun, entry.object_id, number, "entry_changed")
        previous = entry.hash
    last = chain[-1]
    if head is None or (head.sequence, head.hash) != (last.sequence, last.hash):
        yield Fault(last.noun, last.object_id, 0, "head_differs")


def seal() -> str:
    """Return one check sum over the heads of all chains, to be published now and then."""
    heads = LedgerHead.objects.order_by("noun", "object_id").values_list("hash", flat=True)
    return sha256("".join(heads.iterator()).encode()).hexdigest()
