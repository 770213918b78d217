"""Pieces: all facts of a type, a few at a time, for work that can't hold them all."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from pressroom.facts.arrow import aligned, arrow_schema, from_payload
from pressroom.facts.errors import Moved
from pressroom.facts.read import FactVersion, settled
from pressroom.facts.retraction import RETRACTS
from pressroom.ports import BackendError, Log, Tables
from pressroom.values import FactSchema, InvalidInput

_NUMBER = pa.field(RETRACTS, pa.int64())


def piece_schema(fact: FactSchema, columns: Sequence[str]) -> pa.Schema:
    """What a piece has: the asked columns, `known`, `seq`, and which fact a row retracts (`retracts`)."""
    whole = arrow_schema(fact, with_seq=True)
    return pa.schema([*(field for field in whole if field.name in {*columns, "known", "seq"}), _NUMBER])


def pieces(
    fact: FactSchema, columns: Sequence[str], *, tables: Tables, log: Log
) -> tuple[FactVersion, Iterator[pa.Table]]:
    """Which version of a fact type is read, and its rows in pieces of some ten thousand, in no particular order.

    Retractions are rows of their own, with the same keys as the fact they mean: put together, `resolve` settles them.
    The pieces raise Moved when somebody let go of a part of the log that is not read yet: then all is read again.
    """
    wanted = piece_schema(fact, columns)
    first, end = log.first(), log.last()
    version, position = settled(fact, tables)
    start = max(position, first)
    seen = FactVersion(fact=fact.name, table_version=version, log_position=max(end, start))

    def found() -> Iterator[pa.Table]:
        # The log first: what moves into the table meanwhile is not in the pinned version, and soon not in the log.
        for stored in log.read(start):
            if stored.position >= seen.log_position:
                break
            if stored.entry.topic == fact.name:
                yield aligned(from_payload(stored.entry.payload, first_seq=stored.first_seq), wanted)
        if log.first() > start:
            raise Moved(f"The log of {fact.name} was trimmed while it was read.", next_step="Read it again.")
        if version is not None:
            yield from _settled_rows(fact, wanted, tables, version)

    return seen, found()


def _settled_rows(fact: FactSchema, wanted: pa.Schema, tables: Tables, version: int) -> Iterator[pa.Table]:
    stream = None
    for columns in (wanted.names, [name for name in wanted.names if name != RETRACTS], None):
        try:
            stream = tables.scan(fact.name, columns=columns, version=version, streamed=True)
        except InvalidInput:
            # The table lacks a column, because nothing with it was settled yet.
            continue
        break
    if stream is None:
        return
    try:
        for batch in pa.RecordBatchReader.from_stream(stream):
            if batch.num_rows:
                yield aligned(pa.Table.from_batches([batch]), wanted)
    except (OSError, pa.ArrowException) as error:
        raise BackendError(
            f"The table {fact.name} can't be read any further: {error}.",
            next_step="Do it again: a table that was rewritten and vacuumed meanwhile is read at its newest version.",
        ) from error
