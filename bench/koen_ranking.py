"""Whether the portal's final ranking finds a text's translation among texts of both languages.

Each text is a person's only text. The viewer's candidates are all other texts of the set, in both
languages; the reference panel is taken from the same pool, as a run takes it from its people. The
order is that of the topic term: nothing else is known of these people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.embedding import is_english
from matching.scoring.evidence import Evidence, Items, Words, starts_of, stored
from matching.scoring.lexical import words_of
from matching.scoring.likeness import Compared
from matching.scoring.reference import Reference, reference_of, topic_scores

Vectors = NDArray[np.floating]
Report = dict[str, dict[str, float]]
COLUMNS = ("ko>en", "en>ko", "mixed ko", "mixed en", "mixed")


def ranking_report(
    pairs: Mapping[str, Sequence[Mapping[str, str]]],
    use_vectors: Mapping[str, Vectors],
    english_vectors: Mapping[str, Vectors],
) -> Report:
    """Return accuracy at 1 of the final ranking for each set.

    pairs: {set: [{"en": text, "ko": text}, ...]}. use_vectors: SET_en and SET_ko, one unit row a
    pair, language-neutral; english_vectors: SET_en, of the English model, one row a pair too.
    ko>en, en>ko: the translation is the best of the other language; mixed: of everybody else, from
    a Korean viewer, from an English one, and the mean of both. A tie counts as wrong.
    """
    report: Report = {}
    for name, rows in pairs.items():
        if not rows or f"{name}_en" not in use_vectors:
            continue
        both = [use_vectors[f"{name}_{language}"] for language in ("en", "ko")]
        people = people_of(rows, both, english_vectors[f"{name}_en"])
        report[name] = accuracy(people, len(rows))
    return report


def people_of(
    rows: Sequence[Mapping[str, str]], neutral: Sequence[Vectors], english: Vectors
) -> Evidence:
    """Return a person for each text: the English ones first, the Korean ones in the same order.

    Raises:
        ValueError: there is not one vector a text.
    """
    count = len(rows)
    if any(len(vectors) != count for vectors in (*neutral, english)):
        raise ValueError(f"{count} pairs need as many vectors of each language")
    texts = [row[language] for language in ("en", "ko") for row in rows]
    reads = np.array([is_english(text) for text in texts])
    vectors = stored(np.concatenate(neutral))
    ids = np.arange(1, len(texts) + 1)
    none = Items.none(len(texts), vectors.shape[1])
    # A text of the English half that cannot be told to be English has no English vector either.
    told = np.flatnonzero(reads[:count])
    return Evidence(
        ids=ids,
        topic=vectors,
        works=Items(vectors, starts_of([1] * len(texts)), ids),
        english=Items(
            stored(english)[told],
            starts_of([*reads[:count].astype(int).tolist(), *[0] * count]),
            ids[told],
        ),
        offers=none,
        seeks=none,
        words=Words.gathered(
            [
                words_of([text] if row < count and reads[row] else [])
                for row, text in enumerate(texts)
            ]
        ),
    )


def accuracy(people: Evidence, count: int) -> dict[str, float]:
    """Return the shares of texts whose translation comes first."""
    reference = reference_of(people, people)
    everybody = Compared.of(people, reference.weights)
    hits = np.zeros((2, 2, count), dtype=np.bool_)
    for viewer in range(2 * count):
        language, row = divmod(viewer, count)
        hits[language, :, row] = is_first(people, everybody, reference, viewer)
    across, mixed = hits[:, 0].mean(axis=1), hits[:, 1].mean(axis=1)
    figures = (across[1], across[0], mixed[1], mixed[0], mixed.mean())
    return {"pairs": count} | dict(zip(COLUMNS, map(float, figures), strict=True))


def is_first(
    people: Evidence, everybody: Compared, reference: Reference, viewer: int
) -> tuple[bool, bool]:
    """Tell whether a viewer's translation is the first of its language, and of all."""
    count = len(people) // 2
    translation = (viewer + count) % (2 * count)
    me = Compared.of(people.of([viewer]), reference.weights)
    scores = topic_scores(me, everybody, reference, "right")
    better = scores >= scores[translation]
    better[[viewer, translation]] = False
    start = 0 if translation < count else count
    return not better[start : start + count].any(), not better.any()


def print_report(report: Report) -> None:
    """Print one line a set."""
    print(f"{'final ranking':16}{'pairs':>7}" + "".join(f"{column:>10}" for column in COLUMNS))
    for name, row in report.items():
        figures = "".join(f"{row[column]:10.3f}" for column in COLUMNS)
        print(f"{name:16}{int(row['pairs']):7}{figures}")
