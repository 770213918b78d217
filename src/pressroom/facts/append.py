"""Appending: the only way facts come in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

import pyarrow as pa
from msgspec import UNSET, UnsetType

from pressroom.facts.appended import APPENDED, noted
from pressroom.facts.arrow import to_payload
from pressroom.facts.aside_records import drop, keep, put_back
from pressroom.facts.check import Checked, check
from pressroom.facts.errors import BadRows
from pressroom.facts.known import KnownRule
from pressroom.facts.quality import QUALITY, measure
from pressroom.facts.read_file import RawBatch
from pressroom.facts.retraction import ReadAll, changes
from pressroom.facts.set_aside import SetAside, SetAsideBatch, gather, with_raw
from pressroom.ports import Entry, Log, Records
from pressroom.values import FactSchema, Instant, digest_parts

Change = Literal["says", "corrects", "retracts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch to append, and all that has to be said about it.

    `source` and `batch` name it: a batch is kept once, however often it is sent. An empty `batch` is named by its
    content. `zone` is what naive times are local to. `repeats` lets two rows say the same. `change` says whether the
    rows are new, correct the facts with the same keys and event, or (keys and event alone) retract them. `noted`: what
    becomes of it is kept with it, for whoever sends it again.
    """

    fact: FactSchema
    raw: RawBatch
    known: KnownRule
    source: str
    batch: str = ""
    zone: str | None = None
    repeats: bool = False
    refuse_bad_rows: bool = False
    change: Change = "says"
    noted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a batch. `repeated`: it was in the log already, and nothing was added. `content` stands for the
    rows that were sent, of a batch that is noted.
    """

    fact: str
    source: str
    batch: str
    appended: int
    set_aside: int
    repeated: bool
    content: str | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A batch that was checked: the rows to append, those to set aside as they stood, its name, what stands for it."""

    table: pa.Table
    wrong: list[SetAside]
    name: str
    content: str = ""


def append(batches: Sequence[Batch], *, log: Log, records: Records, believed: ReadAll, now: Instant) -> list[Receipt]:
    """Check batches, keep what is wrong with them, and append the rest in one durable step: all of them or none.

    Raises BadBatch, BadRows and NoSpace with nothing appended.
    """
    checked = [checked_batch(batch, believed, now) for batch in batches]
    replaced = [
        _set_aside(records, batch, ready.wrong, ready.name) for batch, ready in zip(batches, checked, strict=True)
    ]
    entries = [_entries(batch, ready, now) for batch, ready in zip(batches, checked, strict=True)]
    kept = iter(log.append([entry for group in entries for entry in group]) if entries else [])
    answers = [list(islice(kept, len(group))) for group in entries]
    stored = [answer[0] for answer in answers]
    for place, old in zip(stored, replaced, strict=True):
        if old is not None:
            old.settle(records, repeated=place is None)
    return [
        Receipt(
            fact=batch.fact.name,
            source=batch.source,
            batch=ready.name,
            appended=0 if place is None else ready.table.num_rows,
            set_aside=len(ready.wrong),
            repeated=place is None,
            content=ready.content or UNSET,
        )
        for batch, ready, place in zip(batches, checked, stored, strict=True)
    ]


def checked_batch(batch: Batch, believed: ReadAll, now: Instant) -> Ready:
    """A batch against its schema and, where it changes something, what is believed. Raises BadBatch, BadRows."""
    fact = _keys_alone(batch.fact) if batch.change == "retracts" else batch.fact
    raw = batch.raw
    checked = check(
        raw.table, fact, known=batch.known, now=now, zone=batch.zone, repeats=batch.repeats, as_text=raw.as_text
    )
    named_by = [*raw.broken, *_numbered_as_in_file(checked.set_aside, raw.broken)]
    content = "" if batch.batch and not batch.noted else _name_of(checked.table, batch.known, named_by)
    table, wrong = (
        (checked.table, [*checked.set_aside]) if batch.change == "says" else _changes(batch, checked, believed)
    )
    opaque = () if raw.as_text else [field.name for field in fact.fields if field.type == "bytes"]
    wrong = [*raw.broken, *_numbered_as_in_file(with_raw(wrong, raw.table, opaque=opaque), raw.broken)]
    wrong.sort(key=lambda row: row.row)
    if wrong and batch.refuse_bad_rows:
        raise BadRows(_sentence(wrong[0], len(wrong)), rows=wrong, next_step="Mend the rows, or let them be set aside.")
    return Ready(table=table, wrong=wrong, name=batch.batch or content, content=content if batch.noted else "")


def _changes(batch: Batch, checked: Checked, believed: ReadAll) -> tuple[pa.Table, list[SetAside]]:
    """What corrects or retracts believed facts, and the rows that are wrong or found none."""
    made = changes(checked.table, batch.fact, believed(batch.fact), renew=batch.change == "corrects")
    found_none = [replace(row, row=int(checked.places[row.row - 1]) + 1) for row in made.set_aside]
    return made.table, [*checked.set_aside, *found_none]


def _entries(batch: Batch, ready: Ready, now: Instant) -> list[Entry]:
    """What goes into the log in one step: the rows, what was measured on them, and the note if one is wanted."""
    token = token_of(batch.fact, batch.source, ready.name)
    entries = entries_of(batch.fact, ready.table, source=batch.source, batch=ready.name, token=token, now=now)
    if batch.noted:
        note = noted(
            fact=batch.fact.name,
            source=batch.source,
            batch=ready.name,
            content=ready.content,
            rows=ready.table.num_rows,
            set_aside=len(ready.wrong),
            now=now,
        )
        entries.append(Entry(topic=APPENDED.name, rows=note.num_rows, payload=to_payload(note), attached=True))
    return entries


def entries_of(fact: FactSchema, rows: pa.Table, *, source: str, batch: str, token: str, now: Instant) -> list[Entry]:
    """The rows of a batch for the log, and behind them what was measured on them: both are kept once, or neither."""
    entries = [Entry(topic=fact.name, rows=rows.num_rows, payload=to_payload(rows), token=token)]
    measures = measure(fact, rows, source=source, batch=batch, now=now)
    if measures is not None:
        payload = to_payload(measures)
        entries.append(Entry(topic=QUALITY.name, rows=measures.num_rows, payload=payload, attached=True))
    return entries


def token_of(fact: FactSchema, source: str, batch: str) -> str:
    """By what the log knows a batch again."""
    return digest_parts([fact.name, source, batch])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replaced:
    """Rows set aside earlier of another batch of the same name; which of the two stays is known after the append."""

    before: SetAsideBatch
    now: SetAsideBatch

    def settle(self, records: Records, *, repeated: bool) -> None:
        if repeated:
            put_back(records, self.before, self.now)
        else:
            drop(records, self.before)


def _set_aside(records: Records, batch: Batch, wrong: list[SetAside], name: str) -> _Replaced | None:
    if not wrong:
        return None
    now = gather(batch.fact.name, batch.source, name, wrong, batch.raw.table.column_names)
    before = keep(records, now, wrong)
    return None if before is None else _Replaced(before=before, now=now)


def _keys_alone(fact: FactSchema) -> FactSchema:
    """What a retraction says: whom and when."""
    return replace(fact, fields=fact.key_fields())


def append_checked(tables: Sequence[tuple[FactSchema, pa.Table]], *, log: Log) -> int:
    """Append columns that are in their fact's own Arrow schema already, all types in one durable step.

    For rooms that make their facts themselves; there is nothing to set aside and no batch to repeat. A column of texts
    may come as a dictionary, so that what is the same in every row is written once.
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
