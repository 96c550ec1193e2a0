"""Whether a text is English, told by its letters."""

from __future__ import annotations

import unicodedata

# A Korean name or term in brackets does not make an English sentence Korean; a Korean sentence
# that names methods in Latin letters stays Korean.
MOST_HANGUL = 0.1
LEAST_ENGLISH = 0.8
FEWEST_LETTERS = 3


def is_english(text: str) -> bool:
    """Tell whether a text can be read by a model that knows English only.

    At least three letters; at most a tenth of the letters Hangul, at least eight tenths plain
    Latin. Other languages in Latin letters pass unless accents give them away: what matters here
    is that no Korean text does.
    """
    letters = [letter for letter in unicodedata.normalize("NFC", text) if letter.isalpha()]
    if len(letters) < FEWEST_LETTERS:
        return False
    hangul = sum(map(is_hangul, letters))
    plain = sum(letter.isascii() for letter in letters)
    return hangul <= MOST_HANGUL * len(letters) and plain >= LEAST_ENGLISH * len(letters)


def is_hangul(letter: str) -> bool:
    """Tell whether a letter is Korean: a syllable or a part of one."""
    return (
        "\uac00" <= letter <= "\ud7a3"
        or "\u1100" <= letter <= "\u11ff"
        or "\u3130" <= letter <= "\u318f"
    )
