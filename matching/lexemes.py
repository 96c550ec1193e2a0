"""What full-text search looks for: lexemes of what is written, and of what is asked.

Both sides are cut in the same way, so that small differences vanish: case, accents, hyphens, NFC and
NFD; Korean in overlapping pairs of syllables; English also as stems; names also by their sound, by
initial consonants, and with one letter left out. Marks keep these kinds apart: `@` what stands in a
name or title (its weight says so as well, but no index knows weights), `=` sounds, `?` spellings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from matching.names import HANGUL, LONGEST_PIECE, WORD, folded, pairs
from matching.romanisation import (
    SHORTEST_KEY,
    guess_parts,
    hangul_keys,
    initials,
    latin_keys,
    sound,
    surname_keys,
)
from matching.scoring.lexical import STOP_WORDS, stem

NAMES, KEYWORDS, TEXTS, REST = "ABCD"
# PostgreSQL's own limits: positions, and how many of them a lexeme may have.
LAST_POSITION, MOST_POSITIONS = 16_383, 8
MOST_LEXEMES = 4_000
# Shorter words are too like each other for a letter to be left out.
SHORTEST_MISSPELT = 5
LONGEST_MISSPELT = 14
SHORTEST_PREFIX = 2
MOST_WORDS_ASKED = 24
COMPOUND = re.compile(r"[^\W_]+(?:[-‐‑'’.·][^\W_]+)+")
CONSONANTS = re.compile(r"[ㄱ-ㅎ]{2,}")
# Also one that is still being typed.
HALF_SYLLABLES = re.compile(r"[ㄱ-ㅎㅏ-ㅣ]+")
CONJOINING = {chr(0x1100 + place): letter for place, letter in enumerate(
    "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")}  # fmt: skip
UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i",
                              "þ": "th", "ð": "d"})  # fmt: skip
# Endings of sentences, which say nothing, and what English leaves behind an apostrophe.
POLITE = re.compile(r"(?:하였습|했습|합|됩|입|있습|습|십)?니다$|(?:하였|했|한|된|이)다$")
LEFT_OVERS = frozenset({"s", "t", "ll", "ve"})
# What may stand behind a noun in Korean: a word is asked for with and without it.
PARTICLE = re.compile(r"(?:에서|으로|에게|까지|부터|[은는이가을를의에와과도로])$")


def plain(text: str) -> str:
    """Return a text without case and accents, Hangul whole (NFC)."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.casefold().translate(UNDECOMPOSED))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare)


def consonants_of(text: str) -> list[str]:
    """Return the runs of Korean consonants in a question, however they were typed."""
    return CONSONANTS.findall("".join(CONJOINING.get(letter, letter) for letter in text))


# --- What is written ------------------------------------------------------------------------------


@dataclass
class Written:
    """The lexemes of one entry, gathered part by part.

    places: {lexeme: [(position, weight)]}.
    """

    places: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    position: int = 0

    def add_text(self, weight: str, text: str) -> None:
        """Add a text; a text gets names' kinds of lexemes only as a name or title."""
        for words in (WORD.findall(plain(line)) for line in text.splitlines()):
            for word in words:
                self.position += 1
                self.put(weight, text_lexemes(word))
            if weight in (NAMES, KEYWORDS):
                self.put(weight, bridges(words))
        self.put(weight, (folded(compound) for compound in COMPOUND.findall(plain(text))))
        # Something between two texts that no phrase may span.
        self.position += 1

    def add_title(self, text: str) -> None:
        """Add the name of an organisation or the title of a listing."""
        self.add_text(NAMES, text)
        words = WORD.findall(plain(text))
        self.put(NAMES, (f"@{form}" for word in words for form in name_lexemes(word)))
        self.put(NAMES, (tail for word in words for tail in consonant_tails(word)))
        self.put(REST, (form for word in words for form in misspelt(word)))

    def add_person(self, family: str, given: str, whole: Iterable[str]) -> None:
        """Add a person's names: the two parts, and every way to write the whole."""
        names = [name for name in (family, given, *whole) if name]
        for name in names:
            self.add_title(name)
        joined = [folded(given), folded(family + given), folded(given + family)]
        whole = [plain(name) for name in (*joined, *map(folded, names)) if name]
        self.put(NAMES, (*whole, *(f"@{name}" for name in whole)))
        self.put(NAMES, (f"={key}" for key in keys_of_person(family, given, names)))

    def put(self, weight: str, lexemes: Iterable[str]) -> None:
        """Note lexemes at the present position."""
        place = min(max(self.position, 1), LAST_POSITION)
        for lexeme in lexemes:
            found = self.places.get(lexeme)
            if found is None and len(self.places) < MOST_LEXEMES:
                self.places[lexeme] = [(place, weight)]
            elif found is not None and len(found) < MOST_POSITIONS and found[-1][0] != place:
                found.append((place, weight))

    def vector(self) -> str:
        """Return all of it as PostgreSQL's tsvector."""
        return " ".join(
            f"{quoted(lexeme)}:{','.join(f'{place}{weight}' for place, weight in places)}"
            for lexeme, places in self.places.items()
            if lexeme
        )


def text_lexemes(word: str) -> list[str]:
    """Return the lexemes of one word: pairs of syllables, or the word and its stem."""
    if HANGUL.fullmatch(word):
        return pairs(bare_ending(word))
    if word in STOP_WORDS or word in LEFT_OVERS:
        return []
    short = word[:LONGEST_PIECE]
    return list(dict.fromkeys([short, stem(short)]))


def name_lexemes(word: str) -> list[str]:
    """Return the lexemes of one word of a name, words that say nothing in a text included."""
    return text_lexemes(word) or [word[:LONGEST_PIECE]]


def bare_ending(word: str) -> str:
    """Return a Korean word without the ending of a sentence, unless nothing else is left."""
    return POLITE.sub("", word) or word


def bridges(words: Sequence[str]) -> Iterator[str]:
    """Yield the pairs across two Korean words: 태양 전지 is found by 태양전지."""
    for one, other in pairwise(words):
        if HANGUL.fullmatch(one) and HANGUL.fullmatch(other):
            yield one[-1] + other[0]


def consonant_tails(word: str) -> Iterator[str]:
    """Yield the initial consonants of a Korean word from each syllable on."""
    found = initials(word)
    for start in range(len(found) - 1):
        yield found[start:]


def misspelt(word: str) -> list[str]:
    """Return the marked forms that two words share when one letter is wrong, lost or too many."""
    if not SHORTEST_MISSPELT <= len(word) <= LONGEST_MISSPELT or not word.isascii():
        return []
    forms = {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}
    return [f"?{form}" for form in sorted(forms)]


def keys_of_person(family: str, given: str, names: Iterable[str]) -> set[str]:
    """Return the keys of how a Korean name sounds; none for names that are not Korean."""
    keys: set[str] = set()
    for name in names:
        hangul = "".join(HANGUL.findall(unicodedata.normalize("NFC", name)))
        if hangul:
            keys |= hangul_keys(hangul)
        else:
            guessed = guess_parts(WORD.findall(plain(name)))
            keys |= latin_keys(*guessed) if guessed[0] else set()
    if keys and family and given and not HANGUL.search(family + given):
        keys |= latin_keys(family, given)
    return {key for key in keys if len(key) >= SHORTEST_KEY}


# --- What is asked --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A question, word by word, each as a part of PostgreSQL's tsquery.

    words: all that a word may stand for. named: the same in names and titles only. kept: the
    same in keywords and topics only. loose: the same, spelled wrongly too. lexemes: the word as it would be written, for statistics.
    """

    words: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    lexemes: tuple[str, ...] = ()

    @property
    def strict(self) -> str:
        """The condition that every word is there."""
        return " & ".join(f"({word})" for word in self.words)

    @property
    def in_names(self) -> str:
        """The condition that every word is in a name or title."""
        return " & ".join(f"({word})" for word in self.named)

    @property
    def in_keywords(self) -> str:
        """The condition that some word is in a keyword or topic."""
        return " | ".join(f"({word})" for word in self.kept)


@lru_cache(maxsize=2_000)
def asked(text: str) -> Asked:
    """Return what a question looks for; nothing when it has no letters."""
    text = unicodedata.normalize("NFC", text)
    consonants = consonants_of(text)
    words = meaningful(WORD.findall(plain(HALF_SYLLABLES.sub(" ", text))))[:MOST_WORDS_ASKED]
    joined = [folded(one + other) for one, other in pairwise(words)]
    found = []
    for place, word in enumerate(words):
        beside = beside_forms([*joined[max(place - 1, 0) : place], *joined[place : place + 1]])
        found.append(Forms(word, beside, is_last=place == len(words) - 1))
    runs = [f"{quoted(run)}:*" for run in consonants]
    return Asked(
        (*(forms.query() for forms in found), *runs),
        (*(forms.query(mark="@") for forms in found), *runs),
        (*(forms.query(weights="B") for forms in found), *runs),
        (*(forms.loose() for forms in found), *runs),
        (*map(common_form, words), *consonants),
    )


def common_form(word: str) -> str:
    """Return the lexeme by which one tells how frequent a word is: of pairs, the first."""
    return pairs(word)[0] if HANGUL.fullmatch(word) else stem(word)


def meaningful(words: list[str]) -> list[str]:
    """Leave out words without meaning, unless there are no others."""
    return [word for word in words if word not in STOP_WORDS | LEFT_OVERS] or words


@dataclass(frozen=True)
class Forms:
    """What one word of a question may stand for.

    beside: lexemes of the word together with its neighbours.
    """

    word: str
    beside: list[str]
    is_last: bool

    def query(self, *, mark: str = "", weights: str = "") -> str:
        """Return the query of which one part must be met.

        mark: what stands before every lexeme. weights: where the lexemes are.
        """
        if HANGUL.fullmatch(self.word):
            parts = self.hangul(mark, weights)
        else:
            parts = [weighted(mark + form, weights) for form in self.latin()]
            parts += [weighted(form, weights) for form in self.sounds()]
        if self.is_last and len(self.word) >= SHORTEST_PREFIX and not weights:
            # Perhaps still being typed; in texts a beginning would mean too much.
            parts.append(f"{quoted('@' + self.word[:LONGEST_PIECE])}:*")
        beside = (form if form.startswith("=") else mark + form for form in self.beside)
        return " | ".join([*parts, *(weighted(form, weights) for form in beside)])

    def loose(self) -> str:
        """Return the query that is met by wrong spellings too."""
        return " | ".join([self.query(), *map(quoted, misspelt(self.word))])

    def latin(self) -> list[str]:
        """Return the lexemes of a word in Latin letters: itself and its stem."""
        return list(dict.fromkeys([self.word[:LONGEST_PIECE], stem(self.word)]))

    def sounds(self) -> list[str]:
        """Return how a word in Latin letters may sound in a name."""
        keys = {sound(self.word), *surname_keys(self.word)} if self.word.isalpha() else set()
        return sorted(f"={key}" for key in keys if len(key) >= SHORTEST_KEY)

    def hangul(self, mark: str, weights: str) -> list[str]:
        """Return the queries for a Korean word: with and without particle, and its sound."""
        word = bare_ending(self.word)
        if len(word) == 1:
            return [f"{quoted(mark + word)}:*{weights}"]
        bare = PARTICLE.sub("", word)
        forms = [word, bare] if len(word) > 2 and len(bare) > 1 else [word]
        found = [
            "(" + " & ".join(weighted(mark + pair, weights) for pair in pairs(form)) + ")"
            for form in forms
        ]
        key = max(hangul_keys(word), key=len)
        return found + [weighted(f"={key}", weights)] * (len(key) >= SHORTEST_KEY)


def beside_forms(joined: Sequence[str]) -> list[str]:
    """Return the lexemes of words written together with their neighbours: Min su, Minsu."""
    keys = {f"={sound(form)}" for form in joined if form.isascii() and len(sound(form)) > 3}
    return [*joined, *sorted(keys)]


def weighted(lexeme: str, weights: str) -> str:
    """Return a lexeme of a tsquery, perhaps where certain weights are."""
    return f"{quoted(lexeme)}:{weights}" if weights else quoted(lexeme)


def quoted(lexeme: str) -> str:
    """Return a lexeme as tsvector and tsquery write it."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
