"""State, taken out of a running training and put back: plain values, arrays, and what frameworks keep theirs in.

Arrays are copied when they are taken, so that training goes on while they are written. What is put back goes into the
objects that are there: a model and its optimizer stay the ones that the code holds.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pressroom.training.run.errors import BadState
from pressroom.training.run.keepers import KEEPERS

Node = list[Any]
"""A value as it is written: its kind, and what it takes to make it again. Arrays are apart, by their place."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """State taken at an instant: its shape, and the arrays in it."""

    shape: Node
    arrays: tuple[np.ndarray, ...]


def take(state: Any) -> Kept:
    """Copy everything out of a state. Raises BadState, naming the part that can't be kept."""
    arrays: list[np.ndarray] = []
    return Kept(shape=_take(state, arrays, "state"), arrays=tuple(arrays))


def put_back(state: Any, kept: Kept) -> Any:
    """The state again: objects that hold theirs are filled, plain values are made. Raises BadState."""
    return _put(state, kept.shape, kept.arrays, "state")


def _take(value: Any, arrays: list[np.ndarray], path: str) -> Node:
    if value is None or isinstance(value, (bool, float, str, bytes)):
        return ["v", value]
    if isinstance(value, int):
        # Random generators hold numbers of 128 bits.
        return ["i", str(value)]
    if isinstance(value, (list, tuple)):
        kind = "l" if isinstance(value, list) else "t"
        return [kind, [_take(each, arrays, f"{path}[{place}]") for place, each in enumerate(value)]]
    if isinstance(value, dict):
        return ["d", [[_take(k, arrays, path), _take(v, arrays, f"{path}[{k!r}]")] for k, v in value.items()]]
    if isinstance(value, np.generic):
        arrays.append(np.asarray(value).copy())
        return ["n", len(arrays) - 1]
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise BadState(f"{path} is an array of objects.", next_step="Keep numbers, text or bytes.")
        arrays.append(np.array(value, copy=True, order="C"))
        return ["a", len(arrays) - 1]
    for name, keeper in KEEPERS.items():
        if keeper.holds(value):
            return ["k", name, _take(keeper.take(value), arrays, path)]
    raise BadState(
        f"{path} is a {type(value).__module__}.{type(value).__qualname__}, which no checkpoint can keep.",
        next_step="Give it state_dict() and load_state_dict(), or keep plain values and arrays.",
    )


def _put(there: Any, node: Node, arrays: tuple[np.ndarray, ...], path: str) -> Any:
    kind, what = node[0], node[1]
    if kind == "k":
        if what not in KEEPERS:
            raise BadState(f"{path} was kept as {what}, which is not known here.", next_step="Use the same version.")
        return KEEPERS[what].put(there, _put(None, node[2], arrays, path), path)
    if kind == "d":
        return _put_dict(there, what, arrays, path)
    if kind in ("l", "t"):
        old = list(there) if isinstance(there, (list, tuple)) and len(there) == len(what) else [None] * len(what)
        made = [
            _put(each, inner, arrays, f"{path}[{n}]") for n, (each, inner) in enumerate(zip(old, what, strict=True))
        ]
        return made if kind == "l" else tuple(made)
    if kind == "a":
        return _put_array(there, arrays[what])
    if kind == "n":
        return arrays[what][()]
    return int(what) if kind == "i" else what


def _put_dict(there: Any, pairs: list[list[Node]], arrays: tuple[np.ndarray, ...], path: str) -> Any:
    """Into the dict that is there, so that whoever holds it sees it; it may have no part that was not kept."""
    inner = {_put(None, key, arrays, path): value for key, value in pairs}
    into: Any = there if isinstance(there, MutableMapping) else {}
    gone = [key for key in into if key not in inner]
    if gone:
        step = "Start under another name, or give the parts that it had."
        raise BadState(f"{path} has {gone[0]!r}, which the checkpoint has not.", next_step=step)
    for key, value in inner.items():
        into[key] = _put(into.get(key), value, arrays, f"{path}[{key!r}]")
    return into


def _put_array(there: Any, array: np.ndarray) -> np.ndarray:
    """Into the array that is there where it fits."""
    fits = isinstance(there, np.ndarray) and (there.shape, there.dtype) == (array.shape, array.dtype)
    if fits and there.flags.writeable:
        there[...] = array
        return there
    return array.copy()
