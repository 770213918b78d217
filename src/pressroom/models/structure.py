"""Structure: what a fitted model is made of, as plain data that no framework is needed to read.

`Linear` and `Trees` are what adapters hand out (`Adapter.lower`), what packages keep beside the framework's own file,
and what partial evaluation, fusing and explaining work on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pressroom.models.signature import Floats

Integers = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

Link = Literal["identity", "sigmoid", "softmax", "exp"]
"""From the raw score to the answer: as it is, `1 / (1 + exp(-z))`, shares that add to 1 over all outputs, `exp(z)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What each text of a string input adds to a linear model's raw score: one-hot encoding, folded.

    `null` is what a missing text adds, `other` any text that is not among `values`.
    """

    input: str
    values: tuple[str, ...]
    weights: tuple[float, ...]
    null: float = 0.0
    other: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """`link(intercept + sum of w_i x_i)` over named inputs in raw units: imputing, scaling and one-hot are folded in.
    A vector is as many inputs as it has numbers (`Signature.columns`), here and in `Trees`.

    A null number is taken as its input's fill; a fill of None means that the input is never null. A string input has
    weight 0, fill None, and one entry in `levels`.
    """

    inputs: tuple[str, ...]
    weights: tuple[float, ...]
    fills: tuple[float | None, ...]
    intercept: float
    link: Link = "sigmoid"
    levels: tuple[Levels, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trees:
    """An additive ensemble of trees: `link(base + sum of the leaf values that a row falls into)`.

    The nodes of all trees stand in one list; `left` and `right` are places in it. A row goes left at a node where
    `round(x) <= threshold`, `round` being to the nearest number of `precision` (frameworks that read float32 see
    rounded inputs; thresholds are stored as float64 and hold exactly what is compared, a strict `<` turned into `<=` of
    the next smaller number). NaN is null and goes left where `null_left`. Learning rates, averaging and scaling are
    folded into `value`.

    `feature` (nodes,): place of the input in `inputs`, -1 at a leaf. `threshold` (nodes,): 0 at a leaf. `left`,
    `right` (nodes,): -1 at a leaf. `null_left` (nodes,). `value` (nodes,): 0 at an inner node. `root` (trees,): where
    a tree begins, ascending: its nodes stand together, children after their parents. `output` (trees,): which of the
    outputs a tree adds to. `base` (outputs,): what every row starts from.
    """

    inputs: tuple[str, ...]
    feature: Integers
    threshold: Floats
    left: Integers
    right: Integers
    null_left: Flags
    value: Floats
    root: Integers
    output: Integers
    base: Floats
    link: Link
    precision: Literal["float32", "float64"] = "float64"

    def outputs(self) -> int:
        """How many numbers a row's answer has."""
        return len(self.base)

    def owner(self) -> Integers:
        """The tree that each node is of: (nodes,)."""
        return (np.searchsorted(self.root, np.arange(len(self.feature)), side="right") - 1).astype(np.int32)

    def rounded(self, rows: Floats) -> Floats:
        """Inputs (n, inputs) as the splits see them."""
        if self.precision == "float64":
            return rows
        with np.errstate(over="ignore"):
            return rows.astype(np.float32).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A model as one ONNX graph: for each input of the signature one graph input of shape [n, 1] under its name (float
    or double for numbers, string for texts; a vector is [n, length]), or one matrix [n, columns] under `MATRIX`, a
    vector's numbers side by side. The first output is the answer.

    `large` are tensors by name whose numbers lie elsewhere in memory, and not in `onnx`; only what says so takes graphs
    that have any.
    """

    onnx: bytes = field(repr=False)
    large: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict, repr=False, compare=False)


MATRIX = "X"
"""The graph input that takes all numbers at once, in the signature's order."""

Structure = Linear | Trees | Graph


def leaves(trees: Trees, rows: Floats) -> Integers:
    """The leaf (place in the node list) that each row (n, inputs) falls into, for each tree: (n, trees)."""
    seen = trees.rounded(rows)
    at = np.broadcast_to(trees.root, (len(rows), len(trees.root))).copy()
    rest = np.arange(len(rows))[:, None]
    while True:
        feature = trees.feature[at]
        inner = feature >= 0
        if not inner.any():
            return at
        x = seen[rest, np.maximum(feature, 0)]
        go_left = np.where(np.isnan(x), trees.null_left[at], x <= trees.threshold[at])
        at = np.where(inner, np.where(go_left, trees.left[at], trees.right[at]), at).astype(np.int32)


def tree_margins(trees: Trees, rows: Floats) -> Floats:
    """The raw scores (n, outputs) before the link, summed in float64."""
    values = trees.value[leaves(trees, rows)]
    margins = np.tile(trees.base, (len(rows), 1))
    for place in range(trees.outputs()):
        margins[:, place] += values[:, trees.output == place].sum(axis=1)
    return margins


def linked(margins: Floats, link: Link) -> Floats:
    """Answers from raw scores (n, outputs) or (n,), without overflow."""
    if link == "identity":
        return margins
    if link == "exp":
        return np.exp(margins)
    if link == "sigmoid":
        return np.exp(-np.logaddexp(0.0, -margins))
    shifted = np.exp(margins - margins.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
