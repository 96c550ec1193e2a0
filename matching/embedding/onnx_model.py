"""Any encoder in an ONNX file with a tokenizer file beside it, on one thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from matching.embedding.files import ModelProblem

Rows = NDArray[np.float32]
Pooling = Literal["mean", "first"]

# A batch is padded to its longest text: many short texts or few long ones, so that memory stays
# near that of the model alone (a batch of 32 texts of 512 tokens would take gigabytes).
TOKENS_A_BATCH = 512
MAX_TOKENS = 256
SILENT = 3  # errors only
KNOWN_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})


class OnnxModel:
    """Turn texts into unit vectors with a transformer that gives one vector a token, or a text.

    Args:
        model: the ONNX file. Inputs are among input_ids, attention_mask and token_type_ids, int64
            (batch, tokens); the first output is (batch, tokens, dimension) or (batch, dimension).
        tokenizer: the `tokenizer.json` that belongs to it.
        max_tokens: what is longer is cut off.
        pooling: the mean over a text's tokens, or the vector of its first one.

    Raises:
        ModelProblem: a file cannot be read, the model wants other inputs, memory is short.
    """

    def __init__(
        self,
        model: Path,
        tokenizer: Path,
        *,
        max_tokens: int = MAX_TOKENS,
        pooling: Pooling = "mean",
    ) -> None:
        self._pooling = pooling
        self._tokenizer = load_tokenizer(tokenizer, max_tokens)
        self._session = load_session(model)
        self._inputs = [entry.name for entry in self._session.get_inputs()]
        if unknown := set(self._inputs) - KNOWN_INPUTS:
            raise ModelProblem(f"The language model wants unknown inputs: {sorted(unknown)}")
        self.dimension = 0
        self.dimension = self.embed(["dimension"]).shape[1]

    def embed(self, texts: list[str]) -> Rows:
        """Return one unit row a text, in the order of the texts: float32 (texts, dimension).

        Raises:
            ModelProblem: memory is short, or the model gives NaN, zeros or other dimensions.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with problems_named("embed"):
            # A text without any token is like one of padding only: no vector, but a direction.
            tokens = [self._tokenizer.encode(text).ids or [0] for text in texts]
            parts = [(batch, self._unit(tokens, batch)) for batch in batches(tokens)]
            placed = np.empty((len(texts), parts[0][1].shape[1]), dtype=np.float32)
            for batch, rows in parts:
                placed[batch] = rows
        return placed

    def _unit(self, tokens: list[list[int]], batch: list[int]) -> Rows:
        """Return the unit rows of one batch."""
        ids, mask = padded([tokens[number] for number in batch])
        possible = {"input_ids": ids, "attention_mask": mask, "token_type_ids": ids * 0}
        output = self._session.run(None, {name: possible[name] for name in self._inputs})[0]
        pooled = self._pooled(np.asarray(output, dtype=np.float32), mask)
        norms = np.linalg.norm(pooled, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or not norms.all():
            raise ModelProblem("The language model gives NaN or zero vectors")
        return (pooled / norms).astype(np.float32)

    def _pooled(self, output: Rows, mask: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return one vector a text: float64 (batch, dimension)."""
        expected = (len(mask), self.dimension or output.shape[-1])
        if output.ndim == 3 and output.shape[:2] == mask.shape:
            weights = np.zeros(mask.shape)
            weights[:, 0] = 1
            weights = weights if self._pooling == "first" else mask / mask.sum(axis=1)[:, None]
            output = np.einsum("btd,bt->bd", output, weights)
        if output.shape != expected:
            raise ModelProblem(f"The language model gives arrays {output.shape}, not {expected}")
        return output.astype(np.float64)


@contextmanager
def problems_named(doing: str) -> Iterator[None]:
    """Turn what onnxruntime and tokenizers raise into a `ModelProblem`.

    Their exceptions share no base but `Exception`; whatever goes wrong inside them means that the
    model cannot be used.
    """
    try:
        yield
    except ModelProblem:
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or "alloc" in str(error).lower():
            problem = f"Memory is short: the language model cannot {doing}"
        else:
            problem = f"The language model cannot {doing}: {error}"
        raise ModelProblem(problem) from error


def load_tokenizer(path: Path, max_tokens: int) -> Any:
    """Return a tokenizer that cuts off what is too long and pads nothing."""
    from tokenizers import Tokenizer  # noqa: PLC0415 - slow, and only the worker needs it

    if not path.is_file():
        raise ModelProblem(f"The language model's {path.name} is missing")
    with problems_named("load its tokenizer"):
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_tokens)
    return tokenizer


def load_session(path: Path) -> Any:
    """Return a session on one thread that tells nobody anything."""
    if not path.is_file():
        raise ModelProblem(f"The language model's {path.name} is missing")
    with problems_named("be loaded"):
        import onnxruntime  # noqa: PLC0415 - slow, and only the worker needs it

        onnxruntime.disable_telemetry_events()
        return onnxruntime.InferenceSession(
            str(path), session_options(onnxruntime), providers=["CPUExecutionProvider"]
        )


def session_options(onnxruntime: Any) -> Any:
    """Return the options of a session on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = SILENT
    # Reserves would take 50 MB a worker and, measured, save no time.
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    return options


def batches(tokens: list[list[int]]) -> Iterator[list[int]]:
    """Yield the numbers of the texts, those of like length together."""
    batch: list[int] = []
    for number in sorted(range(len(tokens)), key=lambda number: len(tokens[number])):
        if batch and (len(batch) + 1) * len(tokens[number]) > TOKENS_A_BATCH:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def padded(tokens: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return token numbers and the mask of real ones, both (texts, longest)."""
    longest = max(1, *(len(ids) for ids in tokens))
    numbers = np.zeros((len(tokens), longest), dtype=np.int64)
    mask = np.zeros_like(numbers)
    for row, ids in enumerate(tokens):
        numbers[row, : len(ids)] = ids
        mask[row, : len(ids)] = 1
    return numbers, mask
