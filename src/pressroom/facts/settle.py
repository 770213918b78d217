"""Settling: facts move from the log into their tables, where other tools can read them in place."""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa

from pressroom.facts.arrow import from_payload
from pressroom.ports import Log, Records, Stored, Tables, VersionConflict
from pressroom.values import from_document, to_document

_MOVE = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A part of the log, from one position to another, that goes into a table next."""

    start: int
    end: int


def settle(*, tables: Tables, log: Log, records: Records) -> dict[str, int]:
    """Move what the log holds into tables, and say how many rows of each fact moved.

    Each table takes its rows and its position in the log in one step, so a kill at any moment repeats nothing. Several
    processes may settle at once: they agree on what moves next, and whoever comes second repeats the first.
    """
    waiting: dict[str, list[Stored]] = defaultdict(list)
    end = log.first()
    for stored in log.read():
        waiting[stored.entry.topic].append(stored)
        end = stored.next_position
    moved: dict[str, int] = {}
    for topic, entries in waiting.items():
        move = _agree(topic, tables, records, newest=entries[-1].position, end=end)
        if move is None:
            continue
        if move.end > end:
            entries = [stored for stored in log.read(move.start) if stored.entry.topic == topic]
        due = [stored for stored in entries if move.start <= stored.position < move.end]
        parts = [from_payload(stored.entry.payload, first_seq=stored.first_seq) for stored in due]
        if parts:
            rows = pa.concat_tables(parts, promote_options="default")
            tables.append(topic, rows, position=move.end)
            moved[topic] = rows.num_rows
    return moved


def held(position: int, *, tables: Tables, log: Log) -> int:
    """Up to where, `position` at most, the tables hold everything that is in the log."""
    positions: dict[str, int] = {}
    for stored in log.read():
        topic = stored.entry.topic
        if topic not in positions:
            positions[topic] = tables.position(topic)
        if stored.position >= min(position, positions[topic]):
            return min(position, stored.position)
    return min(position, log.last())


def _agree(topic: str, tables: Tables, records: Records, *, newest: int, end: int) -> Move | None:
    """The next move of a topic: one that was begun and is not done, or else a new one up to `end`; None if all is done.

    A table's position goes from the end of one move to that of the next, so all who settle write the same rows.
    """
    while True:
        record = records.get(_MOVE, topic)
        begun = None if record is None else from_document(record.document, Move)
        start = tables.position(topic)
        if begun is not None and begun.start == start < begun.end:
            return begun
        if newest < start:
            return None
        move = Move(start=start, end=end)
        with suppress(VersionConflict):
            records.put(_MOVE, topic, to_document(move), seen=0 if record is None else record.version)
            return move
