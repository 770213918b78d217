"""Arrivals: facts as columns become the records of packed rows, entity by entity."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import aligned, arrow_schema, key_column, satisfying
from pressroom.features.heap import pack, values_of
from pressroom.features.identity import text_identities
from pressroom.features.kernel.order import exact_order
from pressroom.features.kernel.timeline import integers
from pressroom.features.packed import Records, add
from pressroom.features.stream import NULLS, Stream
from pressroom.ports import Keys
from pressroom.values import Instant, parts_of


def packed_rows(stream: Stream, table: pa.Table, keys: Keys, now: Instant) -> dict[bytes, bytes]:
    """The packed rows of the entities that `table` is about, with its facts in."""
    grouped = list(by_entity(stream, table))
    rows = zip(grouped, keys.get_many([key for key, *_ in grouped]), strict=True)
    return {key: add(stream, before, records, now=now, heap=heap) for (key, records, heap), before in rows}


def by_entity(stream: Stream, table: pa.Table) -> Iterator[tuple[bytes, Records, bytes]]:
    """The records of each entity that `table` is about, ordered by (event, known, seq), under its key in the store; and
    their heap.

    Facts that do not satisfy the stream's conditions, and facts about nobody, are left out.
    """
    whole = satisfying(aligned(table, pa.schema(columns_of(stream))), stream.where)
    if not whole.num_rows:
        return
    encoded = key_column(whole, stream.by).combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy()
    order, codes = exact_order(codes, *(integers(whole.column(name)) for name in ("event", "known", "seq")))
    records = _records(stream, whole)[order]
    values = values_of(stream, whole, order)
    names = encoded.dictionary.to_pylist()
    starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
    for start, end in zip(starts, [*starts[1:], len(codes)], strict=True):
        if codes[start] < len(names):
            heap = pack(stream, records, values, int(start), int(end)) if values else b""
            yield stream.prefix + names[codes[start]].encode(), records[start:end], heap


def columns_of(stream: Stream) -> list[pa.Field]:
    """What a stream needs of its fact."""
    named = (*parts_of(stream.by), *(column.name for column in stream.fields), *(test.field for test in stream.where))
    needed = {"event", "known", "seq", *named}
    return [column for column in arrow_schema(stream.fact, with_seq=True) if column.name in needed]


def _records(stream: Stream, table: pa.Table) -> Records:
    records = np.zeros(table.num_rows, dtype=stream.record)
    for name in ("event", "known", "seq"):
        records[name] = integers(table.column(name))
    for bit, column in enumerate(stream.fields):
        values = table.column(column.name)
        if values.null_count:
            records[NULLS] |= pc.is_null(values).to_numpy().astype(np.uint64) << np.uint64(bit)
        if column.name in stream.heap:
            continue
        if column.type == "string":
            records[column.name] = text_identities(values)
            continue
        kind = pa.float64() if column.type == "float" else pa.int64()
        records[column.name] = values.cast(kind).fill_null(0).to_numpy()
    return records
