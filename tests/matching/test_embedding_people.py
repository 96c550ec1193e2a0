"""What is stored of a person: single texts with their sources, English ones apart, words."""

import numpy as np
import pytest

from matching.embedding import LexicalEmbedder
from matching.models import Profile, ProfileVectors, TextEmbedding, Topic, Work
from matching.scoring.lexical import words_of
from matching.services.embeddings import (
    WORD,
    Embedders,
    refresh_chunk,
    refresh_stale_embeddings,
    stale_profiles,
)
from matching.services.person_texts import MOST_WORKS, texts_of
from matching.services.profiles import mark_matching_changed
from tests.factories.matching import KoreanProfileFactory, ListingFactory, ProfileFactory


@pytest.fixture
def embedders(minilm):
    """Words for every text, the English model besides."""
    return Embedders(LexicalEmbedder(), minilm)


@pytest.fixture
def mina(db):
    """A Korean researcher with texts in both languages."""
    return KoreanProfileFactory(
        summary_en="We grow perovskite solar cells.",
        summary_ko="페로브스카이트 태양전지를 만듭니다.",
        methods_en="Atomic layer deposition",
        methods_ko="",
        keywords=["solar cells", "thin films", "태양전지"],
    )


def rows_of(stored, dimension):
    return np.frombuffer(bytes(stored), "<i2").reshape(-1, dimension).astype(np.int64)


def vectors_of(profile):
    return ProfileVectors.objects.get(pk=profile.pk)


def test_single_texts_are_stored_with_their_sources(mina, embedders):
    old = Work.objects.create(profile=mina, title="Dye-sensitised cells", year=2001)
    new = Work.objects.create(profile=mina, title="탠덤 태양전지", year=2026)
    undated = Work.objects.create(profile=mina, title="Tandem cells")
    refresh_chunk(embedders)

    vectors = vectors_of(mina)

    assert vectors.work_sources == [new.pk, old.pk, undated.pk, 0, 0, 0, 0, 0]
    assert vectors.english_sources == [old.pk, undated.pk, 0, 0, 0]
    assert vectors.english_embedder == "minilm-l6-int8@1.0.0"
    works = rows_of(vectors.work_items, 512)
    english = rows_of(vectors.english_items, 384)
    assert works.shape == (8, 512)
    assert english.shape == (5, 384)
    for rows in (works, english):
        np.testing.assert_allclose(np.sqrt((rows**2).sum(axis=1)), 32767, atol=20)


def test_english_vectors_are_those_of_the_english_texts(mina, embedders):
    refresh_chunk(embedders)

    stored = rows_of(vectors_of(mina).english_items, 384) / 32767

    texts = [mina.summary_en, mina.methods_en, "solar cells, thin films"]
    likeness = stored @ embedders.english.embed(texts).T
    np.testing.assert_allclose(np.diag(likeness), 1, atol=1e-3)


def test_a_listing_in_two_languages_is_one_item(anna, embedders):
    both = ListingFactory(
        profile=anna, kind="offer", title_en="Beam time", description_en="At a synchrotron.",
        title_ko="빔타임", description_ko="방사광 가속기에서.",
    )  # fmt: skip
    one = ListingFactory(profile=anna, kind="offer", title_ko="", description_ko="")
    sought = ListingFactory(profile=anna, kind="request")
    refresh_chunk(embedders)

    vectors = vectors_of(anna)

    assert vectors.offer_sources == [both.pk, one.pk]
    assert vectors.seek_sources == [sought.pk]
    assert rows_of(vectors.offer_items, 512).shape == (2, 512)
    seeks = rows_of(vectors.seek_items, 512)
    np.testing.assert_allclose(rows_of(vectors.seeks, 512), seeks, atol=1)


def test_words_are_those_of_english_texts(mina, embedders):
    Work.objects.create(profile=mina, title="탠덤 태양전지", year=2026)
    refresh_chunk(embedders)

    stored = np.frombuffer(bytes(vectors_of(mina).words), WORD)

    hashes, counts = words_of([mina.summary_en, mina.methods_en, "solar cells, thin films"])
    np.testing.assert_array_equal(stored["hash"], hashes)
    np.testing.assert_array_equal(stored["count"], counts)
    assert len(hashes) > 5


def test_only_the_newest_works_count(mina, embedders):
    Work.objects.bulk_create(
        [Work(profile=mina, title=f"Work of {year}", year=year) for year in range(1990, 2027)]
    )

    works = texts_of([mina])[mina.pk].works

    assert [piece.text for piece in works] == [
        f"Work of {year}" for year in range(2026, 2026 - MOST_WORKS, -1)
    ]


@pytest.mark.parametrize(
    ("field", "gone"),
    (
        ("summary", "perovskite"),
        ("methods", "layer"),
        ("keywords", "thin films"),
        ("works", "Tandem"),
    ),
)
def test_what_members_may_not_read_is_in_no_column(mina, embedders, field, gone):
    Work.objects.create(profile=mina, title="Tandem cells")
    refresh_chunk(embedders)
    before = vectors_of(mina)
    Profile.objects.filter(pk=mina.pk).update(visibility={field: "contacts"})
    mark_matching_changed(mina)
    refresh_chunk(embedders)

    after = vectors_of(mina)

    assert len(after.work_sources) < len(before.work_sources)
    assert len(after.english_sources) == len(before.english_sources) - 1
    assert len(bytes(after.words)) < len(bytes(before.words))
    mina.refresh_from_db()
    assert gone not in " ".join(texts_of([mina])[mina.pk].all())


def test_hidden_topics_are_not_read(mina):
    mina.topics.set(Topic.objects.all()[:2])
    mina.visibility = {"topics": "private"}

    assert texts_of([mina])[mina.pk].topics == []


def test_who_wrote_nothing_gets_empty_columns(embedders, db):
    profile = ProfileFactory(
        summary_en=" \n", summary_ko="", methods_en="", methods_ko="", keywords=[]
    )
    refresh_chunk(embedders)

    vectors = vectors_of(profile)

    columns = ("topic", "offers", "seeks", "work_items", "english_items", "offer_items", "words")
    assert [bytes(getattr(vectors, column)) for column in columns] == [b""] * len(columns)
    assert vectors.work_sources == vectors.english_sources == vectors.seek_sources == []


def test_korean_texts_cost_the_english_model_nothing(embedders, db):
    KoreanProfileFactory(
        summary_en="", summary_ko="태양전지", methods_en="", methods_ko="", keywords=["박막"]
    )

    refresh_chunk(embedders)

    assert not TextEmbedding.objects.filter(embedder="minilm-l6-int8@1.0.0").exists()


def test_people_without_english_vectors_are_done_again_once_there_is_a_model(mina, embedders):
    without = Embedders(embedders.every, None)
    assert refresh_chunk(without) == 1
    assert vectors_of(mina).english_embedder == ""
    assert bytes(vectors_of(mina).words) != b""

    assert refresh_chunk(embedders) == 1

    assert len(vectors_of(mina).english_sources) == 3
    assert refresh_chunk(embedders) == 0
    # Nor does a worker that lacks the model undo it.
    assert not stale_profiles(without).exists()


class Counting(LexicalEmbedder):
    """Notes how many texts it is asked for at a time."""

    def __init__(self):
        self.asked = []

    def embed(self, texts):
        self.asked.append(len(texts))
        return super().embed(texts)


def test_texts_of_several_people_are_embedded_together(db):
    for topic in ("laser", "tumour", "hydrogen"):
        ProfileFactory(summary_en=f"We study {topic}.")
    counting = Counting()

    refresh_chunk(Embedders(counting, None))

    assert counting.asked == [3]


def test_configured_embedders_write_both_spaces(mina):
    assert refresh_stale_embeddings() == 1

    vectors = vectors_of(mina)

    assert vectors.embedder == "use-multilingual@3-0.2.1"
    assert vectors.english_embedder == "minilm-l6-int8@1.0.0"
