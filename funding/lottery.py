"""A lottery that nobody can steer and anybody can draw again: commit first, reveal afterwards.

1. Before the panel meets, a secret seed of at least 16 bytes is chosen and its SHA-256 published.
2. Afterwards a public value becomes known that nobody could foresee, whose source was named with
   the commitment: a round of a randomness beacon, the close of a stock index.
3. The ticket of an application is HMAC-SHA256 with the seed as its key; the lowest goes first.
4. Seed, public value and the applications in the lottery are published; `funding/draw_script.py`
   draws again with nothing but Python.

The bytes: the key is the seed as it is. The message is the public value in UTF-8, one zero byte,
and the application's id in UTF-8; neither may contain a zero byte, so no two pairs have the same
message. Both must be in Unicode's form NFC, without white space at either end. The ticket is the
digest as one big-endian number of 256 bits. The commitment is the SHA-256 of the seed, in lower-case
hexadecimal, as the seed itself is when it is published.

HMAC: RFC 2104. Commitment: the seed has enough entropy that nobody finds it from its hash.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence

SHORTEST_SEED = 16


def commitment(seed: bytes) -> str:
    """Return what is published before: 64 hexadecimal digits. Raises ValueError if too short."""
    return hashlib.sha256(_seed(seed)).hexdigest()


def ticket(seed: bytes, public_value: str, application_id: str) -> int:
    """Return the ticket of an application, 0 to 2**256 - 1; raises ValueError for odd texts."""
    message = b"\0".join((_text(public_value), _text(application_id)))
    return int.from_bytes(hmac.digest(_seed(seed), message, "sha256"), "big")


def draw(ids: Sequence[str], seed: bytes, public_value: str) -> tuple[str, ...]:
    """Return the applications in the order drawn; the order of `ids` does not matter.

    Raises ValueError for an id that is there twice.
    """
    if len(set(ids)) != len(ids):
        raise ValueError("an application is in the lottery twice")
    return tuple(sorted(ids, key=lambda one: ticket(seed, public_value, one)))


def verify(promised: str, seed: bytes, public_value: str, drawn: Sequence[str]) -> bool:
    """Tell whether the seed is what was promised, and the order is what it draws.

    promised: the commitment. Whatever makes no sense is not verified; nothing is raised.
    """
    try:
        is_seed = hmac.compare_digest(commitment(seed).encode(), promised.encode())
        return is_seed and draw(drawn, seed, public_value) == tuple(drawn)
    except ValueError:
        return False


def _seed(seed: bytes) -> bytes:
    if len(seed) < SHORTEST_SEED:
        raise ValueError(f"a seed has at least {SHORTEST_SEED} bytes")
    return seed


def _text(text: str) -> bytes:
    """Return the text in UTF-8; what looks the same must be the same."""
    if not text or text != text.strip() or "\0" in text:
        raise ValueError(f"{text!r} is empty, or has white space at an end, or a zero byte")
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError(f"{text!r} is not in Unicode's form NFC")
    return text.encode()
