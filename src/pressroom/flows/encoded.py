"""Values as bytes: what steps hand to each other. The bytes are what is hashed, kept and loaded again.

Plain data (None, bool, int, float, str, bytes, lists, dicts with text keys, and whatever the step's return annotation
says can be made of these: tuples, sets, dataclasses), Arrow tables, numpy arrays without objects, pandas and polars
frames, and files (a Path). Everything else is refused; nothing is pickled.
"""

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa

from pressroom.flows.errors import BadFlow

SMALL_BYTES = 4_096
"""So many bytes travel with what speaks of them; more have a file, or a blob, of their own."""
Form = Literal["data", "table", "array", "pandas", "polars", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A value as bytes, and in which form."""

    form: Form
    content: bytes


def is_small(form: Form, content: bytes) -> bool:
    """Whether bytes are so few that they travel with what speaks of them."""
    return form != "file" and len(content) <= SMALL_BYTES


def encode(value: Any, *, what: str, annotation: Any = Any) -> Encoded:
    """The bytes of a value; equal data in equal order gives equal bytes. `what` names it in refusals: BadFlow."""
    if isinstance(value, Path):
        return Encoded(form="file", content=_read(value, what))
    if isinstance(value, pa.Table):
        return Encoded(form="table", content=_stream(value))
    if isinstance(value, np.ndarray):
        return Encoded(form="array", content=_array(value, what))
    if _is_of("pandas", "DataFrame", value):
        return Encoded(form="pandas", content=_stream(pa.Table.from_pandas(value)))
    if _is_of("polars", "DataFrame", value):
        return Encoded(form="polars", content=_stream(value.to_arrow()))
    return Encoded(form="data", content=_data(value, what, annotation))


def decode(form: Form, content: bytes, *, annotation: Any = Any, file: Path | None = None) -> Any:
    """The value again. `file` is where the bytes lie, for those that want a path."""
    if form == "file":
        return file
    if form == "table":
        return pa.ipc.open_stream(content).read_all()
    if form == "array":
        return np.load(io.BytesIO(content), allow_pickle=False)
    if form == "pandas":
        return pa.ipc.open_stream(content).read_all().to_pandas()
    if form == "polars":
        import_ = sys.modules.get("polars") or __import__("polars")
        return import_.from_arrow(pa.ipc.open_stream(content).read_all())
    return msgspec.msgpack.decode(content, type=annotation)


def _data(value: Any, what: str, annotation: Any) -> bytes:
    try:
        content = msgspec.msgpack.encode(value)
        again = msgspec.msgpack.decode(content, type=annotation)
    except (TypeError, OverflowError, RecursionError, msgspec.ValidationError) as error:
        raise BadFlow(
            f"{what} can't be kept: {error}.",
            next_step="Hand on plain data, tables, arrays or files; annotate a dataclass, tuple or set as what it is.",
        ) from error
    if not _same(value, again):
        raise BadFlow(
            f"{what} is a {type(value).__name__} that would come back as a {type(again).__name__}.",
            next_step="Annotate the step's return type, so that it is made into the same again.",
        )
    return content


def _same(one: Any, other: Any) -> bool:
    """Equal and of equal types all the way down; NaN is as NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    return bool(one == other) or (one != one and other != other)


def _stream(table: pa.Table) -> bytes:
    # One batch, so that how a table was put together has no part in its bytes.
    table = table.combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _array(value: Any, what: str) -> bytes:
    if value.dtype.hasobject:
        raise BadFlow(f"{what} is an array of objects.", next_step="Hand on numbers, text or instants.")
    sink = io.BytesIO()
    np.save(sink, value, allow_pickle=False)
    return sink.getvalue()


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFlow(
            f"{what} is the file {path}: {error.strerror}.", next_step="Name a file that is there."
        ) from error


def _is_of(module: str, name: str, value: Any) -> bool:
    """Whether it is of a library's class, without importing the library."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(value, kind)
