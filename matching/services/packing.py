"""Named arrays as bytes: a header that says what follows, then the numbers as they are."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return named arrays as bytes, little endian."""
    codes = {name: array.dtype.newbyteorder("<").str for name, array in arrays.items()}
    layout = {name: (codes[name], array.shape) for name, array in arrays.items()}
    header = json.dumps(layout).encode()
    pieces = [
        np.ascontiguousarray(array, dtype=codes[name]).tobytes() for name, array in arrays.items()
    ]
    return b"".join([struct.pack("<i", len(header)), header, *pieces])


def unpack(packed: bytes) -> Arrays:
    """Return the arrays of `pack`, read-only."""
    (length,) = struct.unpack_from("<i", packed)
    place, arrays = 4 + length, {}
    for name, (code, shape) in json.loads(packed[4:place]).items():
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(packed, code, count, place).reshape(shape)
        place += arrays[name].nbytes
    return arrays
