"""Inputs from an Arrow table, for training and batches, checked against a signature.

Refused: a column that is missing or of the wrong type, and null (or NaN) in an input that is not optional. An optional
input without a column is null in every row.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pressroom.models.errors import SignatureMismatch
from pressroom.models.refusal import not_taken, unwanted_null, wrong_type
from pressroom.models.signature import Column, Floats, Inputs, Signature
from pressroom.models.vector_column import null_vectors, vectors_of_lists
from pressroom.values import FieldSchema, FieldType

_NOT_TAKEN: frozenset[FieldType] = frozenset(("bytes", "ints", "floats", "strings"))


def inputs_from_table(signature: Signature, table: pa.Table) -> Inputs:
    """The signature's columns of `table`; a float64 column of one chunk without nulls is not copied."""
    columns: dict[str, Column] = {}
    absent: list[str] = []
    names = set(table.column_names)
    for field in signature.inputs:
        if field.name in names:
            columns[field.name] = _column(field, table.column(field.name))
        elif field.optional:
            columns[field.name] = _nulls(field, table.num_rows)
        else:
            absent.append(repr(field.name))
    if absent:
        raise SignatureMismatch(
            f"The table lacks the model's inputs {', '.join(absent)}.",
            next_step="Ask for these features, or train the model without them.",
        )
    return columns


def _column(field: FieldSchema, values: "pa.ChunkedArray[pa.Scalar]") -> Column:
    if field.type in _NOT_TAKEN:
        raise not_taken(field)
    if field.type == "string":
        return _text_column(field, values)
    if field.type == "vector":
        return vectors_of_lists(field, values)
    column = _number_column(field, values)
    if not field.optional:
        null = np.isnan(column)
        if null.any():
            raise unwanted_null(field, int(null.argmax()))
    return column


def _number_column(field: FieldSchema, values: "pa.ChunkedArray[pa.Scalar]") -> Floats:
    kind = values.type
    if pa.types.is_timestamp(kind) and field.type == "timestamp":
        values = values.cast(pa.timestamp("us", tz=kind.tz), safe=False).cast(pa.int64())
    elif not _is_number(kind):
        raise wrong_type(field, kind)
    if pa.types.is_float64(kind) and values.null_count == 0 and values.num_chunks == 1:
        return values.chunk(0).to_numpy(zero_copy_only=True)
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    return values.cast(pa.float64(), safe=False).to_numpy()


def _text_column(field: FieldSchema, values: "pa.ChunkedArray[pa.Scalar]") -> Column:
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        if not pa.types.is_null(kind):
            raise wrong_type(field, values.type)
        return _nulls(field, len(values))
    if values.null_count and not field.optional:
        raise unwanted_null(field, int(values.is_null().to_numpy().argmax()))
    return values.cast(pa.string()).to_numpy()


def _nulls(field: FieldSchema, count: int) -> Column:
    if count and not field.optional:
        raise unwanted_null(field, 0)
    if field.type == "string":
        texts: npt.NDArray[np.object_] = np.full(count, None, dtype=np.object_)
        return texts
    return null_vectors(field, count) if field.type == "vector" else np.full(count, np.nan)


def _is_number(kind: pa.DataType) -> bool:
    types = pa.types
    return (
        types.is_floating(kind)
        or types.is_integer(kind)
        or types.is_boolean(kind)
        or types.is_decimal(kind)
        or types.is_null(kind)
    )
