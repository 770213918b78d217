"""Timelines: the facts of one type grouped by one key, ready to be searched by (key, instant)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.features.kernel.order import Ints, blocks, exact_order, reach

_ROOM = 1 << 62
NEVER = (1 << 63) - 1
"""An instant that does not come."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sorted:
    """An instant of each fact of a timeline, sorted by (key, instant, place).

    `order` takes the timeline's columns into that order; None: they are in it. Key by key, the entries of key k are
    those from `starts[k]` to `starts[k + 1]`.
    """

    order: Ints | None
    keys: Ints
    instants: Ints
    starts: Ints

    def places(self, entries: Ints) -> Ints:
        """Where in the timeline some entries are."""
        return entries if self.order is None else self.order[entries]

    def count_until(self, keys: Ints, instants: Ints, *, less_us: int = 0) -> Ints:
        """For each asked (key, instant): how many entries lie before its key, plus those of its key up to the instant
        less `less_us`. Quick for rows that are nearly sorted.
        """
        if self._flat is None:
            return self._bisected(keys, instants - less_us)
        low, span = self._reach
        out = np.empty(len(keys), dtype=np.int64)
        for block in blocks(len(keys)):
            asked = instants[block] - (low + less_us - 1)
            np.clip(asked, 0, span + 1, out=asked)
            asked += keys[block] * (span + 2)
            out[block] = _search(self._flat, asked)
        return out

    @cached_property
    def _reach(self) -> tuple[int, int]:
        return reach(self.instants)

    @cached_property
    def _flat(self) -> Ints | None:
        """Key and instant as one number; None where it has no room for both."""
        low, span = self._reach
        if not len(self.keys) or (int(self.keys[-1]) + 2) * (span + 2) >= _ROOM:
            return None
        flat = self.keys * (span + 2)
        flat += self.instants
        flat += 1 - low
        return flat

    def _bisected(self, keys: Ints, until: Ints) -> Ints:
        """The same without a common number for key and instant: all rows halve their own range together."""
        low, high = self.starts[keys].copy(), self.starts[keys + 1].copy()
        while True:
            middle = (low + high) >> 1
            open_ = low < high
            if not open_.any():
                return low
            right = np.zeros(len(low), dtype=bool)
            right[open_] = self.instants[middle[open_]] <= until[open_]
            low = np.where(open_ & right, middle + 1, low)
            high = np.where(open_ & ~right, middle, high)


def _search(flat: Ints, asked: Ints) -> Ints:
    """`flat.searchsorted` to the right, in the part of it where neighbours are found."""
    low, high = flat.searchsorted((asked.min(), asked.max()), side="right")
    found = flat[low:high].searchsorted(asked, side="right")
    found += low
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Timeline:
    """Facts of one type that have a key, sorted by (key, event, known, number). Make it with `Timeline.of`."""

    keys: Ints
    event: Ints
    known: Ints
    rows: Ints
    """Which rows of the fact's table these are."""
    starts: Ints
    """Where the facts of each key start; two more, for a key that no fact has."""
    until: Ints | None = None
    """From which instant on each fact is known to be wrong; None where none is."""

    @staticmethod
    def of(*, keys: Ints, event: Ints, known: Ints, seq: Ints, key_count: int, until: Ints | None = None) -> "Timeline":
        """Sort columns of codes (from 0 up to `key_count`; below 0 for none), the two instants and the numbers."""
        some: Ints | None = None
        if len(keys) and int(keys.min()) < 0:
            some = np.flatnonzero(keys >= 0)
            keys, event, known, seq = keys[some], event[some], known[some], seq[some]
        order = exact_order(keys, event, known, seq)
        counts = np.bincount(keys, minlength=key_count + 1)
        rows = order if some is None else some[order]
        return Timeline(
            keys=np.repeat(np.arange(len(counts)), counts),
            event=event[order],
            known=known[order],
            rows=rows,
            starts=np.concatenate(([0], np.cumsum(counts))),
            until=None if until is None else until[rows],
        )

    @cached_property
    def by_event(self) -> Sorted:
        """As the facts happened."""
        return Sorted(order=None, keys=self.keys, instants=self.event, starts=self.starts)

    @cached_property
    def visible(self) -> Sorted:
        """As the facts can be seen: from `max(event, known)` on."""
        return self.sort(np.maximum(self.event, self.known))

    @cached_property
    def entering(self) -> Sorted:
        """As the facts enter windows: once they can be seen, but never at the instant of their own event."""
        if bool((self.known > self.event).all()):
            return self.visible
        return self.sort(np.maximum(self.event + 1, self.known))

    def sort(self, instants: Ints) -> Sorted:
        """An instant of each fact, by (key, instant); equal ones by (event, known, number)."""
        ordered = instants[1:] >= instants[:-1]
        ordered |= self.keys[1:] != self.keys[:-1]
        order = None if bool(ordered.all()) else exact_order(self.keys, instants)
        sorted_ = instants if order is None else instants[order]
        return Sorted(order=order, keys=self.keys, instants=sorted_, starts=self.starts)


def timeline(facts: pa.Table, key: str) -> tuple[Timeline, pa.Array]:
    """The timeline of a fact table by one key column, and the key values that the codes stand for."""
    encoded: Any = facts.column(key).combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
    event, known, seq = (integers(facts.column(name)) for name in ("event", "known", "seq"))
    count = len(encoded.dictionary)
    line = Timeline.of(keys=codes, event=event, known=known, seq=seq, key_count=count, until=_until(facts))
    return line, encoded.dictionary


def _until(facts: pa.Table) -> Ints | None:
    if "until" not in facts.column_names or facts.column("until").null_count == facts.num_rows:
        return None
    return facts.column("until").cast(pa.int64()).fill_null(NEVER).to_numpy()


def codes_of(asked: pa.ChunkedArray, values: pa.Array) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The codes of asked keys, and which are null. A key that no fact has gets a code behind the last one."""
    column: Any = asked.combine_chunks()
    found = pc.index_in(column, value_set=values)
    codes = found.fill_null(len(values)).to_numpy().astype(np.int64)
    nulls = (
        pc.is_null(column).to_numpy(zero_copy_only=False) if column.null_count else np.zeros(len(column), dtype=bool)
    )
    return codes, nulls


def integers(column: pa.ChunkedArray) -> Ints:
    """A column of instants or whole numbers without nulls as int64."""
    return column.cast(pa.int64()).to_numpy()
