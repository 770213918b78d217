"""Heaps: the texts, bytes and vectors of an entity's facts, end to end behind the records of its packed row.

A record's word for such a field says where its value starts and how many bytes it has. Vectors are 32-bit floats.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.features.stream import NULLS, Stream
from pressroom.values import FieldType

Ints = npt.NDArray[np.int64]
Records = npt.NDArray[Any]
Bytes = bytes | memoryview
Decode = Callable[[Any, Bytes], Any]
"""The value that a word stands for, given the heap."""
LENGTH_BITS = 32
MOST_BYTES = 1 << 26
"""64 MiB: a larger heap is not kept, and its entity's questions are refused. Read for each answer, it would stop all
others too."""
_LENGTH = (1 << LENGTH_BITS) - 1
_FOOTER = struct.Struct("<q")
"""What a packed row with something behind its records ends with: how many bytes that has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """A field's values end to end, and where each starts; those of null have no bytes."""

    name: str
    whole: memoryview
    starts: Ints


def values_of(stream: Stream, table: pa.Table, order: Ints) -> list[Values]:
    """The values of a stream's heap, field by field, in the order of rows that is given."""
    rows = pa.array(order)
    return [_values(name, table.column(name).take(rows)) for name in stream.heap]


def _values(name: str, column: pa.ChunkedArray) -> Values:
    if pa.types.is_list(column.type):
        lengths = pc.list_value_length(column).fill_null(0).to_numpy().astype(np.int64) * 4
        numbers = column.combine_chunks().flatten() if len(column) else pa.array([], pa.float32())
        whole = memoryview(numbers.to_numpy(zero_copy_only=False).astype("<f4").tobytes())
    else:
        lengths = pc.binary_length(column).fill_null(0).to_numpy().astype(np.int64)
        whole = memoryview(b"".join(_bytes(chunk) for chunk in column.chunks))
    return Values(name=name, whole=whole, starts=np.concatenate(([0], np.cumsum(lengths))))


def _bytes(chunk: pa.Array) -> memoryview:
    """The bytes of a chunk's values; Arrow keeps them end to end."""
    wide = chunk.fill_null("" if pa.types.is_string(chunk.type) else b"").cast(pa.large_binary())
    _, offsets, values = wide.buffers()
    if not len(wide) or offsets is None or values is None:
        return memoryview(b"")
    starts = np.frombuffer(offsets, dtype=np.int64)[wide.offset : wide.offset + len(wide) + 1]
    return memoryview(values)[int(starts[0]) : int(starts[-1])]


def pack(stream: Stream, records: Records, values: Sequence[Values], start: int, end: int) -> bytes:
    """The heap of the records `start` to `end`, whose words it writes."""
    heap = b""
    for field in values:
        starts = field.starts[start : end + 1]
        words = (starts[:-1] - starts[0] + len(heap)) << LENGTH_BITS | np.diff(starts)
        records[field.name][start:end] = np.where(_null(stream, records[start:end], field.name), 0, words)
        heap += field.whole[int(starts[0]) : int(starts[-1])]
    return heap


def moved(stream: Stream, records: Records, by: int) -> Records:
    """The records of a heap that comes to stand behind `by` bytes of another."""
    if by:
        records = records.copy()
        for name in stream.heap:
            records[name] += np.where(_null(stream, records, name), 0, by << LENGTH_BITS)
    return records


def compacted(stream: Stream, records: Records, heap: Bytes) -> tuple[Records, bytes]:
    """The records with a heap that has their values and no others."""
    records, source = records.copy(), np.frombuffer(heap, dtype=np.uint8)
    parts, at = [b""], 0
    for name in stream.heap:
        words = records[name]
        lengths, starts = words & _LENGTH, words >> LENGTH_BITS
        before = np.cumsum(lengths) - lengths
        parts.append(source[np.arange(lengths.sum()) + np.repeat(starts - before, lengths)].tobytes())
        records[name] = np.where(_null(stream, records, name), 0, (before + at) << LENGTH_BITS | lengths)
        at += len(parts[-1])
    return records, b"".join(parts)


def _null(stream: Stream, records: Records, name: str) -> npt.NDArray[np.bool_]:
    place = next(place for place, field in enumerate(stream.fields) if field.name == name)
    return records[NULLS] & np.uint64(1 << place) != 0


def with_tail(body: bytes, tail: bytes) -> bytes:
    """Records with something behind them."""
    return body + tail + _FOOTER.pack(len(tail))


def split(data: Bytes, head: int) -> tuple[memoryview, memoryview]:
    """The head (of so many bytes) and records of such a packed row, and what stands behind them."""
    row = memoryview(data)
    if len(row) <= head:
        return row, row[len(row) :]
    end = len(row) - _FOOTER.size
    middle = end - _FOOTER.unpack_from(row, end)[0]
    return row[:middle], row[middle:end]


def _text(word: int, heap: Bytes) -> str:
    start = word >> LENGTH_BITS
    return str(heap[start : start + (word & _LENGTH)], "utf-8")


def _raw(word: int, heap: Bytes) -> bytes:
    start = word >> LENGTH_BITS
    return bytes(heap[start : start + (word & _LENGTH)])


def _vector(word: int, heap: Bytes) -> list[float]:
    return np.frombuffer(_raw(word, heap), dtype="<f4").tolist()


DECODE: dict[FieldType, Decode] = {"string": _text, "bytes": _raw, "vector": _vector}
"""How the values of fields in a heap are read."""
