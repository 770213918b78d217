"""Inputs from columns of values that were checked already, as binary requests and batches bring them.

Refused: null in an input that is not optional (NaN is null too), a column that is missing, and a vector that is not as
long as its field says, or holds what is no finite number.
"""

from collections.abc import Collection, Mapping, Sequence
from math import isnan

import numpy as np
import numpy.typing as npt

from pressroom.models.errors import SignatureMismatch
from pressroom.models.refusal import not_taken, unwanted_null
from pressroom.models.signature import Column, Inputs, Signature
from pressroom.models.vector_column import vector_column
from pressroom.values import FieldSchema, FieldType

_FEW = 8
_NO_NUMBERS: frozenset[FieldType] = frozenset({"string", "vector", "bytes", "ints", "floats", "strings"})
Values = Sequence[object] | npt.NDArray[np.generic]


def inputs_from_columns(signature: Signature, columns: Mapping[str, Values], *, finite: Collection[str] = ()) -> Inputs:
    """The signature's columns; a float64 array is not copied. Values have their field's type, or are null. Those called
    `finite` are float64 arrays of finite numbers: nobody looks at them again.
    """
    made: dict[str, Column] = {}
    for field in signature.inputs:
        values = columns.get(field.name)
        if values is None:
            raise SignatureMismatch(
                f"The model's input {field.name!r} is missing.", next_step="Ask for it in the endpoint's question."
            )
        if field.type == "float" and field.name in finite:
            made[field.name] = np.asarray(values, dtype=np.float64)
        else:
            made[field.name] = _column(field, values)
    return made


def _column(field: FieldSchema, values: Values) -> Column:
    if field.type == "string":
        return _texts(field, values)
    if field.type == "vector":
        return vector_column(field, values)
    if field.type in _NO_NUMBERS:
        raise not_taken(field)
    column = np.asarray(values, dtype=np.float64)
    if not field.optional and _has_nan(column):
        raise unwanted_null(field, int(np.isnan(column).argmax()))
    return column


def _has_nan(column: Column) -> bool:
    # One row is the usual request, and two passes of numpy cost ten times as much as the look at one number.
    return any(map(isnan, column.tolist())) if len(column) < _FEW else bool(np.isnan(column).any())


def _texts(field: FieldSchema, values: Values) -> Column:
    column = np.empty(len(values), dtype=np.object_)
    column[:] = values
    if not field.optional:
        for place, value in enumerate(column):
            if value is None:
                raise unwanted_null(field, place)
    return column
