"""Facts as Arrow columns: `event`, `known`, the fields in their order, and `seq` once they are in the log."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from pressroom.values import FactSchema, FieldType

INSTANT = pa.timestamp("us", tz="UTC")
ARROW: dict[FieldType, pa.DataType] = {
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "timestamp": INSTANT,
    "bytes": pa.binary(),
    "vector": pa.list_(pa.float32()),
    "ints": pa.list_(pa.int64()),
    "floats": pa.list_(pa.float64()),
    "strings": pa.list_(pa.string()),
}


def arrow_schema(fact: FactSchema, *, with_seq: bool = False) -> pa.Schema:
    """The columns of a fact type."""
    columns = [pa.field("event", INSTANT), pa.field("known", INSTANT)]
    columns += [pa.field(field.name, ARROW[field.type]) for field in fact.fields]
    if with_seq:
        columns.append(pa.field("seq", pa.int64()))
    return pa.schema(columns)


def rows_as_facts(fact: FactSchema, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Facts that a room makes itself, as columns: each row has `event`, `known` and fields by name, instants as
    microseconds; a field that a row lacks is null.
    """
    schema = arrow_schema(fact)
    columns = [
        pa.array([row.get(column.name) for row in rows], pa.int64() if column.type == INSTANT else column.type)
        for column in schema
    ]
    return pa.Table.from_arrays(
        [column.cast(kind) for column, kind in zip(columns, schema.types, strict=True)], schema=schema
    )


def aligned(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of `schema`; one that `rows` lack, because a fact did not have the field then, is null."""
    if rows.schema.equals(schema):
        return rows
    columns = [
        rows.column(field.name).cast(field.type) if field.name in rows.column_names else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def to_payload(table: pa.Table) -> bytes:
    """A batch as the bytes that go into the log: an Arrow IPC stream, which says its own schema."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def from_payload(payload: bytes, *, first_seq: int) -> pa.Table:
    """A batch from the log, with its numbers in the column `seq`; columns that were written as a dictionary are texts
    again.
    """
    with pa.ipc.open_stream(payload) as reader:
        table = reader.read_all()
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            plain = field.type.value_type
            table = table.set_column(place, pa.field(field.name, plain), table.column(place).cast(plain))
    numbers = pa.array(np.arange(first_seq, first_seq + table.num_rows, dtype=np.int64))
    return table.append_column(pa.field("seq", pa.int64()), numbers)
