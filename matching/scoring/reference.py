"""What a run's likenesses are measured against.

A cosine means little by itself: encoders put texts of one language together, prolific people are
near to everybody. So a viewer's likeness to a candidate is told in standard deviations of that
viewer's likenesses to a panel of people of the candidate's kind (writes English or not), chosen
by a hash of the id and the same for the whole run. Small panels lean on what the whole run shows,
tiny runs on what was measured elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.scoring.evidence import Arrays, Evidence, Integers, Items
from matching.scoring.lexical import LIKENESS_UNIT, word_weights
from matching.scoring.likeness import Compared, Floats, Likeness, likeness
from matching.scoring.sides import hashes
from matching.scoring.vectors import Position

Scores = NDArray[np.float64]
SIDES: tuple[Position, Position] = ("left", "right")

# People in a panel; people whose words are counted; viewers that the priors are taken from.
PANEL, CORPUS, WITNESSES = 128, 20_000, 32
# How many made-up observations a prior counts for: in a viewer's mean, in a run's prior.
LEAN_ON_RUN, LEAN_ON_ELSEWHERE = 8, 64
# What a deviation of the English channels counts where the panel does not reach (measured).
BEYOND_PANEL = 0.7
# Shares of the English channels: three best pairs of texts, mean vectors, words.
FUSION = {"works": 0.7, "topic": 0.1, "words": 0.2}
# Means and deviations measured on researchers' papers (English), for runs that are nearly empty.
CHANNELS = ("others", "topic", "works", "words", "fused")
ELSEWHERE = ((0.25, 0.114), (0.25, 0.114), (0.25, 0.150), (0.02, 0.020), (0.0, 0.8))


@dataclass(frozen=True)
class Reference:
    """The panels and weights of a run: plain arrays, the same for everybody.

    left, right: a panel of each side, first those who write English. weights: of words, uint16
    (buckets,). priors: float64 (2, 5, 2), mean and variance of each of CHANNELS in units of
    2**-20, for candidates on the left, on the right.
    """

    left: Evidence
    right: Evidence
    weights: NDArray[np.uint16]
    priors: Scores

    @cached_property
    def panels(self) -> dict[str, Compared]:
        """The panels, ready to be multiplied."""
        return {
            "left": Compared.of(self.left, self.weights),
            "right": Compared.of(self.right, self.weights),
        }

    def to_arrays(self) -> Arrays:
        """Return everything as named plain arrays."""
        arrays = self.left.to_arrays("left_") | self.right.to_arrays("right_")
        return arrays | {"weights": self.weights, "priors": self.priors}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Reference:
        """Return what `to_arrays` took apart."""
        left, right = (Evidence.from_arrays(arrays, prefix) for prefix in ("left_", "right_"))
        return cls(left, right, arrays["weights"], arrays["priors"])


def reference_of(left: Evidence, right: Evidence, *, panel: int = PANEL) -> Reference:
    """Choose the panels of a run, weigh its words and measure its priors."""
    corpora = [side.words.of(chosen(side.ids, CORPUS)) for side in (left, right)]
    weights = word_weights(corpora)
    blank = np.stack([elsewhere(), elsewhere()])
    reference = Reference(panel_of(left, panel), panel_of(right, panel), weights, blank)
    priors = [measured(reference, "left"), measured(reference, "right")]
    return Reference(reference.left, reference.right, weights, np.stack(priors))


def panel_of(side: Evidence, size: int) -> Evidence:
    """Return up to `size` people who write English and as many who do not; all have a topic."""
    known = side.topic.any(axis=1)
    strata = (known & side.writes_english, known & ~side.writes_english)
    rows = [np.flatnonzero(stratum) for stratum in strata]
    picked = np.concatenate([stratum[chosen(side.ids[stratum], size)] for stratum in rows])
    # Only what viewers are compared with by: a run carries its panels with it.
    none = Items.none(len(picked), side.topic.shape[1])
    return Evidence(
        ids=side.ids[picked],
        topic=side.topic[picked],
        works=none,
        english=side.english.of(picked),
        offers=none,
        seeks=none,
        words=side.words.of(picked),
    )


def chosen(ids: Integers, count: int) -> Integers:
    """Return the rows of the `count` people with the smallest hashed ids, in that order.

    Who is chosen does not depend on the order or the number of the others.
    """
    return np.lexsort((ids, hashes(ids)))[:count]


def elsewhere() -> Scores:
    """Return the priors of a run without anybody, float64 (5, 2)."""
    rows = [
        (mean * LIKENESS_UNIT, (deviation * LIKENESS_UNIT) ** 2) for mean, deviation in ELSEWHERE
    ]
    return np.array(rows, dtype=np.float64)


def measured(reference: Reference, side: Position) -> Scores:
    """Return the priors for candidates on one side, as the viewers of the other panel see them."""
    opposite = reference.right if side == "left" else reference.left
    viewers = [opposite.of([row]) for row in chosen(opposite.ids, WITNESSES)]
    spreads: dict[str, list[Integers]] = {channel: [] for channel in CHANNELS}
    for viewer in viewers:
        seen = against_panel(Compared.of(viewer, reference.weights), reference, side)
        for channel, values in seen.by_channel().items():
            spreads[channel].append(values)
        spreads["fused"].append(fused(seen.english, seen.english, elsewhere()))
    rows = zip(CHANNELS, elsewhere(), strict=True)
    return np.array([pooled(spreads[channel], prior) for channel, prior in rows])


@dataclass(frozen=True)
class Seen:
    """A viewer's likenesses to a panel.

    topic: to those who write English, others: to the rest, int64, language-neutral. english: the
    English ones, empty unless the viewer writes it.
    """

    topic: Integers
    others: Integers
    english: Likeness

    def by_channel(self) -> dict[str, Integers]:
        """Return the likenesses by channel."""
        english = self.english
        found = {"others": self.others, "topic": self.topic}
        return found | {"works": english.works, "words": english.words}


def against_panel(viewer: Compared, reference: Reference, side: Position) -> Seen:
    """Compare a viewer with the panel of a side; nobody is compared with themselves."""
    panel = reference.panels[side]
    found = likeness(viewer, panel)
    writes = panel.evidence.writes_english
    other = panel.evidence.ids != viewer.evidence.ids[0]
    english = found.among(other[found.english])
    return Seen(found.topic[writes & other], found.topic[~writes & other], english)


def pooled(spreads: list[Integers], prior: Scores) -> Scores:
    """Return mean and mean variance within viewers, leaning on a prior: float64 (2,)."""
    filled = [values for values in spreads if len(values)]
    pairs = sum(len(values) for values in filled)
    mean = math.fsum(float(values.sum()) for values in filled)
    variance = math.fsum(len(values) * variance_of(values) for values in filled)
    lean = LEAN_ON_ELSEWHERE
    count = float(pairs + lean)
    totals = (mean + lean * float(prior[0]), variance + lean * float(prior[1]))
    found: Scores = np.array([total / count for total in totals], dtype=np.float64)
    return found


def variance_of(values: Integers) -> float:
    """Return the variance of integers, from exact sums."""
    count = len(values)
    total, squares = int(values.sum()), int((values * values).sum())
    return (count * squares - total * total) / count**2


def standardised(values: Integers, panel: Integers, prior: Scores) -> Scores:
    """Return values in deviations from a panel's mean, leaning on a prior (mean, variance)."""
    count = len(panel)
    total, squares = int(panel.sum()), int((panel * panel).sum())
    mean = (total + LEAN_ON_RUN * float(prior[0])) / (count + LEAN_ON_RUN)
    spread = squares - 2 * mean * total + count * mean * mean
    lean = LEAN_ON_RUN * (float(prior[1]) + (mean - float(prior[0])) ** 2)
    deviation = math.sqrt(max(spread + lean, 1.0) / (count + LEAN_ON_RUN))
    scores: Scores = (values.astype(np.float64) - mean) / np.float64(deviation)
    return scores


def fused(values: Likeness, panel: Likeness, priors: Scores) -> Integers:
    """Return the English channels as one, int64 (m,) in units of 2**-20; not yet standardised.

    values, panel: of those with whom English is compared, and nobody else.
    """
    total = np.zeros(len(values.works), dtype=np.float64)
    for channel, share in FUSION.items():
        prior = priors[CHANNELS.index(channel)]
        mine, theirs = getattr(values, channel), getattr(panel, channel)
        total = total + share * standardised(mine, theirs, prior)
    return np.rint(total * LIKENESS_UNIT).astype(np.int64)


def as_neutral(scores: Scores, panel: Scores, neutral: Scores) -> Scores:
    """Return English scores as the language-neutral ones of the same rank in the panel.

    scores: of candidates, panel: of the viewer's English panel, by the English channels; neutral:
    of the same panel, language-neutral. The English channels decide who comes before whom among
    those who write English; how far ahead of everybody else is told as for other languages,
    because English channels spread the nearest few much further. Rises with the scores.
    """
    if not len(panel):
        return scores * BEYOND_PANEL
    marks, values = np.sort(panel), np.sort(neutral)
    beyond = scores - np.clip(scores, marks[0], marks[-1])
    ranked = np.interp(scores, marks, values) + BEYOND_PANEL * beyond
    count = len(panel)
    leaning: Scores = (count * ranked + LEAN_ON_RUN * BEYOND_PANEL * scores) / (
        count + LEAN_ON_RUN
    )
    return leaning


def topic_scores(
    viewer: Compared,
    candidates: Compared,
    reference: Reference,
    side: Position,
    pairs: Floats | None = None,
) -> Scores:
    """Return how alike the work of a viewer and each candidate is, in standard deviations.

    viewer: one row; side: where the candidates stand; pairs: see `likeness`; float64 (n,). 0 is the average, and what is
    given to people of whom there is no text.
    """
    seen = against_panel(viewer, reference, side)
    found = likeness(viewer, candidates, pairs)
    others, topic, *_channels, together = priors = reference.priors[SIDES.index(side)]
    writes = candidates.evidence.writes_english
    scores = standardised(found.topic, seen.others, others)
    scores[writes] = standardised(found.topic[writes], seen.topic, topic)
    if len(found.works):
        panel = fused(seen.english, seen.english, priors)
        english = found.among(np.ones(len(found.works), dtype=np.bool_))
        mine = standardised(fused(english, seen.english, priors), panel, together)
        marks = standardised(panel, panel, together)
        neutral = standardised(seen.topic, seen.topic, topic)
        scores[writes] = as_neutral(mine, marks, neutral)
    known = candidates.topic.any(axis=1) & viewer.topic.any()
    return np.where(known, scores, 0.0)
