"""The whole model of a table as one ONNX graph: texts and numbers in by name, the calibrated answer out, in float64."""

from typing import Any

import numpy as np

from pressroom.models.ensemble.opsets import common_opsets, raised
from pressroom.models.framework import framework
from pressroom.models.onnx_from_trees import IR, OPSET, OPSET_ML, graph_of_trees
from pressroom.models.signature import Signature
from pressroom.models.structure import MATRIX, Graph, Linear, Structure, Trees
from pressroom.models.tabular.coding import DAY_US, HOUR_US, Coding
from pressroom.models.tabular.table_model import TableCard
from pressroom.stats import NEAREST_CHANCE, Calibration

_INNER = "inner_"
_ROWS = "coded"


def graph_of_table(card: TableCard, inner: Structure, signature: Signature) -> Graph:
    """The graph. Needs onnx; raises UnsupportedModel where the inner graph is of an opset that can't be raised."""
    made = _Making(signature)
    made.node("Concat", [made.coded(coding, place) for place, coding in enumerate(card.codings)], _ROWS, axis=1)
    answer = made.linear(inner) if isinstance(inner, Linear) else made.put_in(inner)
    if card.margin:
        answer = made.node("Softmax", [answer], axis=1) if card.outputs > 1 else made.node("Sigmoid", [answer])
    answer = made.calibrated(card.calibration, answer)
    if card.pick >= 0:
        answer = made.node("Gather", [answer, made.integers([card.pick])], axis=1)
    return made.graph(answer, 1 if card.pick >= 0 else card.outputs)


class _Making:
    """A graph that grows."""

    def __init__(self, signature: Signature) -> None:
        self._onnx = framework("onnx")
        self._helper = framework("onnx.helper")
        self._signature = signature
        self._nodes: list[Any] = []
        self._tensors: list[Any] = []
        self._opsets = {"": OPSET, "ai.onnx.ml": OPSET_ML}
        self._constants: dict[float, str] = {}

    def node(self, operation: str, of: list[str], name: str = "", **attributes: Any) -> str:
        name = name or f"n{len(self._nodes)}"
        domain = "ai.onnx.ml" if operation == "LabelEncoder" else ""
        self._nodes.append(self._helper.make_node(operation, of, [name], domain=domain, **attributes))
        return name

    def doubles(self, values: Any) -> str:
        rows = np.asarray(values, dtype=np.float64)
        if rows.ndim == 0 and float(rows) in self._constants:
            return self._constants[float(rows)]
        name = f"t{len(self._tensors)}"
        kind = self._onnx.TensorProto.DOUBLE
        self._tensors.append(self._helper.make_tensor(name, kind, rows.shape, rows.ravel()))
        if rows.ndim == 0:
            self._constants[float(rows)] = name
        return name

    def integers(self, values: list[int]) -> str:
        name = f"t{len(self._tensors)}"
        kind = self._onnx.TensorProto.INT64
        self._tensors.append(self._helper.make_tensor(name, kind, (len(values),), values))
        return name

    def coded(self, coding: Coding, place: int) -> str:
        """One coding's columns, [n, width]."""
        if coding.way == "texts":
            places = list(range(len(coding.texts)))
            found = self.node(
                "LabelEncoder", [coding.input], keys_strings=list(coding.texts) or ["\0"], values_int64s=places or [0],
                default_int64=len(places),
            )  # fmt: skip
            rows = self.node("Gather", [self.doubles(coding.table), self.node("Squeeze", [found, self.integers([1])])])
            return self.node("Reshape", [rows, self.integers([-1, coding.width()])], f"coded_{place}")
        if coding.way == "missing":
            null = self._null(coding.input)
            return self.node("Cast", [null], to=self._onnx.TensorProto.DOUBLE)
        x = self._number(coding)
        if coding.fill is not None:
            x = self.node("Where", [self.node("IsNaN", [x]), self.doubles(coding.fill), x])
        if coding.offset:
            x = self.node("Sub", [x, self.doubles(coding.offset)])
        if coding.scale != 1.0:
            x = self.node("Mul", [x, self.doubles(coding.scale)])
        return self.node("Identity", [x], f"coded_{place}")

    def _null(self, name: str) -> str:
        field = next(field for field in self._signature.inputs if field.name == name)
        if field.type != "string":
            return self.node("IsNaN", [name])
        empty = self.node("LabelEncoder", [name], keys_strings=[""], values_int64s=[1], default_int64=0)
        return self.node("Cast", [empty], to=self._onnx.TensorProto.BOOL)

    def _number(self, coding: Coding) -> str:
        x = coding.input
        if coding.way == "hour":
            days = self.node("Floor", [self.node("Div", [x, self.doubles(DAY_US)])])
            rest = self.node("Sub", [x, self.node("Mul", [days, self.doubles(DAY_US)])])
            return self.node("Div", [rest, self.doubles(HOUR_US)])
        if coding.way == "weekday":
            days = self.node("Floor", [self.node("Div", [x, self.doubles(DAY_US)])])
            days = self.node("Add", [days, self.doubles(3.0)])
            weeks = self.node("Floor", [self.node("Div", [days, self.doubles(7.0)])])
            return self.node("Sub", [days, self.node("Mul", [weeks, self.doubles(7.0)])])
        if coding.way == "since":
            return self.node("Div", [self.node("Sub", [x, coding.origin]), self.doubles(HOUR_US)])
        return x

    def linear(self, inner: Linear) -> str:
        """A linear model of the coded columns, none of which is null."""
        weights = self.doubles(np.array(inner.weights)[:, None])
        margin = self.node("Add", [self.node("MatMul", [_ROWS, weights]), self.doubles(inner.intercept)])
        links = {"sigmoid": "Sigmoid", "exp": "Exp"}
        return self.node(links[inner.link], [margin]) if inner.link in links else margin

    def put_in(self, inner: Trees | Graph) -> str:
        """A graph of the coded columns, its answer as [n, outputs] of float64."""
        types = self._onnx.TensorProto
        content = graph_of_trees(inner).onnx if isinstance(inner, Trees) else inner.onnx
        model = self._onnx.load_model_from_string(content)
        self._opsets = common_opsets([model], self._opsets)
        model = framework("onnx.compose").add_prefix(raised(model, self._opsets), _INNER)
        graph = model.graph
        self.node("Cast", [_ROWS], f"{_INNER}{MATRIX}", to=graph.input[0].type.tensor_type.elem_type)
        self._nodes += graph.node
        self._tensors += graph.initializer
        return self.node("Cast", [graph.output[0].name], to=types.DOUBLE)

    def calibrated(self, by: Calibration, p: str) -> str:
        if by.kind == "platt":
            held = self.node("Clip", [p, self.doubles(NEAREST_CHANCE), self.doubles(1.0 - NEAREST_CHANCE)])
            odds = self.node("Div", [held, self.node("Sub", [self.doubles(1.0), held])])
            margin = self.node("Mul", [self.node("Log", [odds]), self.doubles(by.slope)])
            return self.node("Sigmoid", [self.node("Add", [margin, self.doubles(by.offset)])])
        if by.kind == "steps":
            # y0 + sum of changes of slope times what lies above each point.
            slopes = np.diff(by.y) / np.diff(by.x)
            changes = np.diff(slopes, prepend=0.0)
            column = self.node("Reshape", [p, self.integers([-1, 1])])
            above = self.node("Relu", [self.node("Sub", [column, self.doubles(np.array(by.x[:-1])[None, :])])])
            risen = self.node("MatMul", [above, self.doubles(changes[:, None])])
            return self.node("Add", [risen, self.doubles(by.y[0])])
        if by.kind == "temperature":
            held = self.node("Clip", [p, self.doubles(NEAREST_CHANCE), self.doubles(1.0)])
            margins = self.node("Mul", [self.node("Log", [held]), self.doubles(by.slope)])
            return self.node("Softmax", [margins], axis=1)
        return p

    def graph(self, answer: str, width: int) -> Graph:
        types = self._onnx.TensorProto
        used = {name for node in self._nodes for name in node.input}
        inputs = [
            self._helper.make_tensor_value_info(
                field.name, types.STRING if field.type == "string" else types.DOUBLE, ["n", 1]
            )
            for field in self._signature.inputs
            if field.name in used
        ]
        output = self._helper.make_tensor_value_info(answer, types.DOUBLE, None)
        graph = self._helper.make_graph(self._nodes, "table", inputs, [output], initializer=self._tensors)
        opsets = [self._helper.make_opsetid(domain, version) for domain, version in sorted(self._opsets.items())]
        model = self._helper.make_model(graph, opset_imports=opsets, ir_version=IR, producer_name="pressroom")
        return Graph(onnx=model.SerializeToString(deterministic=True))
