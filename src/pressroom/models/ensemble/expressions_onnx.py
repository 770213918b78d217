"""The same operations as steps of an ONNX graph, in float64: a number is (rows, 1), a vector (rows, length)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pressroom.models.ensemble.declaration import Node
from pressroom.models.framework import framework


class Steps:
    """Steps and constants of a graph that is being written; every name is made once."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self._count = 0

    def constant(self, value: Any, kind: "type[np.generic]" = np.float64) -> str:
        """The name of a constant."""
        name = self._name("constant")
        self.initializers.append(framework("onnx").numpy_helper.from_array(np.asarray(value, dtype=kind), name))
        return name

    def add(self, op: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """A step, and the name of its result."""
        made = output or self._name(op)
        self.nodes.append(framework("onnx").helper.make_node(op, list(inputs), [made], **attributes))
        return made

    def _name(self, what: str) -> str:
        self._count += 1
        return f"steps/{what}_{self._count}"


def write(node: Node, operands: Sequence[str], steps: Steps, output: str) -> None:
    """The steps of one expression, its result called `output`."""
    writers = {
        "sum": _sum,
        "sigmoid": _sigmoid,
        "logit": _logit,
        "argmax": _argmax,
        "pick": _pick,
        "concat": _concat,
        "dot": _dot,
        "cosine": _cosine,
        "cascade": _cascade,
        "fallback": _fallback,
    }
    writers[node.does](node, operands, steps, output)


def _sum(node: Node, operands: Sequence[str], steps: Steps, output: str) -> None:
    made = ""
    for operand, weight in zip(operands, node.weights, strict=True):
        part = operand if weight == 1.0 else steps.add("Mul", [operand, steps.constant(weight)])
        made = steps.add("Add", [made, part]) if made else part
    steps.add("Add", [made, steps.constant(node.bias)], output)


def _sigmoid(_: Node, operands: Sequence[str], steps: Steps, output: str) -> None:
    steps.add("Sigmoid", operands, output)


def _logit(_: Node, operands: Sequence[str], steps: Steps, output: str) -> None:
    other = steps.add("Sub", [steps.constant(1.0), operands[0]])
    steps.add("Log", [steps.add("Div", [operands[0], other])], output)


def _argmax(_: Node, operands: Sequence[str], steps: Steps, output: str) -> None:
    choices = operands[0] if len(operands) == 1 else steps.add("Concat", operands, axis=1)
    place = steps.add("ArgMax", [choices], axis=1, keepdims=1)
    steps.add("Cast", [place], output, to=framework("onnx").TensorProto.DOUBLE)


def _pick(node: Node, operands: Sequence[str], steps: Steps, output: str) -> None:
    steps.add("Gather", [operands[0], steps.constant([node.place], np.int64)], output, axis=1)


def _concat(_: Node, operands: Sequence[str], steps: Steps, output: str) -> None:
    steps.add("Concat", operands, output, axis=1)


def _dot(_: Node, operands: Sequence[str], steps: Steps, output: str) -> None:
    product = steps.add("Mul", operands)
    steps.add("ReduceSum", [product, steps.constant([1], np.int64)], output, keepdims=1)


def _cosine(node: Node, operands: Sequence[str], steps: Steps, output: str) -> None:
    left, right = operands
    lengths = [steps.add("ReduceL2", [side, steps.constant([1], np.int64)], keepdims=1) for side in (left, right)]
    both = steps.add("Mul", lengths)
    zero = steps.add("Equal", [both, steps.constant(0.0)])
    safe = steps.add("Where", [zero, steps.constant(1.0), both])
    product = steps.add("Mul", [left, right])
    steps.add("Div", [steps.add("ReduceSum", [product, steps.constant([1], np.int64)], keepdims=1), safe], output)


def _cascade(node: Node, operands: Sequence[str], steps: Steps, output: str) -> None:
    first, then = operands
    above = steps.add("Greater", [first, steps.constant(node.low)])
    below = steps.add("Less", [first, steps.constant(node.high)])
    doubt = steps.add("Or", [steps.add("And", [above, below]), steps.add("IsNaN", [first])])
    steps.add("Where", [doubt, then, first], output)


def _fallback(_: Node, operands: Sequence[str], steps: Steps, output: str) -> None:
    made = operands[-1]
    for place, operand in enumerate(reversed(operands[:-1]), start=2):
        last = place == len(operands)
        made = steps.add("Where", [steps.add("IsNaN", [operand]), made, operand], output if last else "")
