"""Reading: all facts of a type that are known, from the table and from the log behind it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa

from pressroom.facts.arrow import aligned, arrow_schema, from_payload
from pressroom.facts.retraction import RETRACTS, resolve
from pressroom.ports import Log, Tables
from pressroom.values import Columns, FactSchema, InvalidInput, NotFound, digest_document


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

    Facts that were retracted are there too, with the instant in the column `until`, which is missing if there is none.

    The table is read first at a pinned version, then the log from where that version ends: a row that is moved from the
    log to the table meanwhile is neither lost nor seen twice. If the log is trimmed meanwhile, all is read again.
    """
    whole = arrow_schema(fact, with_seq=True)
    wanted = (
        whole if columns is None else pa.schema([field for field in whole if field.name in {*columns, "known", "seq"}])
    )
    while True:
        first = log.first()
        version, position = settled(fact, tables)
        start = end = max(position, first)
        try:
            parts = [_aligned(rows, wanted) for rows in _table(fact, wanted, tables, version)]
        except NotFound:
            # Rewritten and vacuumed since: there is a newer version.
            if tables.version(fact.name) == version:
                raise
            continue
        for stored in log.read(start):
            end = stored.next_position
            if stored.entry.topic == fact.name:
                parts.append(_aligned(from_payload(stored.entry.payload, first_seq=stored.first_seq), wanted))
        if log.first() <= start:
            seen = FactVersion(fact=fact.name, table_version=version, log_position=end)
            rows = resolve(pa.concat_tables([wanted.empty_table(), *parts], promote_options="default"))
            return (rows if columns is None or "known" in columns else rows.drop_columns(["known"])), seen


def settled(fact: FactSchema, tables: Tables) -> tuple[int | None, int]:
    """A version of the table and the position that belongs to it, asked again while somebody settles in between."""
    while True:
        version = tables.version(fact.name)
        position = tables.position(fact.name)
        if tables.version(fact.name) == version:
            return version, position


def _table(fact: FactSchema, wanted: pa.Schema, tables: Tables, version: int | None) -> list[pa.Table]:
    """The settled rows: of a table that lacks a wanted column, because nothing with it was settled yet, all columns."""
    if version is None:
        return []
    for columns in ([*wanted.names, RETRACTS], wanted.names):
        with suppress(InvalidInput):
            return _taken(tables.scan(fact.name, columns=columns, version=version))
    return _taken(tables.scan(fact.name, version=version))


def _taken(found: Columns | None) -> list[pa.Table]:
    return [] if found is None else [pa.table(found)]


def _aligned(rows: pa.Table, wanted: pa.Schema) -> pa.Table:
    """The wanted columns, and which fact a row retracts where it may retract one."""
    if RETRACTS not in rows.column_names:
        return aligned(rows, wanted)
    return aligned(rows, wanted.append(rows.schema.field(RETRACTS)))
