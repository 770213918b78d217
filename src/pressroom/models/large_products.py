"""Products with large constant matrices, written so that onnxruntime reads the matrix as it lies in the file.

A constant on the right of a product is copied by onnxruntime into an order of its own when a session is opened; what
stands on the left is read in place. So a package keeps such a matrix with one row for each output (`by_output`, as
PyTorch writes it), and a session of many rows is opened with `matrix rows^T` turned around (`constants_first`).
Measured for 5,000 x 5,000 on one core: 4 ms from 2 to 16 rows, where the copied form takes 3.6 to 7.6 ms. For one row
the plain form is read in place too (3.1 ms).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pressroom.models.framework import framework

_KINDS = {1: np.float32, 11: np.float64}
_FIRST_GEMM_WITHOUT_C = 11
_MOST_INFERRED = 1 << 12
_PACKED = frozenset({"MatMul", "Conv", "ConvTranspose", "LSTM", "GRU", "RNN", "Einsum"})
"""Operators that are slower for one row too when constants are not copied, or whose rows are not the request's."""


def by_output(model: Any) -> None:
    """Make every product of a matrix (rows, inputs) with a constant of its own a Gemm with one row for each output."""
    if _opset(model) < _FIRST_GEMM_WITHOUT_C or any(map(_has_graphs, model.graph.node)):
        return
    ranks = _ranks(model)
    given = {one.name for one in model.graph.input}
    constants = {tensor.name: tensor for tensor in model.graph.initializer if tensor.name not in given}
    readers = [name for node in model.graph.node for name in node.input] + [out.name for out in model.graph.output]
    for node in model.graph.node:
        if node.op_type not in ("MatMul", "Gemm") or node.domain not in ("", "ai.onnx"):
            continue
        tensor = constants.get(node.input[1])
        turned = _flags(node).get("transB", 0)
        if tensor is None or turned or readers.count(tensor.name) != 1 or ranks.get(node.input[0]) != 2:
            continue
        if _turn(tensor):
            kept = [attribute for attribute in node.attribute if attribute.name != "transB"]
            del node.attribute[:]
            node.op_type = "Gemm"
            node.attribute.extend([*kept, framework("onnx").helper.make_attribute("transB", 1)])


def constants_first(model: Any, large: Mapping[str, object]) -> bool:
    """Turn products with the tensors `large` around, and say whether, for one row, a session of the graph as it was
    needs no copy of a constant either.
    """
    taken = {name for node in model.graph.node for name in (*node.input, *node.output)}
    nodes: list[Any] = []
    turned = False
    for node in model.graph.node:
        if node.op_type == "Gemm" and node.input[1] in large and _flags(node) == {"transB": 1}:
            nodes += _first(node, taken)
            turned = True
        else:
            nodes.append(node)
    alone = turned and not any(
        node.op_type in _PACKED or node.domain not in ("", "ai.onnx") or _has_graphs(node) for node in model.graph.node
    )
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return alone


def _first(node: Any, taken: set[str]) -> list[Any]:
    make = framework("onnx").helper.make_node
    rows, matrix, *rest = node.input
    columns, product, answer = (_unused(f"{node.output[0]}.{word}", taken) for word in ("rows", "product", "turned"))
    last = answer if any(rest) else node.output[0]
    made = [
        make("Transpose", [rows], [columns], perm=[1, 0]),
        make("MatMul", [matrix, columns], [product]),
        make("Transpose", [product], [last], perm=[1, 0]),
    ]
    return [*made, make("Add", [last, rest[0]], [node.output[0]])] if any(rest) else made


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _turn(tensor: Any) -> bool:
    kind = _KINDS.get(tensor.data_type)
    if kind is None or len(tensor.dims) != 2 or not tensor.raw_data:
        return False
    values = np.frombuffer(tensor.raw_data, dtype=kind).reshape(tuple(tensor.dims))
    tensor.raw_data = values.T.tobytes()
    tensor.dims.reverse()
    return True


def _flags(node: Any) -> dict[str, float]:
    """The attributes of a Gemm that are not what they are when nothing is said."""
    usual = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0}
    said = {one.name: one.f if one.name in ("alpha", "beta") else one.i for one in node.attribute}
    return {name: value for name, value in said.items() if value != usual.get(name)}


def _has_graphs(node: Any) -> bool:
    return any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute)


def _ranks(model: Any) -> dict[str, int]:
    """How many axes each tensor has, where that is known."""
    onnx = framework("onnx")
    shapes = type(model)()
    shapes.CopyFrom(model)
    for tensor in shapes.graph.initializer:
        if len(tensor.raw_data) > _MOST_INFERRED:
            tensor.ClearField("raw_data")  # its shape is enough, and the message stays small
    try:
        known = onnx.shape_inference.infer_shapes(shapes).graph
    except (RuntimeError, ValueError):
        return {}
    values = [*known.input, *known.value_info, *known.output]
    return {one.name: len(one.type.tensor_type.shape.dim) for one in values if one.type.tensor_type.HasField("shape")}


def _opset(model: Any) -> int:
    return next((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), 0)
