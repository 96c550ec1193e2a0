"""Small language models in ONNX files, written by hand: a table of words, looked up."""

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from matching.embedding.gate import gate_pairs
from matching.embedding.languages import is_hangul

FLOAT, INT64 = 1, 7


def write_model(folder, vectors, *, name="model.onnx", input_name="input_ids"):
    """Write a model that gives each word its vector; return the settings that name it.

    vectors: {word: row of floats, or one float}; unknown words get the first row.
    """
    table = np.array(list(vectors.values()), dtype="<f4")
    nodes = message(
        1, message(1, "table"), message(1, input_name), message(2, "out"), message(4, "Gather")
    )
    graph = message(
        7,
        nodes,
        message(2, "words"),
        message(5, *(number(1, size) for size in table.shape), number(2, FLOAT),
                message(8, "table"), message(9, table.tobytes())),
        described(11, input_name, INT64, 2),
        described(12, "out", FLOAT, table.ndim + 1),
    )  # fmt: skip
    (folder / name).write_bytes(number(1, 8) + message(8, message(1, ""), number(2, 17)) + graph)
    tokenizer = Tokenizer(
        WordLevel({word: place for place, word in enumerate(vectors)}, next(iter(vectors)))
    )
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return {"FILE": str(folder / name)}


def dictionary(*, sorts_by_language=0.0):
    """Return vectors of the words of the gate's pairs; those of one pair lie near each other.

    sorts_by_language: how strongly the script of a word shows in one more dimension.
    """
    random = np.random.default_rng(7)
    words = {"[UNK]": np.ones(129)}
    for pair in zip(*gate_pairs(), strict=True):
        direction = random.standard_normal(128)
        for text in pair:
            for word, _place in Whitespace().pre_tokenize_str(text):
                found = words.setdefault(word, np.zeros(129))
                found[:128] += direction
                found[128] = sorts_by_language * (1 if any(map(is_hangul, word)) else -1)
    return words


def described(tag, name, kind, rank):
    """Return the description of an input or output of a rank."""
    shape = message(2, *(message(1, message(2, f"d{axis}")) for axis in range(rank)))
    return message(tag, message(1, name), message(2, message(1, number(1, kind), shape)))


def message(tag, *parts):
    """Return a field of bytes, text, or other fields, as protocol buffers have it."""
    content = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return varint(tag << 3 | 2) + varint(len(content)) + content


def number(tag, value):
    """Return a field that holds a number."""
    return varint(tag << 3) + varint(value)


def varint(value):
    """Return a number, seven bits a byte."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
