"""Findings by annotation: what can't be kept, and what one step makes that the next can't take."""

import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
import numpy as np
import pyarrow as pa

from pressroom.flows.made import Made
from pressroom.values import Period

_WHOLE = ("pandas.core.frame.DataFrame", "pandas.DataFrame", "polars.dataframe.frame.DataFrame")


def unkept_part(annotation: Any, *, together: bool = False) -> str:
    """The part of an annotation whose values can't be kept, by name; nothing where all can.

    Tables, arrays and files are kept each for itself: a step can't return a list of them, but it may be handed several
    that other steps made, `together`.
    """
    if annotation in (Any, None, Period, types.NoneType) or get_origin(annotation) is Literal or _is_whole(annotation):
        return ""
    held = [each for each in get_args(annotation) if each is not Ellipsis]
    if not held:
        return _unkept_leaf(annotation)
    for each in held:
        if _is_whole(each) and not together and not _is_union(annotation):
            return f"{_name(each)} in a {_name(annotation)}"
        if part := unkept_part(each, together=together):
            return part
    return ""


def _unkept_leaf(annotation: Any) -> str:
    try:
        info = msgspec.inspect.type_info(annotation)
    except Exception:  # noqa: BLE001  (whatever it can't make sense of, it can't keep)
        return _name(annotation)
    return _name(annotation) if isinstance(info, msgspec.inspect.CustomType) else ""


def mismatch(made: Any, taken: Any) -> bool:
    """Whether no value of what is made can be of what is taken. Where that can't be told, it is not said."""
    if Any in (made, taken) or made is taken:
        return False
    if _is_union(made):
        return all(mismatch(each, taken) for each in get_args(made))
    if _is_union(taken):
        return all(mismatch(made, each) for each in get_args(taken))
    if Literal in (get_origin(made), get_origin(taken)):
        return False
    made_kind, taken_kind = _kind(made), _kind(taken)
    if made_kind is None or taken_kind is None:
        return False
    if not _fits(made_kind, taken_kind):
        return True
    pairs = zip(get_args(made), get_args(taken), strict=False)
    same_length = len(get_args(made)) == len(get_args(taken))
    return same_length and any(mismatch(one, other) for one, other in pairs if Ellipsis not in (one, other))


def made_by(value: Any, returns: Mapping[int, Any]) -> list[tuple[int, Any, int]]:
    """The calls in an argument: each with what it makes, and how deep in lists or mappings it lies."""
    if isinstance(value, Made):
        return [(value.call, returns[value.call], 0)]
    inner: Sequence[Any] = (
        value if isinstance(value, list | tuple) else list(value.values()) if isinstance(value, dict) else ()
    )
    return [(call, made, depth + 1) for each in inner for call, made, depth in made_by(each, returns)]


def element_of(annotation: Any, depth: int) -> Any:
    """What a list or mapping of an annotation holds, so many levels down."""
    for _ in range(depth):
        inner = [each for each in get_args(annotation) if each is not Ellipsis]
        annotation = inner[-1] if inner else Any
    return annotation


def _is_whole(annotation: Any) -> bool:
    """Whether it is a kind of value that is kept as a whole: a table, an array, a frame, a file."""
    if not isinstance(annotation, type):
        return get_origin(annotation) is np.ndarray
    return issubclass(annotation, pa.Table | np.ndarray | Path) or _name(annotation, full=True) in _WHOLE


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)


def _kind(annotation: Any) -> type | None:
    if annotation is None:
        return type(None)
    kind = get_origin(annotation) or annotation
    return kind if isinstance(kind, type) else None


def _fits(made: type, taken: type) -> bool:
    if issubclass(made, taken) or (made is int and taken is float):
        return True
    both_many = {made, taken} <= {list, tuple, set, frozenset, Sequence} and str not in (made, taken)
    return both_many or (issubclass(made, dict) and taken is Mapping)


def _name(annotation: Any, *, full: bool = False) -> str:
    if isinstance(annotation, type) and not get_args(annotation):
        return f"{annotation.__module__}.{annotation.__qualname__}" if full else annotation.__name__
    return str(annotation)
