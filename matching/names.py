"""Names and words as search compares them."""

import re
import unicodedata

HANGUL = re.compile(r"[가-힣]+")
WORD = re.compile(r"[가-힣]+|[^\W_가-힣]+")
NOT_A_LETTER = re.compile(r"[\W_]+")
# PostgreSQL leaves out longer words anyway.
LONGEST_PIECE = 100


def folded(text: str) -> str:
    """Return a name without case, spaces, hyphens and dots: `Min-su KIM` becomes `minsukim`."""
    return NOT_A_LETTER.sub("", unicodedata.normalize("NFC", text).casefold())


def pairs(word: str) -> list[str]:
    """Return overlapping pairs of syllables of a Hangul word, or the word itself."""
    if len(word) < 3 or not HANGUL.fullmatch(word):
        return [word]
    return [word[start : start + 2] for start in range(len(word) - 1)]
