"""Older ways to score papers for researchers, computed here for paired comparison."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import numpy as np

from bench.expertise import Papers, Profiles, Scores, text_of
from matching.scoring.lexical import STOP_WORDS

WORD = re.compile(r"[a-z]{2,}")
# Words of the whole corpus that a profile is mixed with (Dirichlet smoothing).
SMOOTHING = 1_000.0


def words(text: str) -> Counter[str]:
    """Return a text's words with their counts, without stop words."""
    return Counter(word for word in WORD.findall(text.lower()) if word not in STOP_WORDS)


def language_model(profiles: Profiles, papers: Papers, targets: Profiles) -> Scores:
    """Return TPMS-like scores: log likelihood of a paper under a model of the profile's words.

    The published description of the Toronto system (Charlin and Zemel 2013, after Mimno and
    McCallum 2007) on title and abstract; not their program.
    """
    counted = {paper: words(text_of(papers[paper])) for paper in used(profiles, targets)}
    corpus: Counter[str] = Counter()
    for counts in counted.values():
        corpus.update(counts)
    size = corpus.total()
    found: Scores = {}
    for name, wanted in targets.items():
        profile: Counter[str] = Counter()
        for paper in profiles[name]:
            profile.update(counted[paper])
        length = profile.total() + SMOOTHING
        found[name] = {
            paper: sum(
                count * np.log((profile[word] + SMOOTHING * corpus[word] / size) / length)
                for word, count in counted[paper].items()
            )
            / max(counted[paper].total(), 1)
            for paper in wanted
        }
    return found


def tf_idf(profiles: Profiles, papers: Papers, targets: Profiles) -> Scores:
    """Return the mean cosine of TF-IDF words (sublinear) over the profile's papers."""
    counted = {paper: words(text_of(papers[paper])) for paper in used(profiles, targets)}
    documents = Counter(word for counts in counted.values() for word in counts)
    rarity = {word: 1 + np.log((1 + len(counted)) / (1 + n)) for word, n in documents.items()}
    vectors = {paper: unit(counts, rarity) for paper, counts in counted.items()}
    return {
        name: {
            paper: float(np.mean([cosine(vectors[paper], vectors[own]) for own in profiles[name]]))
            for paper in wanted
        }
        for name, wanted in targets.items()
    }


def used(profiles: Profiles, targets: Profiles) -> set[str]:
    """Return the papers that the scores are about."""
    return {paper for lists in (profiles, targets) for ids in lists.values() for paper in ids}


def unit(counts: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    """Return weighted words as a unit vector."""
    weights = {word: (1 + np.log(count)) * rarity[word] for word, count in counts.items()}
    length = np.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return the cosine of two unit vectors."""
    return sum(weight * other.get(word, 0.0) for word, weight in one.items())
