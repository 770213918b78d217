"""A whole column of unknown type as a field's type: vectorised while it is right, value by value where it is not."""

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts.arrow import ARROW, INSTANT
from pressroom.facts.cast_value import EXPECTED, cast_value
from pressroom.facts.set_aside import shown
from pressroom.values import FieldType, parse_instant

_FIRST = parse_instant("0001-01-01T00:00Z")
_LAST = parse_instant("9999-12-31T23:59:59.999999Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A value that is not what its field expects."""

    row: int
    value: str
    expected: str


def cast_column(
    column: pa.ChunkedArray, kind: FieldType, *, zone: str | None = None
) -> tuple[pa.ChunkedArray, list[Misfit]]:
    """The column as `kind`, null where a value does not fit, and the misfits. Row numbers count from 0.

    Of an instant's nanoseconds, whole microseconds are kept. Instants outside the years 1 to 9999 do not fit.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    fitting, misfits = _cast(column, kind, zone)
    if kind == "timestamp":
        fitting, strays = _within_years(fitting)
        misfits += strays
    return fitting, misfits


def _cast(column: pa.ChunkedArray, kind: FieldType, zone: str | None) -> tuple[pa.ChunkedArray, list[Misfit]]:
    if column.type == ARROW[kind]:
        return column, []
    with contextlib.suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError):
        if kind == "timestamp" and (_is_text(column.type) or _is_bytes(column.type)):
            return _instants(column), []
        if _may_cast(column.type, kind) and not (kind == "int" and _has_hexadecimals(column)):
            return column.cast(ARROW[kind]), []
    return _one_by_one(column, kind, zone)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    return (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _may_cast(source: pa.DataType, kind: FieldType) -> bool:
    """Which of Arrow's casts mean what we mean: no bool to number, no number to text or instant, no naive instant."""
    if kind in ("int", "float"):
        return pa.types.is_integer(source) or pa.types.is_floating(source) or _is_text(source) or _is_bytes(source)
    if kind == "string":
        return _is_text(source) or _is_bytes(source)
    if kind == "timestamp":
        return pa.types.is_timestamp(source) and source.tz is not None
    if kind == "bytes":
        return _is_bytes(source)
    return pa.types.is_boolean(source)


def _has_hexadecimals(column: pa.ChunkedArray) -> bool:
    """Which Arrow would read as whole numbers, and we do not."""
    if not _is_text(column.type) and not _is_bytes(column.type):
        return False
    return bool(pc.any(pc.match_substring(column, "x", ignore_case=True)).as_py())


def _instants(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text with zones as instants; Arrow itself refuses a column in which one has none."""
    return column.cast(pa.string()).cast(INSTANT)


def _within_years(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, list[Misfit]]:
    reach = pc.min_max(column)
    first, last = reach["min"].value, reach["max"].value
    if first is None or (first >= _FIRST and last <= _LAST):
        return column, []
    instants = column.cast(pa.int64())
    stray = pc.or_(pc.less(instants, _FIRST), pc.greater(instants, _LAST))
    rows = pc.indices_nonzero(stray)
    misfits = [
        Misfit(row=row, value=f"{value} us since 1970", expected=EXPECTED["timestamp"])
        for row, value in zip(rows.to_pylist(), instants.take(rows).to_pylist(), strict=True)
    ]
    return pc.if_else(stray, pa.scalar(None, INSTANT), column), misfits


def _one_by_one(column: pa.ChunkedArray, kind: FieldType, zone: str | None) -> tuple[pa.ChunkedArray, list[Misfit]]:
    return one_by_one(column, kind, lambda value: cast_value(value, kind, zone=zone))


def one_by_one(
    column: pa.ChunkedArray, kind: FieldType, cast: Callable[[object], object]
) -> tuple[pa.ChunkedArray, list[Misfit]]:
    """The column by a `cast` of each of its values, which raises ValueError for a misfit."""
    values: list[object] = []
    misfits: list[Misfit] = []
    for row, value in enumerate(python_values(column)):
        if value is None:
            values.append(None)
            continue
        try:
            values.append(cast(value))
        except ValueError as error:
            values.append(None)
            misfits.append(Misfit(row=row, value=_shown(value), expected=str(error)))
    storage = pa.array(values, pa.int64() if kind == "timestamp" else ARROW[kind])
    return pa.chunked_array([storage.cast(ARROW[kind])]), misfits


def python_values(column: pa.ChunkedArray) -> Iterable[object]:
    """The values as Python's; one that Python can't hold, such as a date of the year 10000, as its words."""
    try:
        return column.to_pylist()
    except (OverflowError, ValueError):
        return (_python_value(scalar) for scalar in column)


def _python_value(scalar: pa.Scalar) -> object:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        return str(scalar.cast(pa.string()))


def _shown(value: object) -> str:
    text = value.decode("utf-8", errors="backslashreplace") if isinstance(value, bytes) else str(value)
    return shown(text)
