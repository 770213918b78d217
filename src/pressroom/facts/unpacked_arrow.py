"""How large Arrow content is once it is read, and once it is values: worked out before either.

A compressed buffer begins with its length when unpacked, and a few hundred bytes can say a list of two thousand million
nulls, or a text a thousand times over.
"""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts.errors import BadBatch
from pressroom.facts.unpacked import too_large

_CELL_BYTES = 8
_BUFFERS, _COMPRESSION = 2, 3
_BATCH, _DICTIONARY = "record batch", "dictionary"


def refuse_large_stream(content: bytes, name: str, most_bytes: int) -> None:
    """Raise BadBatch for a stream that says of itself that it unpacks to more than `most_bytes`."""
    told, reader = 0, pa.ipc.MessageReader.open_stream(content)
    while True:
        try:
            message = reader.read_next_message()
        except StopIteration:
            return
        try:
            told += sum(_unpacked(message))
        except (struct.error, IndexError) as error:
            raise BadBatch(f"{name} is no whole arrow file.", next_step="Write the file again.") from error
        if told > most_bytes:
            raise too_large(name, most_bytes)


def refuse_swelling(table: pa.Table, name: str, most_bytes: int) -> None:
    """Raise BadBatch for a table whose values take more than `most_bytes`, though its buffers don't."""
    if sum(_values_bytes(chunk) for column in table.columns for chunk in column.chunks) > most_bytes:
        raise too_large(name, most_bytes)


def _unpacked(message: Any) -> Iterator[int]:
    """The lengths that the buffers of a message have when unpacked; none where it is not compressed."""
    if message.type not in (_BATCH, _DICTIONARY):
        return
    head, body = message.metadata.to_pybytes(), message.body
    batch = _inside(head, _table_at(head, 0), 2)
    if message.type == _DICTIONARY:
        batch = _inside(head, batch, 1)
    if _field(head, batch, _COMPRESSION) is None:
        return
    at = _field(head, batch, _BUFFERS)
    if at is None:
        return
    at += struct.unpack_from("<I", head, at)[0]
    (count,) = struct.unpack_from("<I", head, at)
    for place in range(count):
        offset, length = struct.unpack_from("<qq", head, at + 4 + 16 * place)
        if length:
            (told,) = struct.unpack_from("<q", body, offset)
            yield length if told < 0 else told


def _table_at(head: bytes, at: int) -> int:
    return at + struct.unpack_from("<I", head, at)[0]


def _inside(head: bytes, table: int, field: int) -> int:
    at = _field(head, table, field)
    if at is None:
        raise IndexError(field)
    return _table_at(head, at)


def _field(head: bytes, table: int, field: int) -> int | None:
    """Where a field of a flatbuffer's table is; None where it is not set."""
    vtable = table - struct.unpack_from("<i", head, table)[0]
    if vtable < 0:
        raise IndexError(field)
    size = struct.unpack_from("<H", head, vtable)[0]
    if 4 + 2 * field + 2 > size:
        return None
    offset = struct.unpack_from("<H", head, vtable + 4 + 2 * field)[0]
    return table + offset if offset else None


def _values_bytes(array: Any) -> int:
    """About what the values of an array take, those of nested arrays too."""
    kind, types = array.type, pa.types
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind) or types.is_map(kind):
        return _CELL_BYTES * len(array.values) + _values_bytes(array.values)
    if types.is_struct(kind):
        return sum(_CELL_BYTES * len(array) + _values_bytes(array.field(place)) for place in range(kind.num_fields))
    if types.is_string_view(kind) or types.is_binary_view(kind):
        lengths = np.frombuffer(array.buffers()[1], np.int32).reshape(-1, 4)[:, 0] if len(array) else np.zeros(0)
        return int(lengths[array.offset : array.offset + len(array)].sum(dtype=np.int64))
    if types.is_dictionary(kind) and (types.is_string(kind.value_type) or types.is_binary(kind.value_type)):
        lengths = pc.take(pc.binary_length(array.dictionary), array.indices)
        return int(pc.sum(lengths.cast(pa.int64())).as_py() or 0)
    if types.is_run_end_encoded(kind) or types.is_list_view(kind) or types.is_large_list_view(kind):
        raise BadBatch(f"A column is a {str(kind)[:60]}.", next_step="Send it as plain values or lists.")
    return 0
