"""Inputs from rows, as requests bring them, checked against a signature.

Refused: a value of the wrong type, a vector that is not as long as its field says, and null in an input that is not
optional (a missing key and NaN are null too).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from pressroom.models.errors import SignatureMismatch
from pressroom.models.refusal import not_taken, unwanted_null, wrong_value
from pressroom.models.signature import Column, Inputs, Signature
from pressroom.models.vector_column import vector_column
from pressroom.values import FieldSchema, FieldType

_NAN = float("nan")
_TAKEN_AS_IS: dict[FieldType, frozenset[type]] = {
    "float": frozenset((float, int)),
    "int": frozenset((int,)),
    "bool": frozenset((bool,)),
    "timestamp": frozenset((int,)),
}


def inputs_from_rows(signature: Signature, rows: Sequence[Mapping[str, object]]) -> Inputs:
    """The signature's values of `rows`; other keys are not looked at. Fast for one row, as requests have it."""
    columns: dict[str, Column] = {}
    numbers: list[float] = []
    names: list[str] = []
    for field in signature.inputs:
        if field.type == "string":
            columns[field.name] = _texts(field, rows)
            continue
        if field.type == "vector":
            columns[field.name] = vector_column(field, [row.get(field.name) for row in rows])
            continue
        if field.type not in _TAKEN_AS_IS:
            raise not_taken(field)
        name, as_is = field.name, _TAKEN_AS_IS[field.type]
        names.append(name)
        for place, row in enumerate(rows):
            value = row.get(name)
            if type(value) in as_is and value == value:
                numbers.append(value)  # pyright: ignore[reportArgumentType]
            else:
                numbers.append(_number(field, value, place))
    try:
        block = np.array(numbers, dtype=np.float64).reshape(len(names), len(rows))
    except OverflowError as error:
        raise SignatureMismatch(
            "A number in these rows is too large for 64 bits.", next_step="Give numbers below 1.8e308."
        ) from error
    for place, name in enumerate(names):
        columns[name] = block[place]
    return columns


def _number(field: FieldSchema, value: object, place: int) -> float:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value != value:
        if field.optional:
            return _NAN
        raise unwanted_null(field, place)
    if type(value) in _TAKEN_AS_IS[field.type]:
        return value  # pyright: ignore[reportReturnType]
    if isinstance(value, float) and value.is_integer() and field.type in ("int", "timestamp"):
        return value
    raise wrong_value(field, value, place)


def _texts(field: FieldSchema, rows: Sequence[Mapping[str, object]]) -> Column:
    column = np.empty(len(rows), dtype=np.object_)
    for place, row in enumerate(rows):
        value = row.get(field.name)
        if isinstance(value, str):
            column[place] = str(value)
        elif value is not None:
            raise wrong_value(field, value, place)
        elif not field.optional:
            raise unwanted_null(field, place)
    return column
