"""Names, plausible for where their bearers work and nobody's in particular."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random

from matching.demo.texts import read_json

# How many parts of the year's common surnames go to the few most common ones.
COMMON_SHARE = 0.65
ABROAD_SHARE = 0.12
LATIN = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "ss",
                       "ı": "i", "þ": "th", "Þ": "Th", "ð": "d", "æ": "ae"})  # fmt: skip


@dataclass(frozen=True)
class Name:
    """One person's name as they write it, in Latin letters and perhaps in Hangul."""

    family: str
    given: str
    display: str
    order: str
    hangul: str = ""
    others: tuple[str, ...] = ()

    @property
    def mailbox(self) -> str:
        """The name as the first part of an e-mail address: plain ASCII letters and dots."""
        return f"{plain(self.given)}.{plain(self.family)}"


def plain(text: str) -> str:
    """Return the plain lower-case letters of a name."""
    letters = unicodedata.normalize("NFKD", text.translate(LATIN)).lower()
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


def korean_name(random: Random) -> Name:
    """Return a Korean name, spelled in one of the ways that people choose for themselves."""
    names = read_json("names")
    hangul_family = korean_family(random)
    family = random.choice(names["korean_families"][hangul_family])
    hangul_given = random.choice(list(names["korean_given"]))
    given = spelled(names["korean_given"][hangul_given], random)
    return ordered(family, given, random, hangul=hangul_family + hangul_given)


def korean_family(random: Random) -> str:
    """Return a surname in Hangul; a few are far more common than the rest."""
    names = read_json("names")
    families = list(names["korean_families"])
    common = names["common_korean_families"]
    return random.choice(
        families[:common] if random.random() < COMMON_SHARE else families[common:]
    )


def spelled(syllables: str, random: Random) -> str:
    """Return a given name as Minsu, Min-su, Min Su or Min-Su."""
    first, second = syllables.split()
    capital = first.capitalize()
    spellings = (
        f"{capital}{second}",
        f"{capital}-{second}",
        f"{capital} {second.capitalize()}",
        f"{capital}-{second.capitalize()}",
    )
    return random.choices(spellings, weights=(4, 4, 1, 2))[0]


def ordered(family: str, given: str, random: Random, *, hangul: str) -> Name:
    """Return the name in the order that this person prefers, the other one as another name."""
    family_first, given_first = f"{family} {given}", f"{given} {family}"
    if random.random() < 0.5:
        return Name(family, given, family_first, "family_first", hangul, (given_first,))
    return Name(family, given, given_first, "given_first", hangul, (family_first,))


def european_name(random: Random, country_code: str) -> Name:
    """Return a name that is at home in the country, or now and then in another one."""
    names = read_json("names")["european"]
    home = country_code if random.random() >= ABROAD_SHARE else random.choice(sorted(names))
    given, family = (random.choice(part) for part in names[home])
    return Name(family, given, f"{given} {family}", "given_first")
