"""Fusing nodes into one ONNX graph: their graphs side by side under prefixed names, inputs tied, answers joined.

Between nodes all values are float64, so that fusing rounds nowhere where the separate models would not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pressroom.models.ensemble.checked import Checked
from pressroom.models.ensemble.declaration import Node
from pressroom.models.ensemble.expressions_onnx import Steps, write
from pressroom.models.ensemble.linear_onnx import write_linear_steps
from pressroom.models.ensemble.opsets import common_opsets, raised
from pressroom.models.errors import UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.onnx_from_trees import IR, OPSET, OPSET_ML, graph_of_trees
from pressroom.models.onnx_safety import read_onnx
from pressroom.models.signature import length_of
from pressroom.models.structure import MATRIX, Graph, Linear, Trees
from pressroom.values import PressroomError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """A graph that takes all numbers (those of vectors too) as one float64 matrix under MATRIX, and texts as [n, 1]
    under their names, and gives the values of `gives`, each (n, 1) or (n, length).
    """

    onnx: bytes = field(repr=False)
    numbers: tuple[str, ...]
    texts: tuple[str, ...]
    gives: tuple[str, ...]


class CannotFuse(Exception):
    """A node that does not go into the graph. Seen only by who fuses, who then leaves it out."""

    def __init__(self, node: str, reason: str) -> None:
        """The node and a sentence."""
        super().__init__(reason)
        self.node = node
        self.reason = reason


def fuse(checked: Checked, nodes: Sequence[Node], gives: Sequence[str]) -> Fused:
    """One graph of these nodes. Raises CannotFuse with the node that does not go in."""
    numbers = tuple(f.name for f in checked.signature.inputs if f.type != "string")
    texts = tuple(f.name for f in checked.signature.inputs if f.type == "string")
    models = {node.name: _model_of(checked, node) for node in nodes if node.does == "model"}
    protos = {name: proto for name, proto in models.items() if proto is not None}
    opsets = common_opsets(list(protos.values()), {"": OPSET, "ai.onnx.ml": OPSET_ML})
    writer = _Writer(checked)
    for node in nodes:
        if node.does != "model":
            write(node, [writer.value(name) for name in node.of], writer.steps, value_of(node.name))
        elif node.name in protos:
            writer.add_graph(node, _raised(node, protos[node.name], opsets))
        else:
            writer.add_linear(node)
    content = writer.finish(gives, texts, opsets)
    return Fused(onnx=content, numbers=numbers, texts=tuple(t for t in texts if t in writer.texts), gives=tuple(gives))


def column_places(checked: Checked) -> dict[str, range]:
    """Where each input that is no text stands in the matrix: one column, or a vector's."""
    found: dict[str, range] = {}
    at = 0
    for given in checked.signature.inputs:
        if given.type != "string":
            found[given.name] = range(at, at + (length_of(given) if given.type == "vector" else 1))
            at = found[given.name].stop
    return found


def value_of(node: str) -> str:
    """The tensor that holds a node's value."""
    return f"value/{node}"


def _model_of(checked: Checked, node: Node) -> Any:
    """The node's graph; None for a linear model, which is written out."""
    structure = checked.members[node.name].structure
    if isinstance(structure, Linear):
        return None
    if isinstance(structure, Trees):
        structure = graph_of_trees(structure)
    if not isinstance(structure, Graph):
        raise CannotFuse(node.name, "its framework's own runtime serves it")
    try:
        model = read_onnx(structure.onnx)
    except PressroomError as error:
        raise CannotFuse(node.name, error.message) from error
    if len(model.functions):
        raise CannotFuse(node.name, "its graph has functions of its own")
    return model


def _raised(node: Node, model: Any, opsets: Mapping[str, int]) -> Any:
    try:
        return raised(model, opsets)
    except UnsupportedModel as error:
        raise CannotFuse(node.name, error.message) from error


class _Writer:
    def __init__(self, checked: Checked) -> None:
        self.steps = Steps()
        self.texts: set[str] = set()
        self._checked = checked
        self._nodes = {node.name for node in checked.ensemble.nodes}
        self._places = column_places(checked)
        self._tied: dict[tuple[tuple[str, ...], int], str] = {}
        self._version = IR

    def value(self, name: str) -> str:
        """The float64 tensor (n, 1) or (n, length) of a node or of a number input."""
        return value_of(name) if name in self._nodes else self._numbers((name,), framework("onnx").TensorProto.DOUBLE)

    def add_linear(self, node: Node) -> None:
        """A linear model, as steps."""
        structure = self._checked.members[node.name].structure
        assert isinstance(structure, Linear)
        texts = {levels.input for levels in structure.levels}
        names = self._checked.members[node.name].signature.names()
        numbers = tuple(self._checked.source(node, name) for name in names if name not in texts)
        double = framework("onnx").TensorProto.DOUBLE
        tied = {name: self._text(self._checked.source(node, name)) for name in texts}
        matrix = self._numbers(numbers, double) if numbers else ""
        try:
            write_linear_steps(structure, matrix, tied, self.steps, value_of(node.name))
        except UnsupportedModel as error:
            raise CannotFuse(node.name, error.message) from error

    def add_graph(self, node: Node, model: Any) -> None:
        """A graph under the node's name, its inputs tied, its answer as float64."""
        onnx = framework("onnx")
        self._version = max(self._version, model.ir_version)
        constants = {constant.name for constant in model.graph.initializer}
        wanted = [given for given in model.graph.input if given.name not in constants]
        answer = model.graph.output[0].name
        prefix = f"{node.name}/"
        onnx.compose.add_prefix_graph(model.graph, prefix, inplace=True)
        for given in wanted:
            kind = given.type.tensor_type.elem_type
            self.steps.add("Identity", [self._tie(node, given.name.removeprefix(prefix), kind)], given.name)
        self.steps.nodes.extend(model.graph.node)
        self.steps.initializers.extend(model.graph.initializer)
        length = self._checked.gives[node.name].length or 1
        exact = self.steps.add("Cast", [f"{prefix}{answer}"], to=onnx.TensorProto.DOUBLE)
        shape = self.steps.constant([-1, length], np.int64)
        self.steps.add("Reshape", [exact, shape], value_of(node.name))

    def finish(self, gives: Sequence[str], texts: Sequence[str], opsets: Mapping[str, int]) -> bytes:
        """The model's bytes, checked by onnx."""
        onnx = framework("onnx")
        helper, types = onnx.helper, onnx.TensorProto
        taken = [helper.make_tensor_value_info(MATRIX, types.DOUBLE, [None, len(self._all())])]
        taken += [helper.make_tensor_value_info(t, types.STRING, [None, 1]) for t in texts if t in self.texts]
        lengths = {name: self._checked.gives[name].length or 1 for name in gives}
        given = [helper.make_tensor_value_info(value_of(n), types.DOUBLE, [None, lengths[n]]) for n in gives]
        graph = helper.make_graph(self.steps.nodes, "ensemble", taken, given, self.steps.initializers)
        imports = [helper.make_opsetid(domain, version) for domain, version in sorted(opsets.items())]
        model = helper.make_model(graph, opset_imports=imports, ir_version=self._version, producer_name="pressroom")
        return bytes(model.SerializeToString(deterministic=True))

    def _all(self) -> list[int]:
        return [place for places in self._places.values() for place in places]

    def _tie(self, node: Node, name: str, kind: int) -> str:
        signature = self._checked.members[node.name].signature
        if name == MATRIX:
            return self._numbers(tuple(self._checked.source(node, n) for n in signature.names()), kind)
        source = self._checked.source(node, name)
        if kind == framework("onnx").TensorProto.STRING:
            return self._text(source)
        return self._numbers((source,), kind)

    def _text(self, source: str) -> str:
        self.texts.add(source)
        return source

    def _numbers(self, names: tuple[str, ...], kind: int) -> str:
        """A matrix of these inputs and nodes, of the type that is wanted; made once for all who want the same."""
        if (names, kind) in self._tied:
            return self._tied[names, kind]
        double = framework("onnx").TensorProto.DOUBLE
        if kind != double:
            made = self.steps.add("Cast", [self._numbers(names, double)], to=kind)
        elif any(name in self._nodes for name in names):
            parts = [value_of(name) if name in self._nodes else self._numbers((name,), double) for name in names]
            made = parts[0] if len(parts) == 1 else self.steps.add("Concat", parts, axis=1)
        elif (columns := [place for name in names for place in self._places[name]]) == self._all():
            made = MATRIX
        else:
            places = self.steps.constant(columns, np.int64)
            made = self.steps.add("Gather", [MATRIX, places], axis=1)
        self._tied[names, kind] = made
        return made
