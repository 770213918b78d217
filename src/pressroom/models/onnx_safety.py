"""What an ONNX file may hold: a graph and its numbers. Refused: anything that reaches out of the file.

Numbers kept in other files, operators outside the two standard domains (they are code that the file does not bring),
embedded binaries of other runtimes, graphs beyond the limits.
"""

from collections.abc import Iterator
from typing import Any

from pressroom.models.errors import UnsafeModel
from pressroom.models.framework import framework
from pressroom.values import InvalidInput

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
MOST_BYTES = 1 << 31
MOST_NODES = 200_000
DEEPEST = 16


def read_onnx(content: bytes) -> Any:
    """The ModelProto in `content`, checked. Raises UnsafeModel, InvalidInput, FrameworkMissing. Runs nothing."""
    if len(content) >= MOST_BYTES:
        refuse(f"it has {len(content):,} bytes, and a graph may have {MOST_BYTES:,}")
    onnx = framework("onnx")
    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:
        raise InvalidInput("These bytes are no ONNX model.", next_step="Pack the model again.") from error
    check_onnx(model)
    return model


def check_onnx(model: Any) -> None:
    """Refuse a ModelProto that reaches out of itself, saying where."""
    functions = {(function.domain, function.name) for function in model.functions}
    for wanted in model.opset_import:
        if wanted.domain not in DOMAINS and all(domain != wanted.domain for domain, _ in functions):
            refuse(f"it wants operators of {wanted.domain!r}, which are code that it does not bring")
    if model.training_info:
        refuse("it holds training graphs")
    for count, node in enumerate(_nodes(model)):
        if count >= MOST_NODES:
            refuse(f"it has more than {MOST_NODES:,} nodes")
        if node.domain not in DOMAINS and (node.domain, node.op_type) not in functions:
            refuse(f"its operator {node.domain}.{node.op_type} is code that it does not bring")


def _nodes(model: Any) -> Iterator[Any]:
    yield from _of_graph(model.graph, 0)
    for function in model.functions:
        for node in function.node:
            yield from _of_node(node, 0)


def _of_graph(graph: Any, depth: int) -> Iterator[Any]:
    if depth > DEEPEST:
        refuse(f"its graphs are nested deeper than {DEEPEST}")
    for tensor in graph.initializer:
        _check_tensor(tensor)
    for sparse in graph.sparse_initializer:
        _check_tensor(sparse.values)
        _check_tensor(sparse.indices)
    for node in graph.node:
        yield from _of_node(node, depth)


def _of_node(node: Any, depth: int) -> Iterator[Any]:
    yield node
    for attribute in node.attribute:
        for tensor in (attribute.t, *attribute.tensors):
            _check_tensor(tensor)
        for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
            _check_tensor(sparse.values)
            _check_tensor(sparse.indices)
        if attribute.HasField("g"):
            yield from _of_graph(attribute.g, depth + 1)
        for graph in attribute.graphs:
            yield from _of_graph(graph, depth + 1)


def _check_tensor(tensor: Any) -> None:
    if tensor.external_data or tensor.data_location:
        where = next((entry.value for entry in tensor.external_data if entry.key == "location"), "another file")
        refuse(f"the numbers of {tensor.name or 'a tensor'!r} are kept outside it, in {where!r}")


def refuse(what: str) -> None:
    """Raise UnsafeModel, saying what is wrong with a graph."""
    raise UnsafeModel(
        f"This ONNX model is refused: {what}.",
        next_step="Export it as one file with all numbers inside and standard operators only.",
    )
