"""Embedders of the operator's choice: what they must pass, and what happens when they do not."""

import io
import json
import logging

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from matching import embedding
from matching.embedding import EmbeddingServerError, LexicalEmbedder, ModelProblem, identity
from matching.embedding.gate import LEAST_MIXED, examine, gate_pairs, verdict_on
from matching.embedding.languages import is_english
from matching.embedding.onnx_file import OnnxFileEmbedder
from matching.embedding.plugins import examined_plugin, kept_outcome, passed_plugin
from tests.matching.onnx_files import dictionary, write_model


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    """Forget the embedder before and after, and keep outcomes in a place of the test's own."""
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path / "data"))
    embedding.get_embedder.cache_clear()
    yield
    embedding.get_embedder.cache_clear()


def configure(settings, files, **others):
    settings.EMBEDDER = "onnx"
    settings.EMBEDDER_ONNX = files | others


# The test itself


def test_pairs_are_sentences_in_both_languages_over_four_areas():
    english, korean = gate_pairs()

    assert len(english) == len(korean) >= 48
    assert len({*english, *korean}) == 2 * len(english)
    assert all(map(is_english, english))
    assert not any(map(is_english, korean))


def test_the_multilingual_model_passes(multilingual):
    verdict = examine(multilingual)

    assert verdict.mixed == 1
    assert (verdict.to_english, verdict.to_korean) == (1, 1)
    assert abs(verdict.gap) < 0.2
    assert verdict.problem == ""


@pytest.mark.parametrize("name", ("minilm", "lexical"))
def test_models_that_know_one_language_fail(minilm, name):
    verdict = examine(minilm if name == "minilm" else LexicalEmbedder())

    assert verdict.mixed < 0.1
    assert "of 104 texts among texts of both languages" in verdict.problem


def test_a_model_that_sorts_by_language_fails_although_it_finds_translations(multilingual):
    english, korean = (multilingual.embed(texts) for texts in gate_pairs())
    strength = np.full((len(english), 1), 0.4)

    verdict = verdict_on(np.hstack([english, strength]), np.hstack([korean, -strength]))

    assert (verdict.to_english, verdict.to_korean) == (1, 1)
    assert verdict.mixed < LEAST_MIXED
    assert verdict.gap > 1
    assert verdict.problem != ""


def test_the_english_model_beside_the_multilingual_one_would_fail(multilingual, minilm):
    both = [
        np.hstack([model.embed(texts) for model in (multilingual, minilm)])
        for texts in gate_pairs()
    ]

    assert verdict_on(*both).problem != ""


def test_a_constant_embedder_finds_nothing():
    verdict = verdict_on(np.ones((5, 3)), np.ones((5, 3)))

    assert (verdict.mixed, verdict.to_english, verdict.gap) == (0, 0, 0)


def test_verdict_follows_the_definition():
    random = np.random.default_rng(3)
    english, korean = random.standard_normal((2, 20, 4))

    verdict = verdict_on(english, korean)

    everything = np.concatenate([english, korean])
    everything /= np.linalg.norm(everything, axis=1, keepdims=True)
    hits = 0
    for place, text in enumerate(everything):
        others = [(float(text @ other), number) for number, other in enumerate(everything)]
        best = max(entry for entry in others if entry[1] != place)
        hits += best[1] == (place + 20) % 40
    assert verdict.mixed == hits / 40


@pytest.mark.parametrize("wrong", (np.nan, 0))
def test_vectors_without_direction_are_refused(wrong):
    vectors = np.ones((4, 3))
    vectors[2] = wrong

    with pytest.raises(ModelProblem, match="NaN or zero vectors"):
        verdict_on(vectors, np.ones((4, 3)))


def test_vectors_of_two_dimensions_are_refused():
    with pytest.raises(ModelProblem, match=r"\(4, 3\) and \(4, 2\)"):
        verdict_on(np.ones((4, 3)), np.ones((4, 2)))


# A model in a file


def test_a_file_that_passes_is_used_and_not_examined_again(settings, tmp_path, caplog):
    configure(settings, write_model(tmp_path, dictionary()))

    first = embedding.get_embedder()

    assert isinstance(first, OnnxFileEmbedder)
    assert first.dimension == 129
    assert embedding.embedder_warning() == ""
    kept = kept_outcome()
    assert kept["verdict"]["mixed"] >= LEAST_MIXED
    # The verdict counts: with another one on file, the same model is refused unseen.
    path = tmp_path / "data" / "embedder.json"
    path.write_text(json.dumps(kept | {"verdict": kept["verdict"] | {"mixed": 0.5}}))
    with pytest.raises(ModelProblem, match="50% of 104 texts"):
        passed_plugin()
    assert examined_plugin(is_anew=True)[1].problem == ""


def test_a_file_that_fails_keeps_the_default_and_warns(settings, tmp_path, caplog):
    configure(settings, write_model(tmp_path, dictionary(sorts_by_language=30)))

    embedder = embedding.get_embedder()

    assert embedder.name == "use-multilingual"
    assert "the embedder that comes with the portal is used" in caplog.text
    assert "among texts of both languages; 90% are needed" in embedding.embedder_warning()


def test_readiness_names_a_language_model_that_is_not_used(settings, tmp_path, client, db):
    configure(settings, write_model(tmp_path, dictionary(sorts_by_language=30)))
    embedding.get_embedder()

    assert "language model" in client.get("/readyz").json()["down"]


def test_other_files_make_another_identity(settings, tmp_path):
    files = write_model(tmp_path, dictionary())
    before = identity(OnnxFileEmbedder(files))

    others = [
        identity(OnnxFileEmbedder(files | change))
        for change in ({"PREFIX": "query: "}, {"POOLING": "first"}, {"MAX_TOKENS": "64"})
    ]
    write_model(tmp_path, dictionary(sorts_by_language=1))
    others.append(identity(OnnxFileEmbedder(files)))

    assert len({before, *others}) == 5
    assert before == identity(OnnxFileEmbedder(write_model(tmp_path, dictionary())))
    (tmp_path / "model.onnx_data").write_bytes(b"weights")
    assert before != identity(OnnxFileEmbedder(files))


def test_prefix_pooling_and_limit_are_obeyed(tmp_path):
    files = write_model(tmp_path, {"?": [1, 1, 1], "query": [1, 0, 0], "laser": [0, 1, 0]})

    def first_row(**others):
        return OnnxFileEmbedder(files | others).embed(["laser", "laser laser laser"])[0].tolist()

    assert first_row() == [0, 1, 0]
    assert first_row(PREFIX="query ", POOLING="first") == [1, 0, 0]
    half = pytest.approx([2**-0.5, 2**-0.5, 0], abs=1e-6)
    assert first_row(PREFIX="query ") == half
    assert first_row(PREFIX="query " * 8, MAX_TOKENS="8") == [1, 0, 0]


@pytest.mark.parametrize(
    ("change", "words"),
    (
        ({"FILE": ""}, "KONNECT_EMBEDDER_FILE does not name"),
        ({"FILE": "/nowhere/model.onnx"}, r"model\.onnx is missing"),
        ({"TOKENIZER": "/nowhere/tokenizer.json"}, r"tokenizer\.json is missing"),
        ({"SHA256": "0" * 64}, r"model\.onnx has another hash"),
        ({"POOLING": "median"}, "mean or first, not median"),
        ({"MAX_TOKENS": "many"}, "8 to 8192, not many"),
        ({"MAX_TOKENS": "9999"}, "8 to 8192, not 9999"),
    ),
)
def test_settings_of_a_file_that_make_no_sense_are_named(settings, tmp_path, change, words):
    files = write_model(tmp_path, dictionary()) | change

    with pytest.raises(ModelProblem, match=words):
        OnnxFileEmbedder(files)
    configure(settings, files)
    assert embedding.get_embedder().name == "use-multilingual"
    assert embedding.embedder_warning() != ""


def test_the_right_hash_is_accepted_in_capitals(tmp_path):
    files = write_model(tmp_path, dictionary())
    expected = embedding.files.sha256_of(tmp_path / "model.onnx", 0).upper()

    assert OnnxFileEmbedder(files | {"SHA256": expected}).dimension == 129


@pytest.mark.parametrize(
    ("vectors", "words"),
    (
        ({"?": [1, 1], "laser": [np.nan, 1]}, "NaN or zero"),
        ({"?": [1, 1], "laser": [0, 0]}, "NaN or zero"),
        ({"?": [1, 1], "laser": [np.inf, 1]}, "NaN or zero"),
        ({"?": 1, "laser": 2}, r"arrays \(1, 3\), not \(1, 1\)"),
        ({"?": [[1, 1]], "laser": [[1, 2]]}, "arrays"),
    ),
)
def test_models_that_give_nonsense_are_refused(settings, tmp_path, vectors, words):
    files = write_model(tmp_path, vectors)

    with pytest.raises(ModelProblem, match=words):
        OnnxFileEmbedder(files).embed(["laser laser laser"])
    configure(settings, files)
    assert embedding.get_embedder().name == "use-multilingual"


def test_a_model_with_unknown_inputs_is_refused(tmp_path):
    files = write_model(tmp_path, dictionary(), input_name="pixels")

    with pytest.raises(ModelProblem, match="unknown inputs: \\['pixels'\\]"):
        OnnxFileEmbedder(files)


@pytest.mark.parametrize("broken", ("model.onnx", "tokenizer.json"))
def test_a_broken_file_is_refused(tmp_path, broken):
    files = write_model(tmp_path, dictionary())
    (tmp_path / broken).write_text("{not a model")

    with pytest.raises(ModelProblem, match=r"cannot (be loaded|load its tokenizer)"):
        OnnxFileEmbedder(files)


def test_a_text_without_words_gets_a_vector(tmp_path):
    assert OnnxFileEmbedder(write_model(tmp_path, dictionary())).embed([""]).shape == (1, 129)


def test_a_name_of_no_embedder_is_told(settings):
    settings.EMBEDDER = "use-multilingua"

    assert "names no language model: use-multilingua" in embedding.embedder_warning()


# What is kept


@pytest.mark.parametrize("content", ("", "[]", "{}", '{"settings": 1}', "{broken"))
def test_a_broken_record_is_as_good_as_none(settings, tmp_path, content):
    configure(settings, write_model(tmp_path, dictionary()))
    passed_plugin()
    (tmp_path / "data" / "embedder.json").write_text(content)

    assert kept_outcome() is None
    assert passed_plugin().dimension == 129
    assert kept_outcome() is not None


def test_without_a_place_for_records_all_goes_on(settings, tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path / "file" / "data"))
    configure(settings, write_model(tmp_path, dictionary()))

    assert embedding.get_embedder().name == "onnx"
    assert "cannot be kept" in caplog.text


def test_a_warning_ends_when_the_file_is_repaired(settings, tmp_path):
    files = write_model(tmp_path, dictionary())
    (tmp_path / "model.onnx").rename(tmp_path / "aside")
    configure(settings, files)
    embedding.get_embedder()
    assert "model.onnx is missing" in embedding.embedder_warning()

    (tmp_path / "aside").rename(tmp_path / "model.onnx")
    embedding.get_embedder.cache_clear()

    assert embedding.get_embedder().name == "onnx"
    assert embedding.embedder_warning() == ""


# The command


def checked():
    out = io.StringIO()
    call_command("check_embedder", stdout=out)
    return out.getvalue()


def test_command_prints_the_figures_of_a_file(settings, tmp_path):
    configure(settings, write_model(tmp_path, dictionary()))

    assert "translation nearest of all texts: 1.000 (needed: 0.9)" in checked()


def test_command_fails_with_an_embedder_that_sorts_by_language(settings, tmp_path):
    configure(settings, write_model(tmp_path, dictionary(sorts_by_language=30)))

    with pytest.raises(CommandError, match="90% are needed"):
        checked()


def test_command_names_a_missing_file(settings):
    configure(settings, {"FILE": "/nowhere/model.onnx"})

    with pytest.raises(CommandError, match=r"model\.onnx is missing"):
        checked()


def test_command_holds_the_floor_to_nothing(settings):
    settings.EMBEDDER = "lexical"

    assert "not held to it" in checked()


# A model on a server


def test_a_server_that_passes_is_used(settings, embedding_server, multilingual):
    embedding_server.embedder = multilingual
    settings.EMBEDDER_URL = embedding_server.url

    embedder = embedding.get_embedder()

    assert (embedder.name, embedder.dimension) == ("remote", 512)
    assert embedding.embedder_warning() == ""
    asked = len(embedding_server.seen)
    embedding.get_embedder.cache_clear()
    embedding.get_embedder()
    # Only the dimension, not the pairs again.
    assert len(embedding_server.seen) == asked + 1


def test_a_server_that_fails_keeps_the_default(settings, embedding_server, minilm, caplog):
    embedding_server.embedder = minilm
    settings.EMBEDDER_URL = embedding_server.url

    with caplog.at_level(logging.WARNING):
        embedder = embedding.get_embedder()

    assert embedder.name == "use-multilingual"
    assert "2% of 104 texts" in embedding.embedder_warning()


def test_a_server_that_is_away_changes_nothing(settings, embedding_server, multilingual):
    embedding_server.embedder = multilingual
    settings.EMBEDDER_URL = embedding_server.url
    embedding.get_embedder()
    embedding.get_embedder.cache_clear()
    embedding_server.answers = [(401, "no")]

    # Not the default: all vectors would be made anew, twice.
    with pytest.raises(EmbeddingServerError, match="401"):
        embedding.get_embedder()
    assert embedding.get_embedder().name == "remote"


# What administrators see


def test_administrators_are_told_of_a_model_that_is_not_used(settings, tmp_path, staff, client_of):
    configure(settings, write_model(tmp_path, dictionary(sorts_by_language=30)))
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    client = client_of(staff)
    assert "90% are needed" not in client.get(reverse("admin:index")).text

    embedding.get_embedder()

    page = client.get(reverse("admin:index")).text
    assert "A language model that is configured is not used" in page
    assert "among texts of both languages; 90% are needed" in page
