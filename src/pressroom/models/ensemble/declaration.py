"""What an ensemble is: nodes in order, each a model by name and version range or a small expression of others."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from pressroom.models.ensemble.errors import BadEnsemble
from pressroom.values import FieldSchema, check_name

Operation = Literal[
    "model", "sum", "sigmoid", "logit", "argmax", "pick", "concat", "dot", "cosine", "cascade", "fallback"
]

_OPERANDS: Mapping[str, tuple[int, int]] = {
    "model": (0, 0), "sum": (1, 64), "sigmoid": (1, 1), "logit": (1, 1), "argmax": (1, 64), "pick": (1, 1),
    "concat": (2, 64), "dot": (2, 2), "cosine": (2, 2), "cascade": (2, 2), "fallback": (2, 64),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step. Use the functions in `nodes`, which know what each operation needs.

    `of` are nodes before it, or inputs of the ensemble. `model` is a reference such as `late.gbm@^2`, and `feeds` says
    for an input of the model which node or input it is, where the names differ. `default` stands in for a model whose
    inputs are missing, or that has not answered within `within_ms`. `weights` are a sum's, `low` and `high` a cascade's
    bounds of doubt, `place` which number of a vector is picked.
    """

    name: str
    does: Operation
    of: tuple[str, ...] = ()
    model: str = ""
    feeds: dict[str, str] | None = None
    default: float | None = None
    within_ms: float | None = None
    weights: tuple[float, ...] = ()
    bias: float = 0.0
    low: float = 0.0
    high: float = 0.0
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """Nodes, each after those that it names, and the node that is the answer.

    `inputs` are inputs that expressions use themselves; those of the models come with the models' signatures. The unit
    of a vector is the embedding space that it lies in, with its version: `items@2`.
    """

    name: str
    nodes: tuple[Node, ...]
    output: str
    inputs: tuple[FieldSchema, ...] = ()

    def __post_init__(self) -> None:
        """Refuse names that are used twice or not at all, nodes out of order, and numbers that are none."""
        check_name(self.name, what="an ensemble")
        known = {field.name for field in self.inputs}
        models = any(node.does == "model" for node in self.nodes)
        for node in self.nodes:
            if node.name in known:
                raise BadEnsemble(f"Two parts of {self.name} are called {node.name!r}.", next_step="Rename one.")
            _check_node(node)
            for name in node.of:
                if name not in known:
                    raise BadEnsemble(
                        f"{node.name} is made of {name!r}, which is no node before it and no input.",
                        next_step=f"There are: {', '.join(sorted(known)) or 'none yet'}.",
                    )
            known.add(node.name)
        if not models:
            raise BadEnsemble(f"{self.name} has no model.", next_step="Add one with model(name, reference).")
        if self.output not in {node.name for node in self.nodes}:
            raise BadEnsemble(
                f"The output {self.output!r} is no node of {self.name}.",
                next_step=f"Name one of {', '.join(node.name for node in self.nodes)}.",
            )

    def models(self) -> tuple[Node, ...]:
        """The nodes that are models."""
        return tuple(node for node in self.nodes if node.does == "model")


def _check_node(node: Node) -> None:
    least, most = _OPERANDS[node.does]
    if not least <= len(node.of) <= most:
        raise BadEnsemble(
            f"{node.name} ({node.does}) is made of {len(node.of)} parts.",
            next_step=f"Give {least}." if least == most else f"Give {least} to {most}.",
        )
    numbers = [*node.weights, node.bias, node.low, node.high, node.default or 0.0, node.within_ms or 0.0]
    if not all(map(isfinite, numbers)) or (node.within_ms is not None and node.within_ms <= 0):
        raise BadEnsemble(f"A number of {node.name} is infinite, none, or no time.", next_step="Give finite numbers.")
    if node.does == "sum" and len(node.weights) != len(node.of):
        raise BadEnsemble(f"{node.name} has not one weight for each part.", next_step="Give as many as parts.")
    if node.does == "cascade" and node.low >= node.high:
        raise BadEnsemble(
            f"{node.name} is never unsure: {node.low:g} is not below {node.high:g}.", next_step="Give (low, high)."
        )
    if node.does == "model" and not node.model:
        raise BadEnsemble(f"{node.name} names no model.", next_step="Give a reference such as 'late.gbm@^2'.")
