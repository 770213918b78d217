"""Reading: all facts of a type that are known, from the table and from the log behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from pressroom.facts.arrow import arrow_schema, from_payload
from pressroom.ports import Log, Tables
from pressroom.values import FactSchema, digest_document


@dataclass(frozen=True, slots=True, kw_only=True)
class FactVersion:
    """Which rows of a fact type a reader saw: a table's version and everything in the log before a position."""

    fact: str
    table_version: int | None
    log_position: int

    def digest(self) -> str:
        """Its identity, for lineage."""
        return digest_document(self)


def version_of(fact: FactSchema, *, tables: Tables, log: Log) -> FactVersion:
    """What a reader would see now."""
    position = log.last()
    return FactVersion(fact=fact.name, table_version=tables.version(fact.name), log_position=position)


def read(
    fact: FactSchema, *, tables: Tables, log: Log, columns: Sequence[str] | None = None
) -> tuple[pa.Table, FactVersion]:
    """Every fact of a type with its `seq`, and which version that is. Rows come in no particular order.

    The table is read first at a pinned version, then the log from where that version ends: a row that is moved from the
    log to the table meanwhile is neither lost nor seen twice.
    """
    wanted = arrow_schema(fact, with_seq=True)
    names = list(wanted.names) if columns is None else [name for name in wanted.names if name in {*columns, "seq"}]
    version, position = _settled(fact, tables)
    parts: list[pa.Table] = []
    if version is not None:
        settled = tables.scan(fact.name, columns=names, version=version)
        if settled is not None:
            parts.append(pa.table(settled).cast(_projected(wanted, names)))
    end = position
    for stored in log.read(position):
        end = stored.next_position
        if stored.entry.topic == fact.name:
            rows = from_payload(stored.entry.payload, first_seq=stored.first_seq)
            parts.append(rows.select(names).cast(_projected(wanted, names)))
    seen = FactVersion(fact=fact.name, table_version=version, log_position=end)
    return (pa.concat_tables(parts) if parts else _projected(wanted, names).empty_table()), seen


def _settled(fact: FactSchema, tables: Tables) -> tuple[int | None, int]:
    """A version of the table and the position that belongs to it, asked again while somebody settles in between."""
    while True:
        version = tables.version(fact.name)
        position = tables.position(fact.name)
        if tables.version(fact.name) == version:
            return version, position


def _projected(schema: pa.Schema, names: Sequence[str]) -> pa.Schema:
    return pa.schema([schema.field(name) for name in names])
