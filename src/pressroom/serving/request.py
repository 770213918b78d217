"""Requests: rows as they come over the wire, checked field by field."""

from collections.abc import Mapping
from typing import cast

from pressroom.facts import cast_to_field, did_you_mean, expected_of
from pressroom.features import BadRequest, Question, Value
from pressroom.values import FieldSchema

MOST_ROWS = 10_000
"""In one request."""

_LONGEST_SHOWN = 60


def check_rows(question: Question, rows: object) -> list[dict[str, Value]]:
    """Rows with the question's keys and request fields, and nothing else. Raises BadRequest naming row and field."""
    if not isinstance(rows, list) or not rows:
        raise BadRequest(row=0, field="", expected="a list of at least one row", found=_shown(rows))
    if len(rows) > MOST_ROWS:
        raise BadRequest(row=MOST_ROWS, field="", expected=f"at most {MOST_ROWS} rows", found=f"{len(rows)} rows")
    fields = {field.name: field for field in (*question.keys, *question.request)}
    return [_check_row(place, row, fields) for place, row in enumerate(rows)]


def _check_row(place: int, row: object, fields: Mapping[str, FieldSchema]) -> dict[str, Value]:
    if not isinstance(row, dict):
        raise BadRequest(row=place, field="", expected="an object of fields", found=_shown(row))
    for name in row:
        if name not in fields:
            expected = f"no such field; {did_you_mean(str(name), fields)}"
            raise BadRequest(row=place, field=str(name), expected=expected, found=_shown(row[name]))
    return {name: _check_value(place, field, row) for name, field in fields.items()}


def _check_value(place: int, field: FieldSchema, row: Mapping[str, object]) -> Value:
    value = row.get(field.name)
    expected = expected_of(field)
    if value is None:
        if field.optional:
            return None
        found = "null" if field.name in row else "nothing"
        raise BadRequest(row=place, field=field.name, expected=expected, found=found)
    if field.type in ("int", "float", "bool") and isinstance(value, str):
        raise BadRequest(row=place, field=field.name, expected=expected, found=_shown(value))
    try:
        return cast(Value, cast_to_field(value, field))
    except ValueError as error:
        raise BadRequest(row=place, field=field.name, expected=str(error), found=_shown(value)) from error


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else f"a list of {len(value)}"
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."
