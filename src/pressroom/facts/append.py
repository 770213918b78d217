"""Appending: the only way facts come in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from pressroom.facts.arrow import to_payload
from pressroom.facts.check import check
from pressroom.facts.errors import BadRows
from pressroom.facts.known import KnownRule
from pressroom.facts.read_file import RawBatch
from pressroom.facts.set_aside import SetAside, gather, keep
from pressroom.ports import Entry, Log, Records
from pressroom.values import FactSchema, Instant, digest_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch to append, and all that has to be said about it.

    `source` and `batch` name it: a batch is kept once, however often it is sent. An empty `batch` is named by its
    content. `zone` is what naive times are local to. `repeats` lets two rows say the same.
    """

    fact: FactSchema
    raw: RawBatch
    known: KnownRule
    source: str
    batch: str = ""
    zone: str | None = None
    repeats: bool = False
    refuse_bad_rows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a batch. `repeated`: it was in the log already, and nothing was added."""

    fact: str
    source: str
    batch: str
    appended: int
    set_aside: int
    repeated: bool


def append(batches: Sequence[Batch], *, log: Log, records: Records, now: Instant) -> list[Receipt]:
    """Check batches, keep what is wrong with them, and append the rest in one durable step: all of them or none.

    Raises BadBatch, BadRows and NoSpace with nothing appended.
    """
    checked = [_checked(batch, now) for batch in batches]
    for batch, (_, wrong, name) in zip(batches, checked, strict=True):
        if wrong:
            keep(records, gather(batch.fact.name, batch.source, name, wrong))
    entries = [
        Entry(
            topic=batch.fact.name,
            rows=table.num_rows,
            payload=to_payload(table),
            token=digest_parts([batch.fact.name, batch.source, name]),
        )
        for batch, (table, _, name) in zip(batches, checked, strict=True)
    ]
    stored = log.append(entries) if entries else []
    return [
        Receipt(
            fact=batch.fact.name,
            source=batch.source,
            batch=name,
            appended=0 if place is None else table.num_rows,
            set_aside=len(wrong),
            repeated=place is None,
        )
        for batch, (table, wrong, name), place in zip(batches, checked, stored, strict=True)
    ]


def _checked(batch: Batch, now: Instant) -> tuple[pa.Table, list[SetAside], str]:
    """The rows to append, those to set aside, and the batch's name."""
    checked = check(batch.raw.table, batch.fact, known=batch.known, now=now, zone=batch.zone, repeats=batch.repeats)
    numbered = _numbered_as_in_file(checked.set_aside, batch.raw.broken)
    wrong = sorted([*batch.raw.broken, *numbered], key=lambda row: row.row)
    if wrong and batch.refuse_bad_rows:
        raise BadRows(_sentence(wrong[0], len(wrong)), next_step="Mend the rows, or let them be set aside.")
    return checked.table, wrong, batch.batch or _name_of(checked.table, batch.known, wrong)


def append_checked(tables: Sequence[tuple[FactSchema, pa.Table]], *, log: Log) -> int:
    """Append columns that are in their fact's own Arrow schema already, all types in one durable step.

    For rooms that make their facts themselves; there is nothing to set aside and no batch to repeat.
    """
    entries = [Entry(topic=fact.name, rows=rows.num_rows, payload=to_payload(rows)) for fact, rows in tables]
    log.append([entry for entry in entries if entry.rows])
    return sum(entry.rows for entry in entries)


def _name_of(table: pa.Table, known: KnownRule, wrong: Sequence[SetAside]) -> str:
    """Named by what the batch says, not by when it came: sent again, it has the same name."""
    said = table.drop_columns(["known"]) if known.kind == "now" else table
    return digest_parts([to_payload(said.combine_chunks()), repr(wrong)])[:16]


def _numbered_as_in_file(rows: Sequence[SetAside], broken: Sequence[SetAside]) -> list[SetAside]:
    """Row numbers that count the lines that were no rows too."""
    gaps = sorted(line.row for line in broken)
    numbered: list[SetAside] = []
    for row in rows:
        number = row.row
        for gap in gaps:
            number += gap <= number
        numbered.append(replace(row, row=number))
    return numbered


def _sentence(row: SetAside, count: int) -> str:
    more = f" ({count - 1} more rows are wrong)" if count > 1 else ""
    where = f", field {row.field}" if row.field else ""
    return f"Row {row.row}{where}: {row.reason}; found {row.value!r}{more}."
