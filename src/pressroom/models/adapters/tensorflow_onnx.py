"""From a TensorFlow function of one matrix to an ONNX graph, by tf2onnx, with names that are the same each time."""

import logging
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from pressroom.models.errors import FrameworkMissing
from pressroom.models.framework import framework
from pressroom.models.outputs import not_lowered
from pressroom.models.signature import Signature
from pressroom.models.structure import MATRIX, Graph

_OPSET = 17


def graph_of_function(function: Callable[[Any], Any], signature: Signature) -> Graph:
    """The graph of a function that takes a float32 matrix and gives one tensor. Raises NotLowered with the reason,
    FrameworkMissing.
    """
    tensorflow, convert = framework("tensorflow"), framework("tf2onnx.convert")
    taken = [tensorflow.TensorSpec([None, len(signature.columns())], tensorflow.float32, name=MATRIX)]
    try:
        with _quiet():
            traced = tensorflow.function(function, input_signature=taken)
            model, _ = convert.from_function(traced, input_signature=taken, opset=_OPSET)
    except FrameworkMissing:
        raise
    except Exception as error:  # noqa: BLE001  (tracing runs whatever the function does)
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        not_lowered(f"tf2onnx does not convert it: {reason}")
    _check(model)
    _rename(model.graph)
    return Graph(onnx=bytes(model.SerializeToString(deterministic=True)))


def _check(model: Any) -> None:
    """tf2onnx leaves what it can't convert as it is, be it reading a file or calling Python."""
    has = framework("onnx").defs.has
    strange = sorted({node.op_type for node in _nodes(model.graph) if not has(node.op_type, node.domain)})
    if strange:
        not_lowered(f"it uses {', '.join(strange)}, which ONNX does not have")
    given = [(one.name, len(one.type.tensor_type.shape.dim)) for one in model.graph.input]
    if given != [(MATRIX, 2)] or len(model.graph.output) != 1:
        not_lowered(f"it takes {len(given)} tensors and gives {len(model.graph.output)}, and a model one of each")


def _rename(graph: Any) -> None:
    """tf2onnx numbers names on from whatever was converted before, and lengths that it does not know too."""
    for one in (*graph.input, *graph.output):
        for place, length in enumerate(one.type.tensor_type.shape.dim):
            if not length.HasField("dim_value"):
                length.dim_param = "n" if place == 0 else f"n{place}"
    names = {"": "", MATRIX: MATRIX}

    def renamed(name: str) -> str:
        return names.setdefault(name, f"t{len(names)}")

    for number, node in enumerate(_nodes(graph)):
        node.name = f"n{number}"
        node.input[:] = [renamed(name) for name in node.input]
        node.output[:] = [renamed(name) for name in node.output]
    for inner in _graphs(graph):
        for one in (*inner.initializer, *inner.input, *inner.output):
            one.name = renamed(one.name)
        constants = sorted(inner.initializer, key=lambda tensor: tensor.name)
        del inner.initializer[:], inner.value_info[:]
        inner.initializer.extend(constants)
        inner.name, inner.doc_string = "tensorflow", ""


def _nodes(graph: Any) -> Generator[Any]:
    for inner in _graphs(graph):
        yield from inner.node


def _graphs(graph: Any) -> Generator[Any]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (*((attribute.g,) if attribute.HasField("g") else ()), *attribute.graphs):
                yield from _graphs(inner)


@contextmanager
def _quiet() -> Generator[None]:
    log = logging.getLogger("tf2onnx")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
