"""Rows as a Parquet file that Delta tables can hold, and what its log says about the file."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pressroom.values import Columns, InvalidInput

_SAME = frozenset({"int8", "int16", "int32", "int64", "float", "double", "bool", "string", "binary", "date32[day]"})
_NARROWED = {"large_string": pa.string(), "string_view": pa.string(),
             "large_binary": pa.binary(), "binary_view": pa.binary()}  # fmt: skip
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_US = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def delta_rows(columns: Columns) -> pa.Table:
    """`columns` in types that Delta knows: plain strings and binaries, timestamps in microseconds UTC.

    Lists of plain values are Delta's arrays; how many values each has is not part of the type. Refuses naive timestamps
    and types without a place in Delta (unsigned, times of day, durations), and structs and maps.
    """
    rows = pa.table(columns)
    fields = [pa.field(field.name, _delta_type(field), nullable=True) for field in rows.schema]
    try:
        turned = [_turned(column, field.type) for column, field in zip(rows.columns, fields, strict=True)]
    except pa.ArrowException as error:
        raise InvalidInput(
            f"These columns can't be turned into those of a table: {error}.",
            next_step="Give timestamps in microseconds, and plain columns instead of encoded ones.",
        ) from error
    return pa.table(turned, schema=pa.schema(fields))


def write_parquet(rows: pa.Table, path: Path) -> None:
    """Write `rows` durably; the name of the file survives once its folder is fsynced."""
    with open(path, "xb") as file:
        pq.write_table(rows, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())


def statistics(rows: pa.Table) -> str:
    """The statistics by which readers pass a file over: nulls, and the bounds of integers and timestamps."""
    least: dict[str, int | str] = {}
    most: dict[str, int | str] = {}
    for field, column in zip(rows.schema, rows.columns, strict=True):
        if not pa.types.is_integer(field.type) and not pa.types.is_timestamp(field.type):
            continue
        low, high = pc.min_max(column.cast(pa.int64())).as_py().values()
        if low is None:
            continue
        if pa.types.is_integer(field.type):
            least[field.name], most[field.name] = low, high
        elif low >= 0 and high < _LAST_US:
            # Bounds have milliseconds only, so the upper one is rounded up.
            least[field.name], most[field.name] = _iso(low // 1_000), _iso(-(-high // 1_000))
    nulls = {name: column.null_count for name, column in zip(rows.column_names, rows.columns, strict=True)}
    told = {"numRecords": rows.num_rows, "minValues": least, "maxValues": most, "nullCount": nulls}
    return msgspec.json.encode(told).decode()


def new_fields(known: pa.Schema, given: pa.Schema) -> list[pa.Field]:
    """The fields of `given` that a table of schema `known` lacks; refuses a field of another type."""
    fresh: list[pa.Field] = []
    for field in given:
        place = known.get_field_index(field.name)
        if place < 0:
            fresh.append(field)
        elif known.field(place).type != field.type:
            raise InvalidInput(
                f"Column {field.name!r} is {field.type}, but {known.field(place).type} in the table.",
                next_step="Give every column the type it has in the table, or write to a table of another name.",
            )
    return fresh


def _iso(milliseconds: int) -> str:
    return (_EPOCH + milliseconds * _MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _turned(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if not isinstance(column.type, pa.DictionaryType):
        return column.cast(kind)
    # Arrow itself does not decode a dictionary of string views, which is how Polars gives categories.
    chunks = [chunk.dictionary.cast(kind).take(chunk.indices) for chunk in column.chunks]
    return pa.chunked_array(chunks, type=kind)


def _delta_type(field: pa.Field) -> pa.DataType:
    kind = field.type.value_type if isinstance(field.type, pa.DictionaryType) else field.type
    if isinstance(kind, pa.TimestampType) and kind.tz is not None:
        return pa.timestamp("us", tz="UTC")
    if str(kind) in _SAME or isinstance(kind, pa.Decimal128Type):
        return kind
    if str(kind) in _NARROWED:
        return _NARROWED[str(kind)]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return pa.list_(_delta_type(pa.field(field.name, kind.value_type)))
    raise InvalidInput(
        f"Column {field.name!r} is {kind}, which a table can't hold.",
        next_step="Give integers, floats, booleans, strings, dates, decimals or timestamps with a zone.",
    )
