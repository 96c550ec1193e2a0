"""The one-operator ONNX model of the int8 pass, written out by hand.

A ModelProto is a protocol buffer: fields of (number, kind, value) after one another, where kind 0
is a variable-length integer and kind 2 bytes with their length. The numbers are those of
`onnx.proto` (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto); a few lines of them replace
a dependency. MatMulInteger (operator set 10) multiplies uint8 less a zero point with int8 into
int32, exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Numbers of element types in TensorProto.DataType.
UINT8, INT8, INT32 = 2, 3, 6
ZERO_POINT = 128
FORMAT, OPERATORS = 7, 13


def multiplication_by(weights: NDArray[np.int8]) -> bytes:
    """Return the model y = (x - 128) @ weights; x: uint8 (rows, d), weights: int8 (d, columns)."""
    inputs = b"".join(field(1, name) for name in (b"x", b"weights", b"zero"))
    node = inputs + field(2, b"y") + field(4, b"MatMulInteger")
    zero = np.array(ZERO_POINT, dtype=np.uint8)
    graph = b"".join(
        (
            field(1, node),
            field(2, b"product"),
            field(5, tensor(b"weights", INT8, weights.shape, weights.tobytes())),
            field(5, tensor(b"zero", UINT8, (), zero.tobytes())),
            field(11, variable(b"x", UINT8)),
            field(12, variable(b"y", INT32)),
        )
    )
    version = field(1, b"") + field(2, OPERATORS)
    return field(1, FORMAT) + field(7, graph) + field(8, version)


def tensor(name: bytes, element: int, shape: tuple[int, ...], raw: bytes) -> bytes:
    """Return a TensorProto: dims, data_type, name, raw_data."""
    dims = b"".join(field(1, size) for size in shape)
    return dims + field(2, element) + field(8, name) + field(9, raw)


def variable(name: bytes, element: int) -> bytes:
    """Return a ValueInfoProto of a tensor of any shape."""
    return field(1, name) + field(2, field(1, field(1, element)))


def field(number: int, value: int | bytes) -> bytes:
    """Return one field."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    """Return a number seven bits at a time, the lowest first."""
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])
