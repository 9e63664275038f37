"""The network of the model as an ONNX file in memory.

Written field by field (Protocol Buffers wire format; numbers of the fields from onnx.proto3, IR version 9), for the
onnx package weighs more than all of Kefu and would serve once.

Processors multiply whole numbers of eight bits several times faster than the model's four bits in blocks, so each
matrix is read into eight bits, one scale an output. Weights use seven of them: two products of eight bits overflow
the sixteen that older processors (AVX2) add them up in. What goes into the two wide products of a layer is rounded
token by token, for single tokens are far louder there than all others; see tests/test_embedding.py for what it costs.
Operators: github.com/microsoft/onnxruntime, docs/ContribOperators.md, read 2026-11-22.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from kefu.assistant.understanding.embedding.weights import Weights
from kefu.assistant.understanding.heads import Floats

_MS = "com.microsoft"
#: TensorProto.DataType
_KINDS = {"float32": 1, "uint8": 2, "int8": 3, "int64": 7}
#: the largest weight; the most that a token's numbers are rounded to, and where their nought lies in unsigned bytes
_LARGEST, _LOUDEST, _NOUGHT = 63, 127, 128


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
        matrix, scale = self._eight_bits(names, wide, output)
        bias = self.constant(f"{output}.bias", self._biases(names))
        return self.node("DynamicQuantizeMatMul", [given, matrix, scale, "", bias], output, _MS)

    def product_by_token(self, given: str, names: list[str], wide: int, output: str) -> str:
        """given x the matrices, each token rounded by its own loudest number; the next operator adds the biases."""
        matrix, scale = self._eight_bits(names, wide, output)
        loud = self.node("ReduceMax", [self.node("Abs", [given], f"{output}.abs"), "last"], f"{output}.loud")
        even = self.node("Div", [given, loud], f"{output}.even")
        whole = self.node("QuantizeLinear", [even, "step", "nought"], f"{output}.whole")
        product = self.node("MatMulIntegerToFloat", [whole, matrix, "step", scale, "nought"], f"{output}.product", _MS)
        return self.node("Mul", [product, loud], output)

    def _eight_bits(self, names: list[str], wide: int, output: str) -> tuple[str, str]:
        whole = np.concatenate([self.weights.matrix(f"{name}.w", wide) for name in names]).T
        scales = np.abs(whole).max(axis=0).clip(1e-12) / _LARGEST
        matrix = self.constant(f"{output}.matrix", np.rint(whole / scales).astype(np.int8))
        return matrix, self.constant(f"{output}.scale", scales.astype(np.float32))

    def _biases(self, names: list[str]) -> Floats:
        return np.concatenate([self.weights.floats(f"{name}.b") for name in names])

    def added_and_levelled(self, one: str, other: str, norm: str, output: str, bias_of: str = "") -> str:
        weight = self.constant(f"{output}.weight", self.weights.floats(f"{norm}.w"))
        shift = self.constant(f"{output}.shift", self.weights.floats(f"{norm}.b"))
        bias = [self.constant(f"{output}.bias", self._biases([bias_of]))] if bias_of else []
        return self.node("SkipLayerNormalization", [one, other, weight, shift, *bias], output, _MS,
                         epsilon=float(self.weights.epsilon))  # fmt: skip


def network(weights: Weights) -> bytes:
    """Input "tokens": texts x n x width, already embedded, all of n tokens; output "meaning": texts x width, the mean
    over the tokens."""
    graph = _Graph(weights)
    graph.constant("last", np.array([-1], dtype=np.int64))
    graph.constant("step", np.array(1 / _LOUDEST, dtype=np.float32))
    graph.constant("nought", np.array(_NOUGHT, dtype=np.uint8))
    state = "tokens"
    for layer in range(weights.layers):
        of = f"l{layer}"
        asked = graph.product(state, [f"{of}.q", f"{of}.k", f"{of}.v"], weights.width, f"{of}.asked")
        graph.node("Split", [asked], f"{of}.query,{of}.key,{of}.worth", axis=2, num_outputs=3)
        seen = graph.node("MultiHeadAttention", [f"{of}.query", f"{of}.key", f"{of}.worth"], f"{of}.seen", _MS,
                          num_heads=weights.heads)  # fmt: skip
        noticed = graph.product(seen, [f"{of}.ao"], weights.width, f"{of}.noticed")
        state = graph.added_and_levelled(state, noticed, f"{of}.aln", f"{of}.after_seeing")
        wide = graph.product_by_token(state, [f"{of}.fi"], weights.width, f"{of}.wide")
        lifted = graph.constant(f"{of}.lift", weights.floats(f"{of}.fi.b"))
        bent = graph.node("BiasGelu", [wide, lifted], f"{of}.bent", _MS)
        thought = graph.product_by_token(bent, [f"{of}.fo"], weights.inner, f"{of}.thought")
        state = graph.added_and_levelled(state, thought, f"{of}.oln", f"{of}.after_thinking", bias_of=f"{of}.fo")
    over = graph.constant("over_tokens", np.array([1], dtype=np.int64))
    graph.node("ReduceMean", [state, over], "meaning", keepdims=0)
    whole = _part(2, "e5") + b"".join(graph.parts)
    whole += _value(11, "tokens", ["texts", "n", weights.width]) + _value(12, "meaning", ["texts", weights.width])
    versions = _part(8, _part(1, "") + _int(2, 18)) + _part(8, _part(1, _MS) + _int(2, 1))
    return _int(1, 9) + _part(7, whole) + versions
