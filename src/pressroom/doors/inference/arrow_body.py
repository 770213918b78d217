"""Arrow over HTTP: an IPC stream of record batches in, one out.

Refused before anything is read from them: compressed batches, dictionaries and every type whose values can take more
room than the bytes they came in (nested lists, views, runs, lists of nulls), and more rows or columns than a request
may have. 300 bytes can say a list of two thousand million nulls.
"""

import struct
from typing import Any

import pyarrow as pa

from pressroom.doors.inference.wire import MalformedBody
from pressroom.serving import Piece

STREAM = "application/vnd.apache.arrow.stream"
_NEXT = "Send an Arrow IPC stream of plain, uncompressed columns."
_COMPRESSION = 3


def read_stream(body: bytes, *, most_rows: int, most_columns: int) -> tuple[dict[str, list[Any]], int]:
    """The columns of a stream by name, as Python values (instants as microseconds), and how many rows there are."""
    try:
        _check_messages(body)
        with pa.ipc.open_stream(body) as reader:
            _check_schema(reader.schema, most_columns)
            table = reader.read_all()
        if table.num_rows > most_rows:
            raise MalformedBody(f"{table.num_rows} rows are sent.", next_step=f"Send at most {most_rows} in a request.")
        table.validate(full=True)
        columns = {name: _plain(table.column(place)) for place, name in enumerate(table.column_names)}
    except (pa.ArrowException, OSError, ValueError, struct.error, OverflowError, MemoryError) as error:
        if isinstance(error, MalformedBody):
            raise
        raise MalformedBody(f"The body is no Arrow stream: {str(error)[:200]}.", next_step=_NEXT) from error
    if len(columns) != table.num_columns:
        raise MalformedBody("Two columns have the same name.", next_step="Name each column once.")
    return columns, table.num_rows


def write_stream(piece: Piece) -> bytes:
    """The answers as a stream."""
    answers, places = piece.answers, range(piece.start, piece.stop)
    routes = answers.routes[piece.start : piece.stop]
    table = pa.table(
        {
            "prediction_id": answers.ids[piece.start : piece.stop],
            "prediction": pa.array(answers.predictions[piece.start : piece.stop], pa.float64()),
            "model": [route.model for route in routes],
            "version": [route.version for route in routes],
            "variant": pa.array([route.variant or None for route in routes], pa.string()),
            "fallback": pa.array([answers.fallbacks.get(place) for place in places], pa.string()),
        }
    )
    table = table.replace_schema_metadata(
        {"endpoint": answers.endpoint.name, "endpoint_version": str(answers.endpoint.version)}
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _check_messages(body: bytes) -> None:
    reader = pa.ipc.MessageReader.open_stream(body)
    while True:
        try:
            message = reader.read_next_message()
        except StopIteration:
            return
        if message.type == "schema":
            continue
        if message.type != "record batch":
            raise MalformedBody(f"The stream has a {message.type}.", next_step=_NEXT)
        if _is_compressed(message.metadata.to_pybytes()):
            raise MalformedBody("The batches are compressed.", next_step=_NEXT)


def _check_schema(schema: pa.Schema, most_columns: int) -> None:
    if len(schema) > most_columns:
        raise MalformedBody(
            f"The stream has {len(schema)} columns.", next_step="The endpoint's description lists the fields of a row."
        )
    for field in schema:
        if not _is_flat(field.type) and not _is_vector(field.type):
            said = f"The column {field.name[:60]!r} is a {str(field.type)[:60]}."
            raise MalformedBody(said, next_step="Send numbers, texts, bytes, instants, or lists of numbers.")


def _is_flat(kind: pa.DataType) -> bool:
    """Whether values take about as much room as their bytes."""
    types = pa.types
    return (
        types.is_primitive(kind)
        or types.is_null(kind)
        or types.is_decimal(kind)
        or types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
    )


def _is_vector(kind: pa.DataType) -> bool:
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return is_list and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type))


def _is_compressed(metadata: bytes) -> bool:
    """Whether a record batch's flatbuffer has the field `compression`, the fourth of its table."""
    message = _table(metadata, struct.unpack_from("<I", metadata, 0)[0], 2)
    if message is None:
        raise ValueError("a message without its header")
    batch = message + struct.unpack_from("<I", metadata, message)[0]
    return _table(metadata, batch, _COMPRESSION) is not None


def _table(metadata: bytes, at: int, field: int) -> int | None:
    """Where a field of the flatbuffer table at `at` is; None where it is not set."""
    vtable = at - struct.unpack_from("<i", metadata, at)[0]
    if vtable < 0:
        raise ValueError("a table before its start")
    size = struct.unpack_from("<H", metadata, vtable)[0]
    slot = 4 + 2 * field
    if slot + 2 > size:
        return None
    offset = struct.unpack_from("<H", metadata, vtable + slot)[0]
    return at + offset if offset else None


def _plain(column: "pa.ChunkedArray[Any]") -> list[Any]:
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            raise MalformedBody("A column of instants has no zone.", next_step="Send timestamps with a zone, like UTC.")
        column = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    return column.to_pylist()
