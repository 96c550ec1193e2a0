"""Evidence by chance: people of whom only texts are known, as vectors."""

from dataclasses import replace

import numpy as np

from matching.scoring.evidence import Evidence, Items, Words, starts_of, stored
from matching.scoring.lexical import words_of
from matching.scoring.rescoring import rescore
from matching.scoring.terms import PRODUCT_TERMS, TERMS

DIMENSION, ENGLISH_DIMENSION = 24, 16
SUBJECTS = ("graph theory", "solid state", "marine biology", "machine translation")


def unit(chance, count, dimension):
    rows = chance.normal(size=(count, dimension))
    return stored(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def items(chance, counts, dimension):
    total = int(sum(counts))
    sources = np.arange(1, total + 1) * 10
    return Items(unit(chance, total, dimension), starts_of(counts), sources)


def people(count, seed, *, first_id=1, english=0.5, texts=4):
    """People by chance; about a share of them writes English."""
    chance = np.random.default_rng(seed)
    writes = chance.random(count) < english
    numbers = {kind: chance.integers(0, texts, count) for kind in ("works", "offers", "seeks")}
    words = [words_of([str(chance.choice(SUBJECTS))] * int(write)) for write in writes]
    return Evidence(
        ids=np.arange(first_id, first_id + count),
        topic=unit(chance, count, DIMENSION),
        works=items(chance, numbers["works"], DIMENSION),
        english=items(chance, writes * chance.integers(1, 4, count), ENGLISH_DIMENSION),
        offers=items(chance, numbers["offers"], DIMENSION),
        seeks=items(chance, numbers["seeks"], DIMENSION),
        words=Words.gathered(words),
    )


def look(viewer, candidates, reference, **values):
    count = len(candidates)
    given_values = {
        "retrieval_parts": np.full((count, len(PRODUCT_TERMS)), 1_000),
        "worked": np.zeros(count, bool),
        "demand": np.zeros(count, np.int64),
        "viewer_side": "left",
    } | values
    return rescore(viewer, candidates, reference=reference, **given_values)


def column(found, term):
    return found.parts[:, TERMS.index(term)]


def with_items(evidence, **vectors):
    found = {
        kind: Items(rows, starts_of([len(rows)]), np.arange(1, len(rows) + 1))
        for kind, rows in vectors.items()
    }
    return replace(evidence, **found)


def blank(count, first_id=1):
    return Evidence(
        ids=np.arange(first_id, first_id + count),
        topic=np.zeros((count, DIMENSION), np.int16),
        works=Items.none(count, DIMENSION),
        english=Items.none(count, ENGLISH_DIMENSION),
        offers=Items.none(count, DIMENSION),
        seeks=Items.none(count, DIMENSION),
        words=Words.gathered([words_of([])] * count),
    )
