"""Growing `Trees` from what frameworks keep: one tree after another, put into one list of nodes."""

from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.models.errors import NotLowered
from pressroom.models.signature import Floats
from pressroom.models.structure import Link, Trees
from pressroom.models.trees_file import check_trees
from pressroom.values import InvalidInput

_NODES = ("feature", "threshold", "left", "right", "null_left", "value")


class Growth:
    """Trees so far."""

    def __init__(self) -> None:
        """None yet."""
        self._parts: list[dict[str, npt.NDArray[Any]]] = []
        self._outputs: list[int] = []
        self._size = 0
        self._roots: list[int] = []

    def add(self, *, output: int = 0, **nodes: npt.ArrayLike) -> None:
        """A tree whose root is its node 0: `feature` (-1 at a leaf), `threshold`, `left`, `right` (places in this
        tree), `null_left`, `value`, in any order of nodes. Nodes that the root does not lead to are dropped.
        """
        given = {name: np.asarray(nodes[name]) for name in _NODES}
        order = _from_the_root(given["feature"], given["left"], given["right"])
        place = np.full(len(given["feature"]), -1)
        place[order] = np.arange(len(order)) + self._size
        part = {name: values[order] for name, values in given.items()}
        inner = part["feature"] >= 0
        for side in ("left", "right"):
            part[side] = np.where(inner, place[np.where(inner, part[side], 0)], -1)
        part["threshold"] = np.where(inner, part["threshold"], 0.0)
        part["value"] = np.where(inner, 0.0, part["value"])
        part["null_left"] = inner & (part["null_left"] > 0)
        self._parts.append(part)
        self._roots.append(self._size)
        self._outputs.append(output)
        self._size += len(order)

    def trees(self, inputs: tuple[str, ...], *, base: Floats, link: Link, float32: bool) -> Trees:
        """All of them. Raises NotLowered where there is none, or they can't be walked."""
        if not self._parts:
            raise NotLowered("This model has no tree.", next_step="Fit it first.")

        def joined(name: str, kind: Any) -> Any:
            return np.concatenate([part[name] for part in self._parts]).astype(kind)

        trees = Trees(
            inputs=inputs,
            feature=joined("feature", np.int32),
            threshold=joined("threshold", np.float64),
            left=joined("left", np.int32),
            right=joined("right", np.int32),
            null_left=joined("null_left", np.bool_),
            value=joined("value", np.float64),
            root=np.array(self._roots, dtype=np.int32),
            output=np.array(self._outputs, dtype=np.int32),
            base=np.asarray(base, dtype=np.float64),
            link=link,
            precision="float32" if float32 else "float64",
        )
        try:
            check_trees(trees)
        except InvalidInput as error:
            raise NotLowered(error.message, next_step=error.next_step) from error
        return trees


def next_below_float32(thresholds: npt.ArrayLike) -> Floats:
    """The float32 just below each: `x < t` of float32 numbers is `x <= next_below(t)`."""
    return np.nextafter(np.asarray(thresholds, dtype=np.float32), np.float32(-np.inf)).astype(np.float64)


def _from_the_root(feature: npt.NDArray[Any], left: npt.NDArray[Any], right: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    order = [0]
    features, lefts, rights = feature.tolist(), left.tolist(), right.tolist()
    # The list grows while it is walked: each level after the one above it.
    for node in order:
        if features[node] >= 0:
            order += [lefts[node], rights[node]]
        if len(order) > len(features):
            raise NotLowered("A tree of this model leads back up.", next_step="Fit it again.")
    return np.array(order, dtype=np.int64)
