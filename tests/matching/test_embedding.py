"""The embedders: the model in the package, the floor without it, a server."""

import shutil
import unicodedata

import numpy as np
import pytest

from matching import embedding
from matching.embedding import (
    EmbeddingServerError,
    LexicalEmbedder,
    ModelProblem,
    MultilingualEmbedder,
    RemoteEmbedder,
    text_hash,
)
from matching.embedding.multilingual import model_directory, model_problem


@pytest.fixture
def fresh_embedder():
    """Forget the loaded embedder before and after."""
    caches = (embedding.get_embedder, embedding.load_default_embedder)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_multilingual_embedder_puts_both_languages_in_one_place(multilingual):
    vectors = multilingual.embed(
        ["Perovskite solar cells", "페로브스카이트 태양전지", "History of medieval law"]
    )

    likeness = vectors @ vectors.T

    assert vectors.shape == (3, 512)
    assert likeness[0, 1] > likeness[0, 2] + 0.3
    np.testing.assert_allclose(np.diag(likeness), 1, atol=1e-5)


def test_multilingual_embedder_with_wrong_hash_is_refused(tmp_path):
    for name in ("sp.model", "weights.npz"):
        shutil.copy(model_directory() / name, tmp_path / name)
    with (tmp_path / "sp.model").open("ab") as file:
        file.write(b"!")

    with pytest.raises(ModelProblem, match=r"sp\.model is missing or has another hash"):
        MultilingualEmbedder(tmp_path)


def test_missing_model_is_named(tmp_path):
    assert "missing" in model_problem(tmp_path)


def test_missing_model_falls_back_with_a_warning(fresh_embedder, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("matching.embedding.multilingual.model_directory", lambda: tmp_path)

    embedder = embedding.get_embedder()

    assert embedder.name == "lexical"
    assert "compared by their words only" in caplog.text
    assert embedding.embedder_warning() != ""


def test_lexical_embedder_finds_shared_words_in_both_scripts():
    vectors = LexicalEmbedder().embed(
        ["solar cells", "solar cell physics", "역사학", "역사학자", ""]
    )

    likeness = vectors @ vectors.T

    assert likeness[0, 1] > 0.4
    assert likeness[2, 3] > 0.4
    assert abs(likeness[0, 2]) < 0.2
    np.testing.assert_allclose(np.diag(likeness), 1, atol=1e-6)


def test_text_hash_ignores_normal_form_and_spaces():
    assert text_hash(unicodedata.normalize("NFD", "태양  전지\n")) == text_hash("태양 전지")


@pytest.fixture
def server(embedding_server):
    """The server under a shorter name."""
    return embedding_server


def embedder_of(server):
    return RemoteEmbedder(server.url, key="secret", model="large")


def test_remote_embedder_keeps_the_order_of_the_texts(server):
    embedder = embedder_of(server)

    vectors = embedder.embed(["a", "bbb"])

    np.testing.assert_allclose(vectors[0], [2**-0.5, 2**-0.5, 0], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert embedder.dimension == 3
    assert server.seen[0][0] == "Bearer secret"
    assert server.seen[0][1]["model"] == "large"


def test_remote_embedder_tries_again_after_a_temporary_fault(server):
    server.answers = [(503, "busy"), (429, "slow down")]

    embedder = embedder_of(server)

    assert embedder.dimension == 3
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("answer", "words"),
    (
        ((401, "no"), "status 401"),
        ((200, "<html>"), "no JSON"),
        ((200, "{}"), "no vectors"),
        ((200, '{"data": []}'), "0 of 1"),
        ((200, '{"data": [{"index": 0, "embedding": [NaN, 1, 0]}]}'), "NaN"),
        ((200, '{"data": [{"index": 0, "embedding": [0, 0, 0]}]}'), "zero"),
        ((200, '{"data": [{"index": 0, "embedding": [1, 0]}]}'), "2 dimensions instead of 3"),
    ),
)
def test_remote_embedder_refuses_nonsense(server, answer, words):
    embedder = embedder_of(server)
    server.answers = [answer]

    with pytest.raises(EmbeddingServerError, match=words):
        embedder.embed(["text"])


def test_remote_embedder_says_when_the_server_is_away(server):
    url = server.url
    server.close()

    with pytest.raises(EmbeddingServerError, match="does not answer"):
        RemoteEmbedder(url)
