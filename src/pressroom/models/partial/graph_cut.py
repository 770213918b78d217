"""Cutting an ONNX graph along blocks of inputs: one graph for each block, and one that joins what they give.

A node belongs to a block when everything that it reads comes from this block's inputs and from constants. What such
nodes hand to the others is the block's part. A matrix of all inputs is cut before that: whoever takes some of its
columns takes them from the block that they are of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pressroom.models.errors import UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.partial.blocks import Block
from pressroom.models.partial.graph_columns import cut_matrix
from pressroom.models.partial.graph_dots import Dot, take_dots
from pressroom.models.structure import MATRIX, Graph

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CutPart:
    """One block's graph: the graph inputs that it takes, the tensors that it computes, and the inputs that it hands on
    as they are. `onnx` is empty where nothing is computed.
    """

    onnx: bytes = field(repr=False)
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    passes: tuple[str, ...]
    nodes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphCut:
    """The parts by block, the dot products between them, and the graph that joins all that, called `rest`.

    `rest` is empty where a dot product is the answer already. `takes` are its inputs: tensors of parts, and dots.
    """

    parts: Mapping[str, CutPart]
    dots: tuple[Dot, ...]
    rest: bytes = field(repr=False)
    takes: tuple[str, ...]
    answer: str
    nodes: int


def cut_graph(graph: Graph, blocks: Sequence[Block], inputs: Sequence[str]) -> GraphCut:
    """Cut a graph whose inputs are `inputs`, or one matrix of them. Raises UnsupportedModel where
    nothing can be cut. Tensors that lie elsewhere (`graph.large`) stay there, and the parts that need them name them.
    """
    onnx = framework("onnx")
    model = onnx.load_model_from_string(graph.onnx)
    _take_lists_in(model, graph)
    _refuse_nested(model)
    fed = cut_matrix(model, blocks, inputs) if _takes_matrix(model) else _fed_by_input(model, blocks)
    pieces = _Pieces(model, fed)
    own = {
        block.name: [node for node in model.graph.node if pieces.owner(node) == frozenset([block.name])]
        for block in blocks
    }
    rest = [node for node in model.graph.node if len(pieces.owner(node)) > 1]
    if not any(own.values()) or not rest:
        raise UnsupportedModel(
            "No step of this graph looks at one entity's inputs only." if rest else "All inputs are of one entity.",
            next_step="Serve the model whole.",
        )
    answer = str(model.graph.output[0].name)
    read = {name for node in rest for name in node.input} | {answer}
    parts = {block: pieces.part(block, nodes, read) for block, nodes in own.items()}
    given = {name: block for block, part in parts.items() for name in (*part.gives, *part.passes)}
    dots, joined = take_dots(model, rest, given)
    takes = _read_by(joined, [*given, *(dot.name for dot in dots)])
    content = pieces.graph(joined, takes, (answer,)) if joined else b""
    return GraphCut(parts=parts, dots=dots, rest=content, takes=takes, answer=answer, nodes=len(joined))


class _Pieces:
    """A graph whose tensors are known by type, and by the blocks that they come from."""

    def __init__(self, model: Any, fed: Mapping[str, str]) -> None:
        self._model = model
        self._fed = fed
        inferred = framework("onnx").shape_inference.infer_shapes(model)
        infos = (*inferred.graph.input, *inferred.graph.value_info, *inferred.graph.output)
        self._types = {info.name: info.type.tensor_type.elem_type for info in infos}
        self._owners = {name: frozenset([block]) for name, block in fed.items()}
        # Nodes stand in an order in which they can be run.
        for node in model.graph.node:
            self._owners.update(dict.fromkeys(node.output, self.owner(node)))

    def owner(self, node: Any) -> frozenset[str]:
        """The blocks that a node's results depend on; none for a constant."""
        return _NOTHING.union(*(self._owners.get(name, _NOTHING) for name in node.input))

    def part(self, block: str, nodes: Sequence[Any], read: set[str]) -> CutPart:
        """The graph of one block's nodes, giving what others read."""
        inputs = [name for name, owner in self._fed.items() if owner == block]
        gives = tuple(dict.fromkeys(name for node in nodes for name in node.output if name in read))
        takes = _read_by(nodes, inputs)
        content = self.graph(nodes, takes, gives) if gives else b""
        passes = tuple(name for name in inputs if name in read)
        return CutPart(onnx=content, takes=takes, gives=gives, passes=passes, nodes=len(nodes))

    def graph(self, nodes: Sequence[Any], takes: Sequence[str], gives: Sequence[str]) -> bytes:
        """A model of these nodes and of the constants that they need."""
        onnx = framework("onnx")
        wanted = {name for node in nodes for name in node.input}
        constants: list[Any] = []
        for node in reversed(self._model.graph.node):
            if not self.owner(node) and wanted.intersection(node.output):
                constants.append(node)
                wanted.update(node.input)
        made = onnx.helper.make_graph(
            [*reversed(constants), *nodes],
            "part",
            [onnx.helper.make_tensor_value_info(name, self._type(name), None) for name in takes],
            [onnx.helper.make_empty_tensor_value_info(name) for name in gives],
            [constant for constant in self._model.graph.initializer if constant.name in wanted],
        )
        opsets, version = self._model.opset_import, self._model.ir_version
        return bytes(onnx.helper.make_model(made, opset_imports=opsets, ir_version=version).SerializeToString())

    def _type(self, name: str) -> int:
        # A dot product has the type of what it multiplies, which is the only type that is multiplied so.
        found = self._types.get(name) or framework("onnx").TensorProto.FLOAT
        return int(found)


def _take_lists_in(model: Any, graph: Graph) -> None:
    """Lists of numbers are looked into: which columns are taken, along which axes is summed."""
    for tensor in model.graph.initializer:
        if tensor.name in graph.large and len(tensor.dims) < 2:
            tensor.ClearField("external_data")
            tensor.ClearField("data_location")
            tensor.raw_data = graph.large[tensor.name].tobytes()


def _refuse_nested(model: Any) -> None:
    nested = [node.op_type for node in model.graph.node if any(a.HasField("g") or a.graphs for a in node.attribute)]
    if nested or len(model.functions):
        raise UnsupportedModel(
            f"The graph has {nested[0] if nested else 'functions'}, which are not cut.",
            next_step="Serve the model whole, or export it without control flow.",
        )


def _true_inputs(model: Any) -> list[str]:
    constants = {constant.name for constant in model.graph.initializer}
    return [wanted.name for wanted in model.graph.input if wanted.name not in constants]


def _takes_matrix(model: Any) -> bool:
    return _true_inputs(model) == [MATRIX]


def _fed_by_input(model: Any, blocks: Sequence[Block]) -> dict[str, str]:
    known = {name: block.name for block in blocks for name in block.inputs}
    strange = [name for name in _true_inputs(model) if name not in known]
    if strange:
        raise UnsupportedModel(
            f"The graph takes {strange[0]!r}, which is no input of the signature.", next_step="Serve the model whole."
        )
    return {name: known[name] for name in _true_inputs(model)}


def _read_by(nodes: Sequence[Any], available: Sequence[str]) -> tuple[str, ...]:
    read = {name for node in nodes for name in node.input}
    return tuple(name for name in available if name in read)
