"""Mending: rows that were set aside are given out as they stood, and come back right, each exactly once."""

from collections import Counter
from dataclasses import dataclass, replace

import pyarrow as pa

from pressroom.facts.append import Batch, Receipt, checked_batch, entries_of
from pressroom.facts.arrow import arrow_schema
from pressroom.facts.aside_records import change, find, rows_of
from pressroom.facts.cast_column import cast_column
from pressroom.facts.errors import BadBatch
from pressroom.facts.read_file import RawBatch
from pressroom.facts.retraction import ReadAll
from pressroom.facts.set_aside import Mend, SetAside, SetAsideBatch
from pressroom.ports import Log, Record, Records
from pressroom.values import Conflict, FactSchema, Instant, digest_parts, to_document

ROW, REASON, LINE = "_row", "_reason", "_line"
"""Columns of a file for mending besides the batch's own, which can't be called so: which row it was, what is wrong
with it, and the whole line where it is no row at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """Rows to be mended, as the lines of a table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _On:
    """What a mend works on."""

    fact: FactSchema
    log: Log
    records: Records
    now: Instant


def to_mend(records: Records, fact: str, name: str, source: str = "") -> Mending:
    """The rows of a batch that are still set aside. Raises UnknownBatch."""
    _, batch = find(records, fact, name, source)
    rows = list(rows_of(records, batch))
    columns = batch.columns or ("event",)
    with_lines = any(row.line for row in rows)
    return Mending(
        columns=(ROW, REASON, *((LINE,) if with_lines else ()), *columns),
        rows=tuple(
            (str(row.row), _why(row), *((row.line,) if with_lines else ()), *(row.raw or (None,) * len(columns)))
            for row in rows
        ),
    )


def mend(batch: Batch, of: str, *, log: Log, records: Records, believed: ReadAll, now: Instant) -> Receipt:
    """Append the right ones of rows that were set aside of the batch `of`; the others stay, with what is wrong now.

    Rows say in the column `_row` which they are; one that went in already is passed over, so that the same file, or a
    file that was mended further, may come again. It goes under the batch's name, `:mended:` and its own identity.
    Raises UnknownBatch, and BadBatch for a row that nobody set aside.
    """
    on = _On(fact=batch.fact, log=log, records=records, now=now)
    record, aside = _finished(*find(records, batch.fact.name, of, batch.source), on)
    numbers, table = _numbered(batch.raw)
    due = _due(numbers, aside, records)
    if not due:
        return Receipt(fact=batch.fact.name, source=aside.source, batch=of, appended=0, set_aside=0, repeated=True)
    todo = table.take(pa.array([place for place, number in enumerate(numbers) if number in due], pa.int64()))
    left = [number for number in numbers if number in due]
    right, wrong, _ = checked_batch(replace(batch, raw=RawBatch(table=todo, as_text=batch.raw.as_text)), believed, now)
    still = {left[row.row - 1]: replace(row, row=left[row.row - 1]) for row in wrong}
    went = tuple(number for number in left if number not in still)
    name = f"{of}:mended:{digest_parts([str(number) for number in went] + [repr(right.to_pylist())])[:16]}"
    if went:
        aside = replace(aside, pending=Mend(batch=name, rows=went, at=now))
        record = _note(record, aside, records)
        entries = entries_of(
            batch.fact, right, source=aside.source, batch=name, token=_token(aside, batch.fact), now=now
        )
        if log.append(entries)[0] is None:
            raise Conflict(f"Somebody else is mending batch {of!r}.", next_step="Mend it again once they are done.")
        aside = _closed(aside)
    change(records, record, aside, lambda row: _fitted(still.get(row.row), todo, aside) or row)
    return Receipt(
        fact=batch.fact.name,
        source=aside.source,
        batch=name,
        appended=len(went),
        set_aside=len(still),
        repeated=False,
    )


def _finished(record: Record, aside: SetAsideBatch, on: _On) -> tuple[Record, SetAsideBatch]:
    """A mend that was cut short, brought to its end: whether its rows went in is asked by taking their token."""
    if aside.pending is None:
        return record, aside
    empty = arrow_schema(on.fact).empty_table()
    entries = entries_of(on.fact, empty, source="", batch="", token=_token(aside, on.fact), now=on.now)
    went_in = on.log.append(entries)[0] is None
    done = _closed(aside) if went_in else replace(aside, pending=None, attempts=aside.attempts + 1)
    return change(on.records, record, done, lambda row: row), done


def _closed(aside: SetAsideBatch) -> SetAsideBatch:
    mends = aside.mends if aside.pending is None else (*aside.mends, aside.pending)
    return replace(aside, mends=mends, pending=None, attempts=aside.attempts + 1)


def _note(record: Record, aside: SetAsideBatch, records: Records) -> Record:
    return records.put(record.kind, record.key, to_document(aside), seen=record.version)


def _token(aside: SetAsideBatch, fact: FactSchema) -> str:
    return digest_parts([fact.name, aside.source, aside.batch, "mend", str(aside.attempts)])


def _numbered(raw: RawBatch) -> tuple[list[int], pa.Table]:
    """Which rows these are, and what they say."""
    if raw.broken:
        line = raw.broken[0]
        raise BadBatch(f"Line {line.row} of the file is no row: {line.reason}.", next_step="Mend it, or leave it out.")
    if ROW not in raw.table.column_names:
        raise BadBatch(
            f"The column {ROW!r} is missing, which says which rows these are.",
            next_step="Start from the file that `pressroom set-aside FACT --batch NAME --to FILE` writes.",
        )
    column, misfits = cast_column(raw.table.column(ROW), "int")
    numbers: list[int] = column.drop_null().to_pylist()
    twice = [number for number, times in Counter(numbers).items() if times > 1]
    if misfits or column.null_count or twice:
        found = misfits[0].value if misfits else twice[0] if twice else ""
        raise BadBatch(f"{ROW!r} holds {found!r}, which names no one row.", next_step="Leave that column as it was.")
    own = [name for name in raw.table.column_names if name not in (ROW, REASON, LINE)]
    return numbers, raw.table.select(own)


def _due(numbers: list[int], aside: SetAsideBatch, records: Records) -> set[int]:
    """The rows that did not go in yet; refuses those that were never set aside."""
    there = {row.row for row in rows_of(records, aside)}
    for number in numbers:
        if number not in there and number not in aside.mended():
            raise BadBatch(
                f"Row {number} of batch {aside.batch!r} is not set aside.", next_step=f"Leave {ROW!r} as it was."
            )
    return there.intersection(numbers)


def _fitted(row: SetAside | None, table: pa.Table, aside: SetAsideBatch) -> SetAside | None:
    """A row that is still wrong, with its values in the batch's columns."""
    if row is None:
        return None
    values = dict(zip(table.column_names, row.raw, strict=True))
    return replace(row, raw=tuple(values.get(name) for name in aside.columns or table.column_names))


def _why(row: SetAside) -> str:
    return f"{row.field}: {row.reason}" if row.field else row.reason
