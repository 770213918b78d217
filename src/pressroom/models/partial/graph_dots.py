"""Dot products between the parts of two blocks: one matrix-vector product when one of them has a single row.

Known are the forms in which two towers are written: `Mul` and `ReduceSum` over the last axis, `Einsum` of "bd,bd->b",
and `MatMul` of (n, 1, d) by (n, d, 1). A graph runtime would repeat the single row as often as there are others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.models.framework import framework


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """`name` holds, for each row, the dot product of the tensors `left` and `right`, with `tail` more
    axes of size 1.
    """

    name: str
    left: str
    right: str
    tail: int


def dot(left: npt.NDArray[np.generic], right: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    """The product of each row of one with the row of the other, or with its only row: (rows,)."""
    a = left.reshape(len(left), -1).astype(np.float32, copy=False)
    b = right.reshape(len(right), -1).astype(np.float32, copy=False)
    if len(a) == 1:
        a, b = b, a
    if len(b) == 1:
        return a @ b[0]
    products: npt.NDArray[np.float32] = np.einsum("nd,nd->n", a, b)
    return products


def take_dots(model: Any, rest: Sequence[Any], given: Mapping[str, str]) -> tuple[tuple[Dot, ...], list[Any]]:
    """The dot products among the nodes `rest`, and the nodes that are left; `given` are the parts' tensors by block."""
    readers: dict[str, list[Any]] = {}
    for node in rest:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    finder = _Finder(model, given, readers)
    dots: list[Dot] = []
    gone: set[str] = set()
    for node in rest:
        found = finder.find(node)
        if found is not None:
            made, nodes = found
            dots.append(made)
            gone.update(replaced.output[0] for replaced in nodes)
    return tuple(dots), [node for node in rest if node.output[0] not in gone]


class _Finder:
    def __init__(self, model: Any, given: Mapping[str, str], readers: Mapping[str, Sequence[Any]]) -> None:
        infos = framework("onnx").shape_inference.infer_shapes(model).graph
        infos = [info for info in (*infos.input, *infos.value_info) if info.type.tensor_type.HasField("shape")]
        self._dims = {info.name: [dim.dim_value for dim in info.type.tensor_type.shape.dim] for info in infos}
        self._types = {info.name: info.type.tensor_type.elem_type for info in infos}
        self._given = given
        self._readers = readers
        self._answers = {output.name for output in model.graph.output}
        self._axes = _axes(model)

    def find(self, node: Any) -> tuple[Dot, list[Any]] | None:
        """The product that begins at this node, and the nodes that it takes the place of."""
        if len(node.input) != 2 or not self._of_two_blocks(*node.input):
            return None
        left, right = node.input
        if node.op_type == "Mul" and self._rank(left) == self._rank(right) == 2:
            return self._summed(node, left, right)
        if node.op_type == "Einsum" and self._is_row_product(node):
            return Dot(name=node.output[0], left=left, right=right, tail=0), [node]
        if node.op_type == "MatMul" and self._is_row_by_column(left, right):
            return Dot(name=node.output[0], left=left, right=right, tail=2), [node]
        return None

    def _is_row_by_column(self, left: str, right: str) -> bool:
        return self._rank(left) == self._rank(right) == 3 and self._dims[left][1] == self._dims[right][2] == 1

    def _of_two_blocks(self, left: str, right: str) -> bool:
        sides = {self._given.get(left), self._given.get(right)}
        is_float = {self._types.get(left), self._types.get(right)} == {framework("onnx").TensorProto.FLOAT}
        return None not in sides and len(sides) == 2 and is_float

    def _rank(self, name: str) -> int:
        return len(self._dims.get(name, ()))

    def _summed(self, product: Any, left: str, right: str) -> tuple[Dot, list[Any]] | None:
        readers = self._readers.get(product.output[0], ())
        if len(readers) != 1 or product.output[0] in self._answers or self._dims[left][1] != self._dims[right][1]:
            return None
        total = readers[0]
        if total.op_type != "ReduceSum" or self._axes.get(total.output[0]) not in ([1], [-1]):
            return None
        keeps = next((attribute.i for attribute in total.attribute if attribute.name == "keepdims"), 1)
        return Dot(name=total.output[0], left=left, right=right, tail=int(keeps)), [product, total]

    def _is_row_product(self, node: Any) -> bool:
        equation = node.attribute[0].s.decode().replace(" ", "")
        sides, _, result = equation.partition("->")
        first, _, second = sides.partition(",")
        return len(first) == 2 and first == second and first[0] != first[1] and result == first[0]


def _axes(model: Any) -> dict[str, list[int]]:
    """The constant axes of each ReduceSum."""
    to_array = framework("onnx").numpy_helper.to_array
    constants = {constant.name: constant for constant in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            constants[node.output[0]] = node.attribute[0].t
    found: dict[str, list[int]] = {}
    for node in model.graph.node:
        if node.op_type != "ReduceSum":
            continue
        listed = [list(attribute.ints) for attribute in node.attribute if attribute.name == "axes"]
        if listed:
            found[node.output[0]] = listed[0]
        elif len(node.input) > 1 and node.input[1] in constants:
            found[node.output[0]] = to_array(constants[node.input[1]]).ravel().tolist()
    return found
