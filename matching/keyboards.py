"""Words typed while the keyboard was set to the other script: `rlaalstn` is 김민수, ㅔㅁㅊㄷ is pace.

The Korean keyboard of two sets (KS X 5002) and the Latin one share their keys.
"""

from __future__ import annotations

import re

KEYS = dict(
    zip(
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        strict=True,
    )
)
LETTERS = {letter: key for key, letter in KEYS.items()}
FIRST = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
LAST = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
# What two keys make together.
PAIRS = {
    "ㅗㅏ": "ㅘ", "ㅗㅐ": "ㅙ", "ㅗㅣ": "ㅚ", "ㅜㅓ": "ㅝ", "ㅜㅔ": "ㅞ", "ㅜㅣ": "ㅟ", "ㅡㅣ": "ㅢ",
    "ㄱㅅ": "ㄳ", "ㄴㅈ": "ㄵ", "ㄴㅎ": "ㄶ", "ㄹㄱ": "ㄺ", "ㄹㅁ": "ㄻ", "ㄹㅂ": "ㄼ", "ㄹㅅ": "ㄽ",
    "ㄹㅌ": "ㄾ", "ㄹㅍ": "ㄿ", "ㄹㅎ": "ㅀ", "ㅂㅅ": "ㅄ",
}  # fmt: skip
VOWEL = "(?:ㅗ[ㅏㅐㅣ]|ㅜ[ㅓㅔㅣ]|ㅡㅣ|[ㅏ-ㅣ])"
CONSONANT = "[ㄱ-ㅎ]"
FINAL = "(?:ㄱㅅ|ㄴ[ㅈㅎ]|ㄹ[ㄱㅁㅂㅅㅌㅍㅎ]|ㅂㅅ|[ㄱ-ㅎ])"
# A consonant before a vowel begins the next syllable.
SYLLABLE = re.compile(f"({CONSONANT})({VOWEL})({FINAL}(?!{VOWEL})|{CONSONANT}(?!{VOWEL}))?")
SHORTEST = 4


def retyped(words: str) -> str:
    """Return what was meant if the keyboard stood on the other script; '' if that makes no words."""
    if re.search("[ㄱ-ㅎㅏ-ㅣ]", words) and re.fullmatch("[가-힣ㄱ-ㅎㅏ-ㅣ ]+", words):
        return in_latin(words)
    if re.fullmatch("[A-Za-z ]+", words) and len(words) >= SHORTEST:
        return in_hangul(words)
    return ""


def in_hangul(words: str) -> str:
    """Return Latin keys as Hangul; '' where they do not make whole syllables."""
    folded = "".join(key if key in KEYS else key.lower() for key in words)
    letters = "".join(KEYS.get(key, key) for key in folded)
    text = SYLLABLE.sub(lambda found: composed(*found.groups()), letters)
    return text if re.fullmatch("[가-힣 ]+", text) else ""


def composed(first: str, vowel: str, last: str | None) -> str:
    """Return the syllable of these letters, or the letters where there is none."""
    final = PAIRS.get(last or " ", last or " ")
    if final not in LAST or first not in FIRST:
        return first + vowel + (last or "")
    place = FIRST.index(first) * 21 + VOWELS.index(PAIRS.get(vowel, vowel))
    return chr(0xAC00 + place * 28 + LAST.index(final))


def in_latin(words: str) -> str:
    """Return Hangul as the Latin keys that it was typed with."""
    apart = {pair: keys for keys, pair in PAIRS.items()}
    letters = "".join(decomposed(letter) for letter in words)
    single = "".join(apart.get(letter, letter) for letter in letters)
    return "".join(LETTERS.get(letter, letter) for letter in single)


def decomposed(syllable: str) -> str:
    """Return the letters of a syllable; everything else as it is."""
    if not "가" <= syllable <= "힣":
        return syllable
    place = ord(syllable) - 0xAC00
    last = LAST[place % 28].strip()
    return FIRST[place // 588] + VOWELS[place // 28 % 21] + last
