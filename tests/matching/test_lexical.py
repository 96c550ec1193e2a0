"""Words of English texts: stems, two-word terms, rarity, integers all the way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.scoring import lexical
from matching.scoring.evidence import Words
from matching.scoring.lexical import WeightedWords, word_likeness, word_weights, words_of

MANY = 600


def gathered(*people):
    return Words.gathered([words_of(texts) for texts in people])


def likenesses(viewer, *others):
    words = gathered(*others)
    weights = word_weights([gathered(viewer), words])
    mine = WeightedWords.of(gathered(viewer), weights)
    return word_likeness(mine, WeightedWords.of(words, weights)) / lexical.LIKENESS_UNIT


def test_inflected_forms_are_one_word_and_stop_words_none():
    one, _counts = words_of(["The lattices are vibrating"])
    other, _counts = words_of(["a lattice vibrates"])

    assert one.tolist() == other.tolist()
    assert len(one) == 3  # two stems and the pair of them


def test_same_texts_are_wholly_alike_and_others_not_at_all():
    same, other = likenesses(["graph theory"], ["graph theory"], ["marine biology"])

    assert same == pytest.approx(1, abs=1e-6)
    assert other == 0


def test_rare_words_count_more_than_frequent_ones():
    rare, frequent = likenesses(
        ["common perovskite"], ["perovskite"], ["common"], *[["common"]] * 20
    )[:2]

    assert rare > 2 * frequent


def test_two_words_together_count_besides_the_words():
    together, apart = likenesses(["solid state"], ["solid state"], ["state solid"])

    assert together > apart > 0


def test_people_without_words_are_like_nobody():
    assert likenesses(["graph theory"], [], [""], ["그래프 이론"]).tolist() == [0, 0, 0]
    assert likenesses([], ["graph theory"]).tolist() == [0]


def test_no_candidates_are_no_likenesses():
    weights = word_weights([])
    nobody = WeightedWords.of(Words.gathered([]), weights)

    assert word_likeness(WeightedWords.of(gathered(["word"]), weights), nobody).tolist() == []


def test_long_writers_keep_their_frequent_grams():
    texts = [f"word{number} special term" for number in range(MANY)]
    hashes, counts = words_of(texts)

    assert len(hashes) == lexical.GRAMS_A_PERSON
    assert set(words_of(["special term"])[0]) <= set(hashes)
    assert counts.max() == lexical.SIXTEENTHS * MANY
    assert words_of(texts * 2)[1].max() == lexical.LARGEST_COUNT


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_words_are_rising_and_do_not_depend_on_the_order_of_texts(texts):
    hashes, counts = words_of(texts)

    assert (np.diff(hashes.astype(np.int64)) > 0).all()
    assert (counts > 0).all()
    assert all(
        np.array_equal(*pair) for pair in zip(words_of(texts[::-1]), (hashes, counts), strict=True)
    )


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text("abc def", min_size=1, max_size=20), min_size=1, max_size=5))
def test_likeness_lies_between_nothing_and_all(texts):
    found = likenesses(texts[:1], *[[text] for text in texts])

    assert (found >= 0).all()
    assert (found <= 1 + 1e-6).all()
