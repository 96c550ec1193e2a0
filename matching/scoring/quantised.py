"""The int8 filter: a quarter of the work of float32, and a margin that is measured, not proved.

Components are rounded to 8 bits, so a value is off by the sum of many small rounding errors. The
bound that Cauchy and Schwarz give for it is far too wide to be of use where people stand in
clusters. Instead the noise is measured on a sample of real pairs, apart for those that score
highest. Three standard deviations of it are the margin, so a floor lies six below the K-th value;
survivors are scored exactly as ever, and every pass audits a sample of its lists against exact
arithmetic. A list also has to reach the limit below which people were left out, as with float32:
on clustered data a margin of two thirds of this lost nobody, a third of it one list in 800.
Processors without VNNI or its like may cut off sums of products; the measured noise, and if need
be the audit, covers that too, at the price of speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.scoring.onnx_bytes import ZERO_POINT, multiplication_by
from matching.scoring.sides import Side
from matching.scoring.tiles import HELD, WIDTH
from matching.scoring.vectors import Integers, Short

# A floor lies two margins below the value that makes it: six standard deviations.
SIGMAS = 3.0
LARGEST = 127
# Components need no finer steps than this over 127: the novelty term has to fit 32 bits of them.
SMALLEST = 256.0
# Share of columns that may be added to make large components small, and what is tried for it.
MORE_COLUMNS = 0.06
SHRINKS = (1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1)
# Pairs that the noise is measured on: so many of the left with so many of the right.
SAMPLED = (256, WIDTH)
HIGHEST = 0.01


@dataclass(frozen=True)
class Steps:
    """How components become 8 bits: a column may stand several times, each time with a part.

    columns: int64 (d',), which column each copy is of. left, right: float32 (d',), what a copy
    is multiplied with on each side. unit: what 1 of the integer product is in 2**-30.
    """

    columns: Integers
    left: NDArray[np.float32]
    right: NDArray[np.float32]
    unit: float

    @classmethod
    def of(cls, left: Side, right: Side) -> Steps:
        """Choose the finest steps that do not need too many copies of large columns."""
        sizes = [largest_components(side) for side in (left, right)]
        dimension = len(sizes[0])
        allowed = dimension * (1 + MORE_COLUMNS) + 16
        tried = (copies(sizes, shrink) for shrink in SHRINKS)
        fitting = [found for found in tried if (found[0] * found[1]).sum() <= allowed]
        parts = fitting[-1]
        columns = np.repeat(np.arange(dimension), (parts[0] * parts[1]).astype(np.int64))
        steps = [
            max(float((size / part).max(initial=0)), SMALLEST) / LARGEST
            for size, part in zip(sizes, parts, strict=True)
        ]
        factors = [
            (1 / (part[columns] * step)).astype(np.float32)
            for part, step in zip(parts, steps, strict=True)
        ]
        return cls(columns, factors[0], factors[1], steps[0] * steps[1])

    def quantised(self, rows: Short, factors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return rows as whole numbers from -127 to 127, float32 (n, d')."""
        wide = rows if len(self.columns) == rows.shape[1] else rows.take(self.columns, axis=1)
        return np.rint(wide * factors)


def largest_components(side: Side) -> NDArray[np.float64]:
    """Return the size of the largest component of each column, float64 (d,)."""
    rows = np.asarray(side.vectors.rows)
    found = np.zeros(rows.shape[1], dtype=np.int64)
    for start in range(0, len(rows), WIDTH):
        part = rows[start : start + WIDTH]
        np.maximum(found, part.max(axis=0), out=found)
        np.maximum(found, -part.min(axis=0).astype(np.int64), out=found)
    return found.astype(np.float64)


def copies(
    sizes: list[NDArray[np.float64]], shrink: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return into how many parts each side's columns are cut when the largest has to shrink so."""
    one, other = (
        np.maximum(np.ceil(size / (shrink * max(size.max(initial=0), 1.0)) - 1e-9), 1.0)
        for size in sizes
    )
    return one, other


class Int8Filter:
    """Products of 8-bit integers, by onnxruntime; see `tiles.Filter`."""

    lowest = np.float32(-(2**31))

    def __init__(self, left: Side, right: Side) -> None:
        self.left, self.right = left, right
        self.steps = Steps.of(left, right)
        self.unit = self.steps.unit
        self.held: dict[tuple[int, int], Any] = {}
        self.memory = np.zeros(0, dtype=np.int32)
        self.block = np.zeros((0, len(self.steps.columns)), dtype=np.uint8)
        self.margin = np.float32(self.measured_margin())

    def take_block(self, span: slice) -> None:
        """Round a block of the left; 128 stands for 0."""
        rows = self.steps.quantised(self.left.rows(span), self.steps.left)
        self.block = np.ascontiguousarray((rows + ZERO_POINT).astype(np.uint8))

    def values(self, span: slice) -> NDArray[np.int32]:
        """Multiply the block with a tile of the right, int32 (r, c)."""
        session, (height, width) = self.session(span), (len(self.block), span.stop - span.start)
        if len(self.memory) < height * width:
            self.memory = np.empty(height * width, dtype=np.int32)
        tile = self.memory[: height * width].reshape(height, width)
        bound = session.io_binding()
        bound.bind_input("x", "cpu", 0, np.uint8, self.block.shape, self.block.ctypes.data)
        bound.bind_output("y", "cpu", 0, np.int32, tile.shape, tile.ctypes.data)
        session.run_with_iobinding(bound)
        return tile

    def session(self, span: slice) -> Any:
        """Return what multiplies with a tile; its weights are laid out once for the whole pass."""
        key = (span.start, span.stop)
        if key in self.held:
            return self.held[key]
        rows = self.steps.quantised(self.right.rows(span), self.steps.right)
        session = loaded(multiplication_by(np.ascontiguousarray(rows.astype(np.int8).T)))
        if len(self.right) * len(self.steps.columns) <= HELD:
            self.held[key] = session
        return session

    def measured_margin(self) -> float:
        """Return the margin in steps: of the noise of all pairs or of the highest, what is more."""
        height, width = (
            min(count, len(side))
            for count, side in zip(SAMPLED, (self.left, self.right), strict=True)
        )
        self.take_block(slice(0, height))
        found = self.values(slice(0, width)).astype(np.float64)
        left, right = (
            side.rows(slice(0, count)).astype(np.float64)
            for side, count in ((self.left, height), (self.right, width))
        )
        true = left @ right.T / self.unit
        noise = found - true
        highest = noise[true >= np.quantile(true, 1 - HIGHEST)]
        spread = max(float(noise.std()), float(highest.std()), 1.0)
        return SIGMAS * spread + max(abs(float(noise.mean())), abs(float(highest.mean())))


def loaded(model: bytes) -> Any:
    """Return a session of onnxruntime for a model, with one thread."""
    import onnxruntime  # noqa: PLC0415 - only who asks for this filter needs it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
