"""A large ONNX graph in two files: the steps, and the numbers of its large tensors end to end.

A graph with its weights inside is one message that has to be parsed and copied whole before anything is done with it.
In two files the steps are small, and the weights go to onnxruntime as they lie in memory. In the steps such a tensor
says where it is: `external_data` with our file's name, an offset and a length. Nothing but that is believed: it must
lie within the file and be as long as its type and shape say, onnxruntime gets every one of them from here, and opens no
file itself.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.models.errors import UnsafeModel
from pressroom.models.framework import framework
from pressroom.models.large_products import by_output
from pressroom.models.onnx_safety import check_onnx
from pressroom.models.structure import Graph
from pressroom.values import InvalidInput

FILE = "served.weights"
LEAST_BYTES = 4 << 20
"""Of large tensors: with less than this one file is read as fast as two."""

_LARGE_BYTES = 1 << 16
_ALIGNED = 64
_KINDS = ("float32", "float64", "float16", "int64", "int32", "int8", "uint8", "bool")

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitGraph:
    """A graph whose large tensors are in `weights`."""

    steps: bytes = field(repr=False)
    weights: bytes | memoryview = field(repr=False)


def split(graph: Graph) -> SplitGraph | None:
    """The graph in two files, or None where that gains nothing. Equal graphs give equal bytes. Large matrices that rows
    are multiplied with lie as `large_products` wants them.
    """
    if len(graph.onnx) < LEAST_BYTES:
        return None
    onnx = framework("onnx")
    model = onnx.load_model_from_string(graph.onnx)
    large = [tensor for tensor in model.graph.initializer if len(tensor.raw_data) >= _LARGE_BYTES and _kind(tensor)]
    if sum(len(tensor.raw_data) for tensor in large) < LEAST_BYTES:
        return None
    by_output(model)
    parts: list[bytes] = []
    at = 0
    for tensor in large:
        content = bytes(tensor.raw_data)
        padding = -at % _ALIGNED
        parts += [bytes(padding), content]
        at += padding
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", FILE), ("offset", str(at)), ("length", str(len(content)))):
            entry = tensor.external_data.add()
            entry.key, entry.value = key, value
        at += len(content)
    return SplitGraph(steps=bytes(model.SerializeToString(deterministic=True)), weights=b"".join(parts))


def joined(known: SplitGraph) -> Graph:
    """The graph in one piece. Raises UnsafeModel, InvalidInput."""
    onnx = framework("onnx")
    model = onnx.load_model_from_string(known.steps)
    found = tensors(known)
    for tensor in model.graph.initializer:
        if tensor.name in found:
            tensor.ClearField("external_data")
            tensor.ClearField("data_location")
            tensor.raw_data = found[tensor.name].tobytes()
    return Graph(onnx=bytes(model.SerializeToString(deterministic=True)))


def tensors(known: SplitGraph) -> dict[str, Array]:
    """The large tensors by name, seen in the weights without a copy. Raises UnsafeModel for steps that reach anywhere
    else, or that are unsafe themselves, and InvalidInput for bytes that are no model.
    """
    onnx = framework("onnx")
    try:
        model = onnx.load_model_from_string(known.steps)
    except Exception as error:
        raise InvalidInput("These bytes are no ONNX model.", next_step="Pack the model again.") from error
    found = {
        tensor.name: _tensor(tensor, known.weights)
        for tensor in model.graph.initializer
        if tensor.data_location == onnx.TensorProto.EXTERNAL
    }
    # What is left must be a graph that reaches out of nothing.
    kept = [tensor for tensor in model.graph.initializer if tensor.name not in found]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    check_onnx(model)
    return found


def _kind(tensor: Any) -> str:
    """The numpy type of a tensor's numbers; empty for those that numpy does not have."""
    kind = framework("onnx").helper.tensor_dtype_to_np_dtype(tensor.data_type).name
    return kind if kind in _KINDS else ""


def _tensor(tensor: Any, weights: bytes | memoryview) -> Array:
    told = {entry.key: entry.value for entry in tensor.external_data}
    kind, shape = _kind(tensor), tuple(tensor.dims)
    numbers = (told.get("offset", ""), told.get("length", ""))
    if set(told) != {"location", "offset", "length"} or told["location"] != FILE or not kind:
        _refuse(tensor.name, f"are kept in {told.get('location', 'no file')!r}")
    if not all(number.isascii() and number.isdigit() for number in numbers):
        _refuse(tensor.name, "have no place in it")
    offset, length = map(int, numbers)
    count = int(np.prod(shape, dtype=np.int64)) if all(size >= 0 for size in shape) else -1
    if count * np.dtype(kind).itemsize != length or offset + length > len(weights) or offset % _ALIGNED:
        _refuse(tensor.name, "do not lie within it as their type and shape say")
    return np.frombuffer(weights, dtype=kind, count=count, offset=offset).reshape(shape)


def _refuse(name: str, what: str) -> None:
    raise UnsafeModel(f"This ONNX model is refused: the numbers of {name!r} {what}.", next_step="Pack the model again.")
