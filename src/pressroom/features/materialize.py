"""Materialising: facts flow from the log into the packed rows of the online store, each exactly once."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import RETRACTS, Facts, from_payload, key_column
from pressroom.features.arrivals import columns_of, packed_rows
from pressroom.features.rebuild import rebuilt
from pressroom.features.stream import Stream, position_key, streams_of
from pressroom.features.view import View
from pressroom.ports import Keys, Stored
from pressroom.values import Instant

_AT_ONCE = 250_000


def follow(views: Sequence[View], *, facts: Facts, keys: Keys) -> int:
    """Bring the online store up to the end of the log, and say how many facts were applied.

    A view that is new here is first filled from all facts there are. A packed row and the position in the log change in
    one step, and a row knows which facts it has, so that a kill between any two steps neither loses a fact nor counts
    one twice. One process at a time.
    """
    if not views:
        return 0
    with keys.exclusive():
        while True:
            with suppress(_Trimmed):
                return _follow_on(views, facts, keys)


class _Trimmed(Exception):
    """The log was trimmed while it was read: some of it may have been missed."""


def _follow_on(views: Sequence[View], facts: Facts, keys: Keys) -> int:
    compiled = [streams_of(view) for view in views]
    marks = [position_key(view) for view in views]
    oldest = facts.log_start()
    positions = [
        _fill(streams, mark, facts, keys) if at is None or int(at) < oldest else int(at)
        for streams, mark, at in zip(compiled, marks, keys.get_many(marks), strict=True)
    ]
    start = min(positions)
    if start >= facts.log_end():
        return 0
    streams = [stream for streams in compiled for stream in streams]
    writer = _Writer(facts=facts, keys=keys, streams=streams, marks=marks, start=start, now=facts.now())
    end = facts.follow(start, writer.take)
    writer.write(end)
    return writer.applied


@dataclass(slots=True, kw_only=True)
class _Writer:
    """Gathers entries of the log and writes them to the online store many at a time."""

    facts: Facts
    keys: Keys
    streams: Sequence[Stream]
    marks: Sequence[bytes]
    start: int
    now: Instant
    applied: int = 0
    _waiting: dict[str, list[pa.Table]] = field(default_factory=lambda: defaultdict(list))
    _rows: int = 0

    def take(self, stored: Stored) -> None:
        if not any(stream.fact.name == stored.entry.topic for stream in self.streams):
            return
        self._waiting[stored.entry.topic].append(from_payload(stored.entry.payload, first_seq=stored.first_seq))
        self._rows += stored.entry.rows
        if self._rows >= _AT_ONCE:
            self.write(stored.next_position)

    def write(self, position: int) -> None:
        if self.facts.log_start() > self.start:
            raise _Trimmed
        tables = {topic: pa.concat_tables(parts, promote_options="default") for topic, parts in self._waiting.items()}
        changed: dict[bytes, bytes] = {}
        for stream in self.streams:
            if stream.fact.name in tables:
                changed.update(self._changed(stream, tables[stream.fact.name]))
        changed.update(dict.fromkeys(self.marks, str(position).encode()))
        self.keys.put_many(changed)
        self.applied += self._rows
        self._waiting.clear()
        self._rows = 0

    def _changed(self, stream: Stream, table: pa.Table) -> dict[bytes, bytes]:
        """The packed rows with the facts of `table` in; those of entities about whom a fact was retracted made anew."""
        if RETRACTS not in table.column_names:
            return packed_rows(stream, table, self.keys, self.now)
        says = pc.is_null(table.column(RETRACTS))
        changed = packed_rows(stream, table.filter(says), self.keys, self.now)
        wrong = table.filter(pc.invert(says))
        if wrong.num_rows:
            history, _ = self.facts.history(stream.fact, [column.name for column in columns_of(stream)])
            meant = pc.is_in(key_column(history, stream.by), value_set=key_column(wrong, stream.by).combine_chunks())
            changed.update(rebuilt(stream, history.filter(meant), self.now))
        return changed


def _fill(streams: Sequence[Stream], mark: bytes, facts: Facts, keys: Keys) -> int:
    """Fill a new view from all facts; rows that were there from an unfinished filling are replaced."""
    positions: list[int] = []
    for stream in streams:
        keys.delete_many([key for key, _ in keys.scan(stream.prefix)])
        table, version = facts.history(stream.fact, [column.name for column in columns_of(stream)])
        keys.put_many(rebuilt(stream, table, facts.now()))
        positions.append(version.log_position)
    keys.put_many({mark: str(min(positions)).encode()})
    return min(positions)
