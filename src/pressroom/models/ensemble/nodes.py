"""The nodes that an ensemble is made of, one function each.

`nodes.model("gbm", "late.gbm@^2")` is a model; all others are expressions of nodes before them, or of inputs.
"""

from collections.abc import Mapping, Sequence

from pressroom.models.ensemble.declaration import Node
from pressroom.models.ensemble.errors import BadEnsemble


def model(
    name: str,
    reference: str,
    *,
    feeds: Mapping[str, str] | None = None,
    default: float | None = None,
    within_ms: float | None = None,
) -> Node:
    """A model, or another ensemble, by name and version range, alias or digest: `model("gbm", "late.gbm@^2")`.

    With a default, rows whose inputs are missing get it; `within_ms` gives it to all rows of a call that takes longer.
    """
    if within_ms is not None and default is None:
        raise BadEnsemble(f"{name} has a deadline and no default.", next_step="Say what stands in for a late answer.")
    given = dict(sorted(feeds.items())) if feeds else None
    return Node(name=name, does="model", model=reference, feeds=given, default=default, within_ms=within_ms)


def total(name: str, of: Mapping[str, float] | Sequence[str], *, bias: float = 0.0) -> Node:
    """`bias + sum of weight * node`; weights of 1 where only names are given. All of one unit."""
    weights = dict(of) if isinstance(of, Mapping) else dict.fromkeys(of, 1.0)
    return Node(name=name, does="sum", of=tuple(weights), weights=tuple(map(float, weights.values())), bias=bias)


def weighted_mean(name: str, of: Mapping[str, float] | Sequence[str]) -> Node:
    """`sum of weight * node / sum of weights`; the plain mean where only names are given."""
    weights = dict(of) if isinstance(of, Mapping) else dict.fromkeys(of, 1.0)
    whole = sum(weights.values())
    if not whole > 0 or any(weight < 0 for weight in weights.values()):
        said = f"The weights of {name} add up to {whole:g}, or one is below 0."
        raise BadEnsemble(said, next_step="Give weights of 0 or more, not all 0.")
    return total(name, {part: weight / whole for part, weight in weights.items()})


def sigmoid(name: str, of: str) -> Node:
    """`1 / (1 + exp(-z))`: a probability from log-odds."""
    return Node(name=name, does="sigmoid", of=(of,))


def logit(name: str, of: str) -> Node:
    """`log(p / (1 - p))`: log-odds from a probability."""
    return Node(name=name, does="logit", of=(of,))


def argmax(name: str, *of: str) -> Node:
    """The place of the largest, from 0: among several nodes of one number, or in one vector. The first of equals."""
    return Node(name=name, does="argmax", of=of)


def pick(name: str, of: str, place: int) -> Node:
    """One number of a vector."""
    return Node(name=name, does="pick", of=(of,), place=place)


def concat(name: str, *of: str) -> Node:
    """Vectors of one embedding space, one after the other."""
    return Node(name=name, does="concat", of=of)


def dot(name: str, left: str, right: str) -> Node:
    """The dot product of two vectors of one embedding space."""
    return Node(name=name, does="dot", of=(left, right))


def cosine(name: str, left: str, right: str) -> Node:
    """The cosine of the angle between two vectors of one embedding space; 0 where one of them is 0."""
    return Node(name=name, does="cosine", of=(left, right))


def cascade(name: str, first: str, then: str, *, unsure: tuple[float, float]) -> Node:
    """The answer of `first`, but where it lies strictly between the bounds of doubt, `then` is asked,
    and only there.
    """
    return Node(name=name, does="cascade", of=(first, then), low=float(unsure[0]), high=float(unsure[1]))


def fallback(name: str, *of: str) -> Node:
    """For each row the first of these that has a number."""
    return Node(name=name, does="fallback", of=of)
