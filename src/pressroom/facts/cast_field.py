"""Values and columns as a field wants them: its type, the length of its vectors, the texts that it allows."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UnsetType

from pressroom.facts.cast_column import Misfit, cast_column, one_by_one, python_values
from pressroom.facts.cast_value import EXPECTED, Cast, cast_value
from pressroom.facts.errors import did_you_mean
from pressroom.facts.set_aside import shown
from pressroom.facts.vectors import expected, is_list, vector, vectors
from pressroom.values import FieldSchema

_LISTED = 10
"""Texts that a sentence names; of more it says how many there are."""


def expected_of(field: FieldSchema) -> str:
    """What a field's values are, in words."""
    if field.type == "vector":
        return expected(_length(field))
    if not isinstance(field.values, UnsetType):
        more = len(field.values) - _LISTED
        return f"one of {', '.join(field.values[:_LISTED])}{f' and {more} more' if more > 0 else ''}"
    return EXPECTED[field.type]


def cast_to_field(value: object, field: FieldSchema, *, zone: str | None = None) -> Cast:
    """`value` as the field wants it; a timestamp comes as microseconds. Raises ValueError, saying what was expected."""
    if field.type == "vector":
        return vector(value, _length(field))
    if isinstance(field.values, UnsetType):
        return cast_value(value, field.type, zone=zone)
    try:
        text = cast_value(value, "string")
    except ValueError as error:
        raise ValueError(expected_of(field)) from error
    if text not in field.values:
        raise ValueError(_not_listed(str(text), field))
    return text


def cast_column_to_field(
    column: pa.ChunkedArray, field: FieldSchema, *, zone: str | None = None, as_text: bool = False
) -> tuple[pa.ChunkedArray, list[Misfit]]:
    """The column as the field wants it, null where a value does not fit, and the misfits. Row numbers count from 0.

    `as_text`: bytes in the column are the text of a file, not yet a value.
    """
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    if field.type == "vector":
        return _vectors(column, field)
    if field.type == "bytes" and as_text:
        return one_by_one(column, "bytes", _read_base64)
    cast, misfits = cast_column(column, field.type, zone=zone)
    return (cast, misfits) if isinstance(field.values, UnsetType) else _listed(cast, field, misfits)


def _read_base64(value: object) -> Cast:
    try:
        return cast_value(value.decode("ascii") if isinstance(value, bytes) else value, "bytes")
    except UnicodeDecodeError as error:
        raise ValueError(EXPECTED["bytes"]) from error


def _vectors(column: pa.ChunkedArray, field: FieldSchema) -> tuple[pa.ChunkedArray, list[Misfit]]:
    length = _length(field)
    cast: Callable[[object], Cast] = lambda value: vector(value, length)  # noqa: E731
    if length is None or not is_list(column.type) or not _is_number(column.type.value_type):
        return one_by_one(column, "vector", cast)
    fitting, wrong = vectors(column, length)
    rows = np.flatnonzero(wrong)
    found = column.take(pa.array(rows))
    misfits = [
        Misfit(row=int(row), value=shown(str(value)), expected=_why(value, cast))
        for row, value in zip(rows, python_values(found), strict=True)
    ]
    return fitting, misfits


def _why(value: object, cast: Callable[[object], Cast]) -> str:
    try:
        cast(value)
    except ValueError as error:
        return str(error)
    return EXPECTED["vector"]


def _is_number(kind: pa.DataType) -> bool:
    return (
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind)
    )


def _listed(column: pa.ChunkedArray, field: FieldSchema, misfits: list[Misfit]) -> tuple[pa.ChunkedArray, list[Misfit]]:
    """A column of text, null where a text is not one of the field's; what was no text at all is a misfit already."""
    sentence = expected_of(field)
    misfits = [Misfit(row=one.row, value=one.value, expected=sentence) for one in misfits]
    stray = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, value_set=pa.array(field.values, pa.string()))))
    rows = pc.indices_nonzero(stray)
    if not len(rows):
        return column, misfits
    texts = column.take(rows).to_pylist()
    why = {text: _not_listed(text, field) for text in dict.fromkeys(texts)}
    misfits += [
        Misfit(row=row, value=shown(text), expected=why[text])
        for row, text in zip(rows.to_pylist(), texts, strict=True)
    ]
    return pc.if_else(stray, pa.scalar(None, pa.string()), column), misfits


def _not_listed(text: str, field: FieldSchema) -> str:
    values = () if isinstance(field.values, UnsetType) else field.values
    near = did_you_mean(text, values)
    sentence = expected_of(field)
    return f"{sentence}; {near[0].lower()}{near[1:]}" if near.startswith("Did") else sentence


def _length(field: FieldSchema) -> int | None:
    return None if isinstance(field.length, UnsetType) else field.length
