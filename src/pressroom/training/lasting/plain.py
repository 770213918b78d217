"""Plain state as files: trees of numbers, texts, lists, dictionaries, tuples and arrays, without pickle."""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from pressroom.training.errors import BadTraining

_TREE = "tree.json"
_ARRAY, _TUPLE, _GENERATOR, _PAIRS = "__array__", "__tuple__", "__generator__", "__pairs__"


def copy_plain(value: Any, *, what: str) -> Callable[[], dict[str, bytes]]:
    """A copy of a value, taken now, and how it becomes files, for later. Raises BadTraining naming what can't be kept.

    Arrays may be any that numpy reads (of JAX too); numpy's random generators keep their state.
    """
    arrays: list[np.ndarray[Any, Any]] = []
    tree = _down(value, arrays, what)

    def files() -> dict[str, bytes]:
        made = {f"{number}.npy": _npy(array) for number, array in enumerate(arrays)}
        return {_TREE: json.dumps(tree, allow_nan=True).encode(), **made}

    return files


def plain_of(files: Mapping[str, bytes], now: Any = None) -> Any:
    """The value again. Where `now` holds an array of that shape and kind, a dictionary or a generator, it is filled, so
    that whoever holds it too sees the same.
    """
    return _up(json.loads(files[_TREE]), files, now)


def _down(value: Any, arrays: list[np.ndarray[Any, Any]], what: str) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.random.Generator):
        return {_GENERATOR: _down(value.bit_generator.state, arrays, what)}
    if isinstance(value, list):
        return [_down(each, arrays, f"{what}[{place}]") for place, each in enumerate(value)]
    if isinstance(value, tuple):
        return {_TUPLE: [_down(each, arrays, f"{what}[{place}]") for place, each in enumerate(value)]}
    if isinstance(value, dict):
        if all(isinstance(key, str) and not key.startswith("__") for key in value):
            return {key: _down(each, arrays, f"{what}[{key!r}]") for key, each in value.items()}
        return {_PAIRS: [[_down(k, arrays, what), _down(each, arrays, f"{what}[{k!r}]")] for k, each in value.items()]}
    if hasattr(value, "__array__") and not callable(value):
        array = np.array(value)
        if not array.dtype.hasobject:
            arrays.append(array)
            return {_ARRAY: len(arrays) - 1, "scalar": isinstance(value, np.generic)}
    raise BadTraining(
        f"{what} is a {type(value).__module__}.{type(value).__name__}, which a checkpoint can't keep as data.",
        next_step="Keep numbers, texts, lists, dictionaries, arrays, and models of the frameworks; make the rest anew.",
    )


def _up(tree: Any, files: Mapping[str, bytes], now: Any) -> Any:
    if isinstance(tree, list):
        return [_up(each, files, None) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if _ARRAY in tree:
        return _array(np.load(io.BytesIO(files[f"{tree[_ARRAY]}.npy"]), allow_pickle=False), tree["scalar"], now)
    if _TUPLE in tree:
        return tuple(_up(each, files, None) for each in tree[_TUPLE])
    if _PAIRS in tree:
        return {_up(key, files, None): _up(each, files, None) for key, each in tree[_PAIRS]}
    if _GENERATOR in tree:
        state = cast(dict[str, Any], _up(tree[_GENERATOR], files, None))
        made = now if isinstance(now, np.random.Generator) else np.random.default_rng()
        if made.bit_generator.state["bit_generator"] != state["bit_generator"]:
            made = np.random.Generator(getattr(np.random, state["bit_generator"])())
        made.bit_generator.state = state
        return made
    there: dict[str, Any] = now if isinstance(now, dict) else {}
    found = {key: _up(each, files, there.get(key)) for key, each in tree.items()}
    if isinstance(now, dict):
        now.clear()
        now.update(found)
        return now
    return found


def _array(array: np.ndarray[Any, Any], scalar: object, now: Any) -> Any:
    if scalar:
        return array[()]
    if isinstance(now, np.ndarray) and now.shape == array.shape and now.dtype == array.dtype and now.flags.writeable:
        now[...] = array
        return now
    return array


def _npy(array: np.ndarray[Any, Any]) -> bytes:
    sink = io.BytesIO()
    np.save(sink, array, allow_pickle=False)
    return sink.getvalue()
