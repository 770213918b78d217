"""Requests: rows and columns as they come over the wire, checked field by field."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, cast

import numpy as np
from msgspec import UNSET

from pressroom.facts import cast_to_field, did_you_mean, expected_of
from pressroom.features import BadRequest, Question, Value
from pressroom.models import Values
from pressroom.values import FieldSchema, FieldType

MOST_ROWS = 10_000
"""In one request, unless the settings say otherwise."""

_LONGEST_SHOWN = 60
_INT_BITS = 63
_PLAIN: dict[FieldType, type] = {"float": float, "bool": bool}
"""Values of exactly these types are right as they are, once they come from JSON."""

_LONG = 16
"""From how many values on an array is sooner handled than a list."""

_PLAIN_SETS: dict[FieldType, set[type]] = {"float": {float}, "bool": {bool}}

_INSTANT = "an instant with a zone, or whole microseconds since 1970 UTC"


def check_rows(
    asked: Question | Mapping[str, FieldSchema], rows: object, *, most: int = MOST_ROWS
) -> list[dict[str, Value]]:
    """Rows with the question's keys and request fields, and nothing else. Raises BadRequest naming row and field."""
    if not isinstance(rows, list) or not rows:
        raise BadRequest(row=0, field="", expected="a list of at least one row", found=_shown(rows))
    if len(rows) > most:
        raise BadRequest(row=most, field="", expected=f"at most {most} rows", found=f"{len(rows)} rows")
    fields = {f.name: f for f in (*asked.keys, *asked.brought())} if isinstance(asked, Question) else asked
    return [_check_row(place, row, fields) for place, row in enumerate(rows)]


def columns_of_rows(fields: Mapping[str, FieldSchema], rows: Sequence[Any], *, most: int) -> "CheckedColumns | None":
    """Many rows as columns, where every row has exactly `fields` and every column is right; None where they have to be
    looked at row by row, as `check_rows` does, which says what is wrong.
    """
    count = len(rows)
    if not _LONG <= count <= most or set(map(type, rows)) != {dict} or set(map(len, rows)) != {len(fields)}:
        return None
    try:
        columns = {name: [row[name] for row in rows] for name in fields}
        # Whole numbers are instants in a column of a tensor, and no instants in a row.
        told = (columns[name] for name, field in fields.items() if field.type == "timestamp")
        if any(int in set(map(type, values)) for values in told):
            return None
        return check_columns(fields, columns, count)
    except (KeyError, BadRequest):
        return None


def check_columns(fields: Mapping[str, FieldSchema], columns: Mapping[str, Any], count: int) -> "CheckedColumns":
    """Columns of `count` values, lists or arrays, one for each of `fields`; one that is optional may be left out.

    NaN in an array is null, and instants may be whole microseconds. Raises BadRequest naming row and field.
    """
    if count < 1:
        raise BadRequest(row=0, field="", expected="at least one row", found="none")
    checked: CheckedColumns = {}
    found = 0
    for name, field in fields.items():
        values = columns.get(name)
        found += values is not None
        if count == 1 and type(values) is list and len(values) == 1 and _is_plain(field, values[0]):
            checked[name] = values
            continue
        plain = _plain_column(field, values, count)
        checked[name] = _check_column(field, values, count) if plain is None else plain
    if found != len(columns):
        name = next(name for name in columns if name not in fields)
        expected = f"no such field; {did_you_mean(name, fields)}"
        raise BadRequest(row=0, field=name, expected=expected, found="a column")
    return checked


CheckedColumns = dict[str, Values]


def _is_plain(field: FieldSchema, value: Any) -> bool:
    """Whether a value is right as it is: most are, and one row is the usual request."""
    kind = type(value)
    if kind is float:
        return field.type == "float" and isfinite(value)
    return kind is str and field.type == "string" and field.values is UNSET and value.isascii()


def _plain_column(field: FieldSchema, values: Any, count: int) -> Values | None:
    """A list that is right as it is, as an array where it is long; None where it has to be looked at value by value."""
    if type(values) is not list or len(values) != count or set(map(type, values)) != _PLAIN_SETS.get(field.type):
        return None
    # A sum of numbers is finite only where each of them is; Arrow brings others too.
    if not isfinite(sum(values)):
        return None
    return np.array(values) if count >= _LONG and field.type == "float" else values


def _check_row(place: int, row: object, fields: Mapping[str, FieldSchema]) -> dict[str, Value]:
    if not isinstance(row, dict):
        raise BadRequest(row=place, field="", expected="an object of fields", found=_shown(row))
    checked: dict[str, Value] = {}
    found = 0
    for name, field in fields.items():
        value = row.get(name)
        if value is None:
            found += name in row
            checked[name] = _null(place, field, row)
            continue
        found += 1
        plain = type(value) is _PLAIN.get(field.type) or (
            type(value) is str and field.type == "string" and field.values is UNSET and value.isascii()
        )
        checked[name] = value if plain else _check_value(place, field, value)
    if found != len(row):
        name = next(name for name in row if name not in fields)
        expected = f"no such field; {did_you_mean(str(name), fields)}"
        raise BadRequest(row=place, field=str(name), expected=expected, found=_shown(row[name]))
    return checked


def _null(place: int, field: FieldSchema, row: Mapping[str, object]) -> None:
    if not field.optional:
        found = "null" if field.name in row else "nothing"
        raise BadRequest(row=place, field=field.name, expected=expected_of(field), found=found)


def _check_value(place: int, field: FieldSchema, value: object) -> Value:
    if field.type in ("int", "float", "bool") and isinstance(value, str):
        raise BadRequest(row=place, field=field.name, expected=expected_of(field), found=_shown(value))
    try:
        return cast(Value, cast_to_field(value, field))
    except ValueError as error:
        raise BadRequest(row=place, field=field.name, expected=str(error), found=_shown(value)) from error


def _check_column(field: FieldSchema, values: Any, count: int) -> Values:
    if values is None:
        if field.optional:
            return [None] * count
        raise BadRequest(row=0, field=field.name, expected=expected_of(field), found="nothing")
    if len(values) != count:
        raise BadRequest(
            row=0, field=field.name, expected=f"{count} values, one for each row", found=f"{len(values)} values"
        )
    return _check_array(field, values) if isinstance(values, np.ndarray) else _check_list(field, values)


def _check_list(field: FieldSchema, values: Sequence[Any]) -> Values:
    if field.type == "string" and field.values is UNSET and _are_ascii(values):
        return values
    return [_check_one(place, field, value) for place, value in enumerate(values)]


def _are_ascii(values: Sequence[Any]) -> bool:
    try:
        return "".join(values).isascii()
    except TypeError:
        return False


def _check_one(place: int, field: FieldSchema, value: Any) -> Value:
    if value is None or (field.type != "string" and value != value):
        if field.optional:
            return None
        raise BadRequest(row=place, field=field.name, expected=expected_of(field), found="null")
    if field.type == "timestamp" and type(value) is int and value.bit_length() <= _INT_BITS:
        return value
    if field.type == "float" and value in (float("inf"), float("-inf")):
        raise BadRequest(row=place, field=field.name, expected="a finite number", found=_shown(value))
    return _check_value(place, field, value)


def _check_array(field: FieldSchema, values: "np.ndarray[Any, np.dtype[Any]]") -> Values:
    kind = values.dtype.kind
    if field.type == "vector":
        return _check_vectors(field, values)
    if field.type == "float" and kind in "fiu":
        column = values.astype(np.float64, copy=False)
        wrong = ~np.isfinite(column)
        if wrong.any():
            return _with_nulls(field, column, int(wrong.argmax()))
        return column
    if field.type in ("int", "timestamp") and kind in "iu":
        if kind == "u" and values.size and int(values.max()).bit_length() > _INT_BITS:
            place = int(values.argmax())
            raise BadRequest(row=place, field=field.name, expected=expected_of(field), found=_shown(int(values[place])))
        return values.astype(np.int64, copy=False)
    if field.type == "bool" and kind == "b":
        return values
    expected = _INSTANT if field.type == "timestamp" else expected_of(field)
    raise BadRequest(row=0, field=field.name, expected=expected, found=f"{values.dtype} numbers")


def _check_vectors(field: FieldSchema, values: "np.ndarray[Any, np.dtype[Any]]") -> Values:
    """A matrix, one vector a row, as 32 bits hold it; a row of NaN is null."""
    if values.dtype.kind not in "fiu" or values.ndim != 2 or values.shape[1] != field.length:
        found = f"{values.dtype} numbers of shape {values.shape[1:]}"
        raise BadRequest(row=0, field=field.name, expected=expected_of(field), found=found)
    with np.errstate(over="ignore"):
        column = values.astype(np.float32).astype(np.float64)
    finite = np.isfinite(column).all(axis=1)
    null = np.isnan(column).all(axis=1) if field.optional else np.zeros(len(column), np.bool_)
    if not (finite | null).all():
        place = int((finite | null).argmin())
        raise BadRequest(row=place, field=field.name, expected=expected_of(field), found="NaN or infinity in it")
    if not null.any():
        return column
    rows: list[list[float]] = column.tolist()
    return [None if row[0] != row[0] else row for row in rows]


def _with_nulls(field: FieldSchema, column: "np.ndarray[Any, np.dtype[np.float64]]", first: int) -> Values:
    infinite = np.isinf(column)
    if infinite.any():
        place = int(infinite.argmax())
        raise BadRequest(row=place, field=field.name, expected="a finite number", found=str(column[place]))
    if not field.optional:
        raise BadRequest(row=first, field=field.name, expected=expected_of(field), found="NaN")
    return column


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else f"a list of {len(value)}"
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."
