"""One value of unknown type as a field's type, or a sentence on what was expected. For rows, requests and mending."""

import base64
from datetime import datetime
from decimal import Decimal
from enum import Enum

import numpy as np

from pressroom.facts.vectors import vector
from pressroom.values import FieldType, InvalidInput, local_to_utc, parse_instant

Cast = int | float | bool | str | bytes | list[float]
"""What a value becomes: a timestamp microseconds, a vector its numbers as 32 bits hold them."""

EXPECTED: dict[FieldType, str] = {
    "int": "a whole number of 64 bits",
    "float": "a number",
    "bool": "true or false",
    "string": "UTF-8 text",
    "timestamp": "an instant with a zone, like 2013-10-01T05:00Z",
    "bytes": "bytes, or their base64 text",
    "vector": "a list of numbers",
}
_WORDS = {"true": True, "false": False, "1": True, "0": False}
_LONGEST_INT = 1 << 63


def cast_value(value: object, kind: FieldType, *, zone: str | None = None) -> Cast:
    """`value` as a `kind`; a timestamp comes as microseconds. Raises ValueError, saying what was expected.

    Numbers are read from plain text (no `_`); a fraction never becomes an int, a bool never a number. `zone` is what
    naive times are local to; without one they are refused. How long a vector is, and which texts are allowed, is a
    field's business: `cast_to_field`.
    """
    readers = {"int": _to_int, "float": _to_float, "bool": _to_bool, "string": _to_text, "bytes": _to_bytes}
    if kind == "timestamp":
        return _to_instant(value, zone)
    if kind == "vector":
        return vector(value)
    try:
        return readers[kind](value)
    except (TypeError, ValueError, KeyError, ArithmeticError) as error:
        raise ValueError(EXPECTED[kind]) from error


def _to_int(value: object) -> int:
    numeral = _numeral(value)
    if isinstance(numeral, float | Decimal) and numeral % 1:
        raise ValueError
    number = int(numeral)
    if not -_LONGEST_INT <= number < _LONGEST_INT:
        raise ValueError
    return number


def _to_float(value: object) -> float:
    return float(_numeral(value))


def _numeral(value: object) -> int | float | Decimal | str:
    """What Python reads as a number, less what only Python reads so."""
    text = value.decode("ascii") if isinstance(value, bytes) else value
    if isinstance(text, bool) or not isinstance(text, int | float | Decimal | str):
        raise TypeError
    if isinstance(text, str) and ("_" in text or not text.isascii()):
        raise ValueError
    return text


def _to_bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    return _WORDS[_to_text(value).strip().lower()]


def _to_text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        value.encode("utf-8")
        return value
    raise ValueError


def _to_bytes(value: object) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, str):
        return base64.b64decode(value, validate=True)
    raise TypeError


def _to_instant(value: object, zone: str | None) -> int:
    expected = EXPECTED["timestamp"]
    if isinstance(value, datetime):
        value = value.isoformat()
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if not isinstance(value, str):
        raise ValueError(expected)
    try:
        return parse_instant(value)
    except InvalidInput as error:
        if "has no zone" not in error.message:
            raise ValueError(expected) from error
        if zone is None:
            raise ValueError(f"{expected}; this one is naive: name the zone it is local to") from error
    wall_clock = parse_instant(value.strip() + "+00:00")
    return int(local_to_utc(np.array([wall_clock], dtype=np.int64), zone)[0])
