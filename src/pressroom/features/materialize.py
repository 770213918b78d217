"""Materialising: facts flow from the log into the packed rows of the online store, each exactly once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import Facts, aligned, arrow_schema, from_payload
from pressroom.features.kernel.timeline import integers
from pressroom.features.packed import Records, add
from pressroom.features.stream import NULLS, Stream, position_key, streams_of
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
                changed.update(_changed(stream, tables[stream.fact.name], self.keys, self.now))
        changed.update(dict.fromkeys(self.marks, str(position).encode()))
        self.keys.put_many(changed)
        self.applied += self._rows
        self._waiting.clear()
        self._rows = 0


def _fill(streams: Sequence[Stream], mark: bytes, facts: Facts, keys: Keys) -> int:
    """Fill a new view from all facts; rows that were there from an unfinished filling are replaced."""
    positions: list[int] = []
    for stream in streams:
        keys.delete_many([key for key, _ in keys.scan(stream.prefix)])
        table, version = facts.read(stream.fact, _columns(stream).names)
        keys.put_many(_changed(stream, table.sort_by("seq"), keys, facts.now()))
        positions.append(version.log_position)
    keys.put_many({mark: str(min(positions)).encode()})
    return min(positions)


def _changed(stream: Stream, table: pa.Table, keys: Keys, now: Instant) -> dict[bytes, bytes]:
    """The packed rows of the entities that `table` (rows in the order of `seq`) is about, with its facts in."""
    whole = aligned(table, _columns(stream))
    grouped = [(stream.prefix + entity.encode(), records) for entity, records in _by_entity(stream, whole)]
    old = keys.get_many([key for key, _ in grouped])
    rows = zip(grouped, old, strict=True)
    return {key: add(stream, before, records, now=now) for (key, records), before in rows}


def _columns(stream: Stream) -> pa.Schema:
    """What a stream needs of its fact."""
    needed = {"event", "known", "seq", stream.by, *(column.name for column in stream.fields)}
    return pa.schema([column for column in arrow_schema(stream.fact, with_seq=True) if column.name in needed])


def _by_entity(stream: Stream, table: pa.Table) -> Iterator[tuple[str, Records]]:
    if not table.num_rows:
        return
    encoded = table.column(stream.by).combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
    order = np.argsort(codes, kind="stable")
    records = _records(stream, table)[order]
    names = encoded.dictionary.to_pylist()
    codes = codes[order]
    starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
    for start, end in zip(starts, [*starts[1:], len(codes)], strict=True):
        if codes[start] >= 0:
            yield names[codes[start]], records[start:end]


def _records(stream: Stream, table: pa.Table) -> Records:
    records = np.zeros(table.num_rows, dtype=stream.record)
    for name in ("event", "known", "seq"):
        records[name] = integers(table.column(name))
    for bit, column in enumerate(stream.fields):
        values = table.column(column.name)
        if values.null_count:
            records[NULLS] |= pc.is_null(values).to_numpy().astype(np.uint64) << np.uint64(bit)
        kind = pa.float64() if column.type == "float" else pa.int64()
        records[column.name] = values.cast(kind).fill_null(0).to_numpy()
    return records
