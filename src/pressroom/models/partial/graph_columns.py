"""A matrix of all inputs, as graphs take it, cut into one matrix for each block.

Followed are the ways in which an exported model takes some columns: Slice, Gather and Split along axis 1, with
constants. Whoever takes columns of several blocks gets the whole matrix, put together again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pressroom.models.framework import framework
from pressroom.models.partial.blocks import Block
from pressroom.models.structure import MATRIX

_WHOLE = "blocks/all"


def cut_matrix(model: Any, blocks: Sequence[Block], inputs: Sequence[str]) -> dict[str, str]:
    """Give the graph one input `blocks/NAME` for each block instead of the matrix, in place; which
    block feeds which.
    """
    helper = framework("onnx").helper
    graph = model.graph
    kind = next(wanted.type.tensor_type.elem_type for wanted in graph.input if wanted.name == MATRIX)
    fed = {f"blocks/{block.name}": block.name for block in blocks}
    constants = _constants(model)
    nodes: list[Any] = []
    whole = False
    for node in graph.node:
        taken = _columns_taken(node, constants, len(inputs)) if node.input and node.input[0] == MATRIX else None
        replaced = _from_blocks(taken, blocks, inputs) if taken is not None else None
        if replaced is not None:
            nodes.extend(replaced)
            continue
        whole = whole or MATRIX in node.input
        nodes.append(node)
    if whole:
        nodes = [*_put_together(blocks, inputs), *nodes]
    others = [wanted for wanted in graph.input if wanted.name != MATRIX]
    del graph.node[:], graph.input[:], graph.value_info[:]
    graph.node.extend(nodes)
    widths = {f"blocks/{block.name}": len(block.inputs) for block in blocks}
    graph.input.extend(helper.make_tensor_value_info(name, kind, [None, width]) for name, width in widths.items())
    graph.input.extend(others)
    return fed


def _constants(model: Any) -> dict[str, "np.ndarray[Any, Any]"]:
    to_array = framework("onnx").numpy_helper.to_array
    found = {constant.name: constant for constant in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            found[node.output[0]] = node.attribute[0].t
    return {name: to_array(tensor) for name, tensor in found.items() if _is_small(tensor)}


def _is_small(tensor: Any) -> bool:
    return len(tensor.dims) <= 1 and int(np.prod(tensor.dims)) <= 100_000


def _columns_taken(
    node: Any, constants: Mapping[str, "np.ndarray[Any, Any]"], count: int
) -> dict[str, "np.ndarray[Any, Any]"] | None:
    """Which columns each output of the node holds, where it only takes columns; else None."""
    named = [name for name in node.input[1:] if name]
    if any(name not in constants for name in named):
        return None
    known = [constants[name] for name in named]
    attributes = {attribute.name: attribute for attribute in node.attribute}
    axis = attributes["axis"].i if "axis" in attributes else 0
    every = np.arange(count)
    if node.op_type == "Gather" and axis in (1, -1) and known[0].ndim <= 1:
        return {node.output[0]: np.asarray(every[known[0]])}
    if node.op_type == "Slice" and len(known) >= 3:
        return _sliced(node, known, every)
    if node.op_type == "Split" and axis in (1, -1) and len(known) == 1:
        pieces = np.split(every, np.cumsum(known[0])[:-1])
        return dict(zip(node.output, pieces, strict=True))
    return None


def _sliced(node: Any, known: Sequence[Any], every: Any) -> dict[str, "np.ndarray[Any, Any]"] | None:
    starts, ends, axes = (value.tolist() for value in known[:3])
    steps = known[3].tolist() if len(known) > 3 else [1] * len(axes)
    taken = every
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if axis in (1, -1) and step > 0:
            taken = taken[start:end:step]
        elif axis != 0 or start != 0 or step != 1 or end < 2**31 - 1:
            return None
    return {node.output[0]: taken}


def _from_blocks(
    taken: Mapping[str, "np.ndarray[Any, Any]"], blocks: Sequence[Block], inputs: Sequence[str]
) -> list[Any] | None:
    made: list[Any] = []
    for output, columns in taken.items():
        names = [inputs[column] for column in columns.ravel()]
        block = next((block for block in blocks if set(names) <= set(block.inputs)), None)
        if block is None or not names:
            return None
        places = np.array([block.inputs.index(name) for name in names], dtype=np.int64).reshape(columns.shape)
        made.extend(_gathered(places, block, output))
    return made


def _gathered(places: "np.ndarray[Any, Any]", block: Block, output: str) -> list[Any]:
    """The columns at these places of the block; a place alone, without an axis, takes the axis away, as Gather does."""
    onnx = framework("onnx")
    source = f"blocks/{block.name}"
    if places.ndim and places.tolist() == list(range(len(block.inputs))):
        return [onnx.helper.make_node("Identity", [source], [output])]
    constant = onnx.helper.make_node("Constant", [], [f"{output}/columns"], value=onnx.numpy_helper.from_array(places))
    return [constant, onnx.helper.make_node("Gather", [source, f"{output}/columns"], [output], axis=1)]


def _put_together(blocks: Sequence[Block], inputs: Sequence[str]) -> list[Any]:
    onnx = framework("onnx")
    order = [name for block in blocks for name in block.inputs]
    index = onnx.numpy_helper.from_array(np.array([order.index(name) for name in inputs], dtype=np.int64))
    return [
        onnx.helper.make_node("Concat", [f"blocks/{block.name}" for block in blocks], [_WHOLE], axis=1),
        onnx.helper.make_node("Constant", [], [f"{_WHOLE}/columns"], value=index),
        onnx.helper.make_node("Gather", [_WHOLE, f"{_WHOLE}/columns"], [MATRIX], axis=1),
    ]
