"""What each operation means, in numpy. A number is (rows,), a vector (rows, length); NaN is no number."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from pressroom.models.ensemble.declaration import Node
from pressroom.models.signature import Floats
from pressroom.models.structure import linked


def evaluate(node: Node, operands: Sequence[Floats]) -> Floats:
    """The value of an expression. A cascade is not evaluated here but where it is decided who is asked."""
    return _OPERATIONS[node.does](node, operands)


def unsure(node: Node, first: Floats) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """The rows in which a cascade asks its second: strictly between the bounds, or no number."""
    doubt: np.ndarray[tuple[int], np.dtype[np.bool_]] = ((first > node.low) & (first < node.high)) | np.isnan(first)
    return doubt


def _sum(node: Node, operands: Sequence[Floats]) -> Floats:
    made = operands[0] * node.weights[0]
    for operand, weight in zip(operands[1:], node.weights[1:], strict=True):
        made = made + operand * weight
    return made + node.bias


def _sigmoid(_: Node, operands: Sequence[Floats]) -> Floats:
    return linked(operands[0], "sigmoid")


def _logit(_: Node, operands: Sequence[Floats]) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(operands[0] / (1.0 - operands[0]))


def _argmax(_: Node, operands: Sequence[Floats]) -> Floats:
    choices = operands[0] if operands[0].ndim == 2 else np.stack(operands, axis=1)
    return choices.argmax(axis=1).astype(np.float64)


def _pick(node: Node, operands: Sequence[Floats]) -> Floats:
    return operands[0][:, node.place]


def _concat(_: Node, operands: Sequence[Floats]) -> Floats:
    return np.concatenate(operands, axis=1)


def _dot(_: Node, operands: Sequence[Floats]) -> Floats:
    return (operands[0] * operands[1]).sum(axis=1)


def _cosine(_: Node, operands: Sequence[Floats]) -> Floats:
    left, right = operands
    lengths = np.sqrt((left * left).sum(axis=1)) * np.sqrt((right * right).sum(axis=1))
    return (left * right).sum(axis=1) / np.where(lengths == 0, 1.0, lengths)


def _fallback(_: Node, operands: Sequence[Floats]) -> Floats:
    made = operands[-1]
    for operand in reversed(operands[:-1]):
        made = np.where(np.isnan(operand), made, operand)
    return made


_OPERATIONS: Mapping[str, Callable[[Node, Sequence[Floats]], Floats]] = {
    "sum": _sum,
    "sigmoid": _sigmoid,
    "logit": _logit,
    "argmax": _argmax,
    "pick": _pick,
    "concat": _concat,
    "dot": _dot,
    "cosine": _cosine,
    "fallback": _fallback,
}
