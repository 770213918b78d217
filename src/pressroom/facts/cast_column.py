"""A whole column of unknown type as a field's type: vectorised while it is right, value by value where it is not."""

import contextlib
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts.arrow import ARROW, INSTANT
from pressroom.facts.cast_value import cast_value
from pressroom.values import FieldType


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A value that is not what its field expects."""

    row: int
    value: str
    expected: str


def cast_column(
    column: pa.ChunkedArray, kind: FieldType, *, zone: str | None = None
) -> tuple[pa.ChunkedArray, list[Misfit]]:
    """The column as `kind`, null where a value does not fit, and the misfits. Row numbers count from 0."""
    target = ARROW[kind]
    if column.type == target:
        return column, []
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    with contextlib.suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError):
        if _may_cast(column.type, kind):
            return column.cast(target), []
        if _is_text(column.type) and kind == "timestamp":
            return _instants(column), []
    return _one_by_one(column, kind, zone)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _may_cast(source: pa.DataType, kind: FieldType) -> bool:
    """Which of Arrow's casts mean what we mean: no bool to number, no number to text or instant, no naive instant."""
    if kind in ("int", "float"):
        return pa.types.is_integer(source) or pa.types.is_floating(source) or _is_text(source) or _is_bytes(source)
    if kind == "string":
        return _is_text(source) or _is_bytes(source)
    if kind == "timestamp":
        return pa.types.is_timestamp(source) and source.tz is not None
    return pa.types.is_boolean(source)


def _instants(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text with zones as instants; Arrow itself refuses a column in which one has none."""
    return pc.cast(column, INSTANT)


def _one_by_one(column: pa.ChunkedArray, kind: FieldType, zone: str | None) -> tuple[pa.ChunkedArray, list[Misfit]]:
    values: list[object] = []
    misfits: list[Misfit] = []
    for row, value in enumerate(column.to_pylist()):
        if value is None:
            values.append(None)
            continue
        try:
            values.append(cast_value(value, kind, zone=zone))
        except ValueError as error:
            values.append(None)
            misfits.append(Misfit(row=row, value=_shown(value), expected=str(error)))
    storage = pa.array(values, pa.int64() if kind == "timestamp" else ARROW[kind])
    return pa.chunked_array([storage.cast(ARROW[kind])]), misfits


def _shown(value: object) -> str:
    text = value.decode("utf-8", errors="backslashreplace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
