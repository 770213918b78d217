"""Batches from whatever rows one has at hand: in a notebook, a script, a test."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from pressroom.facts.append import Batch, Change
from pressroom.facts.fact import Fact
from pressroom.facts.known import KnownRule
from pressroom.facts.read_file import RawBatch, read_file, table_of_rows
from pressroom.values import Columns, FactSchema

Rows = Sequence[Mapping[str, object]] | Columns | Path


def batch_of(  # noqa: PLR0913  (all that has to be said about a batch, by name)
    fact: type[Fact] | FactSchema,
    rows: Rows,
    *,
    known: str,
    source: str = "python",
    batch: str = "",
    zone: str | None = None,
    change: Change = "says",
) -> Batch:
    """A batch of rows (mappings), of columns (a table of pyarrow, Polars, pandas, DuckDB ...), or of a file.

    `known` says when they were known: `event + 5min`, `column` or `now`. The rest is as in `Batch`.
    """
    return Batch(
        fact=fact if isinstance(fact, FactSchema) else fact.schema,
        raw=_raw(rows),
        known=KnownRule.parse(known),
        source=source,
        batch=batch,
        zone=zone,
        change=change,
    )


def _raw(rows: Rows) -> RawBatch:
    if isinstance(rows, Path):
        return read_file(rows)
    if isinstance(rows, Sequence):
        return RawBatch(table=table_of_rows([dict(row) for row in rows]))
    return RawBatch(table=pa.table(rows))
