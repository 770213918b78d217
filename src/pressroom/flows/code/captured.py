"""What code speaks of without being given it (globals, closures, defaults), and its digests."""

import dataclasses
import enum
import logging
import re
import types
from collections.abc import Mapping, Sequence, Set
from pathlib import PurePath
from typing import Any

import numpy as np
import pyarrow as pa

from pressroom.values import Digest, digest_bytes, digest_parts

_SMALL = (type(None), bool, int, float, complex, str, bytes)
_DEEPEST = 50


class NoDigest(Exception):
    """A value of a kind that nothing identifies."""


def digest_of_value(value: Any, depth: int = 0) -> Digest:
    """What identifies a value of plain data, arrays and tables included; two values of different types differ.

    Raises NoDigest for everything else, objects of one's own classes included: they would have to be walked, and what
    is walked may change.
    """
    if depth > _DEEPEST:
        raise NoDigest("data nested more than 50 deep, or in itself")
    kind = type(value).__qualname__
    if isinstance(value, enum.Enum):
        return digest_parts([kind, value.name])
    if isinstance(value, _SMALL):
        return digest_parts([kind, repr(value)])
    if isinstance(value, PurePath | np.dtype | np.generic | pa.DataType | pa.Schema):
        return digest_parts([kind, str(value.dtype) if isinstance(value, np.generic) else "", str(value)])
    if isinstance(value, re.Pattern):
        return digest_parts([kind, str(value.pattern), str(value.flags)])
    if isinstance(value, logging.Logger):
        return digest_parts([kind, value.name])
    return _of_many(value, kind, depth + 1)


def _of_many(value: Any, kind: str, depth: int) -> Digest:
    if isinstance(value, np.ndarray) and value.dtype != object:
        return digest_parts([kind, str(value.dtype), str(value.shape), np.ascontiguousarray(value).tobytes()])
    if isinstance(value, pa.Table | pa.RecordBatch):
        return digest_bytes(_stream_of(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type) and _is_frozen(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return digest_parts([kind, digest_of_value(fields, depth)])
    if isinstance(value, dict | types.MappingProxyType):
        pairs: Mapping[Any, Any] = value
        both = [(digest_of_value(key, depth), digest_of_value(each, depth)) for key, each in pairs.items()]
        return digest_parts([kind, *(part for pair in both for part in pair)])
    if isinstance(value, set | frozenset):
        some: Set[Any] = value
        return digest_parts([kind, *sorted(digest_of_value(each, depth) for each in some)])
    if isinstance(value, list | tuple | range):
        many: Sequence[Any] = value
        return digest_parts([kind, *(digest_of_value(each, depth) for each in many)])
    raise NoDigest(f"a {type(value).__module__}.{kind}")


def _stream_of(value: pa.Table | pa.RecordBatch) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, value.schema) as writer:
        writer.write(value)
    return memoryview(sink.getvalue())


def _is_frozen(value: Any) -> bool:
    return bool(type(value).__dataclass_params__.frozen)
