"""Appending durably, a thousand facts at a time, as Arrow columns and as Python rows; a process's first append."""

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from benchmarks.case import Case, in_turn
from pressroom.backends.local.log import LocalLog
from pressroom.demo.definitions import Landing
from pressroom.demo.flights import flight_facts
from pressroom.facts import Batch, Facts, KnownRule, RawBatch, arrow_schema, table_of_rows
from pressroom.ports import Entry
from pressroom.workspace.assembly import embedded

_ROWS, _BATCHES = 1_000, 100
_COLUMN = KnownRule(kind="column")
_LEAST_FACTS_PER_S = 200_000
_OLD_ENTRIES, _FEW_ENTRIES, _TOGETHER = 300_000, 1_000, 1_000


def cases(runs: int, folder: Path) -> tuple[Case, ...]:
    """Arrow against a bare file that is fsynced as often; rows against a rate."""
    ports = embedded(folder / "appends")
    facts = Facts(log=ports.log, tables=ports.tables, records=ports.records, clock=ports.clock)
    landings = flight_facts().landings
    parts = [landings.slice(number * _ROWS, _ROWS) for number in range(_BATCHES)]
    rows = [part.to_pylist() for part in parts]
    total = _ROWS * _BATCHES
    named = iter(range(1_000_000))

    def append(table: Callable[[int], pa.Table]) -> None:
        for number in range(_BATCHES):
            (receipt,) = facts.append(
                Batch(
                    fact=Landing.schema,
                    raw=RawBatch(table=table(number)),
                    known=_COLUMN,
                    source="benchmark",
                    batch=str(next(named)),
                )
            )
            if (receipt.appended, receipt.set_aside) != (_ROWS, 0):
                raise AssertionError(receipt)

    def bare() -> None:
        path = folder / "bare.arrow"
        with path.open("wb") as file, pa.ipc.new_stream(file, arrow_schema(Landing.schema)) as writer:
            for part in parts:
                writer.write_table(part)
                file.flush()
                os.fdatasync(file.fileno())

    columns, limit = in_turn(runs, lambda: append(parts.__getitem__), bare)
    from_rows, _ = in_turn(runs, lambda: append(lambda number: table_of_rows(rows[number])), lambda: None)
    ports.close()
    rate = total / _LEAST_FACTS_PER_S
    return (
        Case(name="append 100 x 1,000 facts, Arrow, durable", unit="s", ours=columns, limit=limit, target=2.0),
        Case(name="append 100 x 1,000 facts, Python rows, durable", unit="s", ours=from_rows, limit=rate, target=1.0),
        _first_append(runs, folder),
    )


def _first_append(runs: int, folder: Path) -> Case:
    """What a process that is new pays, on a long log and on a short one."""
    named = iter(range(1_000_000_000))

    def some(count: int) -> list[Entry]:
        return [Entry(topic="t", rows=1, payload=bytes(100), token=f"{next(named):064x}") for _ in range(count)]

    def grown(name: str, entries: int) -> Path:
        log = LocalLog(folder / name)
        for _ in range(0, entries, _TOGETHER):
            log.append(some(_TOGETHER))
        log.close()
        return folder / name

    def first(path: Path) -> None:
        log = LocalLog(path)
        if None in log.append(some(1)):
            raise AssertionError(path)
        log.close()

    old, new = grown("old-log", _OLD_ENTRIES), grown("new-log", _FEW_ENTRIES)
    long, short = in_turn(max(runs, 9), lambda: first(old), lambda: first(new))
    name = f"first append of a process, a log of {_OLD_ENTRIES:,} entries against one of {_FEW_ENTRIES:,}"
    return Case(name=name, unit="s", ours=long, limit=short, target=5.0)
