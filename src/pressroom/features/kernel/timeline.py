"""Timelines: the facts of one type grouped by one key, ready to be searched by (key, instant)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import key_column
from pressroom.features.kernel.order import Codes, Ints, exact_order
from pressroom.features.kernel.search import Sorted

NEVER = (1 << 63) - 1
"""An instant that does not come."""


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
    def of(
        *, keys: Codes, event: Ints, known: Ints, seq: Ints, key_count: int, until: Ints | None = None
    ) -> "Timeline":
        """Sort columns of codes (from 0 up to `key_count`; below 0 for none), the two instants and the numbers."""
        some: Ints | None = None
        if len(keys) and int(keys.min()) < 0:
            some = np.flatnonzero(keys >= 0)
            keys, event, known, seq = keys[some], event[some], known[some], seq[some]
        order, keys = exact_order(keys, event, known, seq)
        rows = order if some is None else some[order]
        return Timeline(
            keys=keys,
            event=event[order],
            known=known[order],
            rows=rows,
            starts=keys.searchsorted(np.arange(key_count + 2)),
            until=None if until is None else until[rows],
        )

    @cached_property
    def by_event(self) -> Sorted:
        """As the facts happened."""
        return Sorted(order=None, keys=self.keys, instants=self.event, starts=self.starts)

    @cached_property
    def visible(self) -> Sorted:
        """As the facts can be seen: from `max(event, known)` on."""
        later = bool((self.known >= self.event).all())
        return self.sort(self.known if later else np.maximum(self.event, self.known))

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
        order = None if bool(ordered.all()) else exact_order(self.keys, instants)[0]
        sorted_ = instants if order is None else instants[order]
        return Sorted(order=order, keys=self.keys, instants=sorted_, starts=self.starts)


def timeline(facts: pa.Table, key: str) -> tuple[Timeline, pa.Array]:
    """The timeline of a fact table by one key, and the key values that the codes stand for."""
    encoded: Any = key_column(facts, key).combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy()
    event, known, seq = (integers(facts.column(name)) for name in ("event", "known", "seq"))
    count = len(encoded.dictionary)
    line = Timeline.of(keys=codes, event=event, known=known, seq=seq, key_count=count, until=_until(facts))
    return line, encoded.dictionary


def _until(facts: pa.Table) -> Ints | None:
    if "until" not in facts.column_names or facts.column("until").null_count == facts.num_rows:
        return None
    return facts.column("until").cast(pa.int64()).fill_null(NEVER).to_numpy()


def codes_of(asked: pa.ChunkedArray, values: pa.Array) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """The codes of asked keys, and which are null. A key that no fact has gets a code behind the last one."""
    column: Any = asked.combine_chunks()
    found = pc.index_in(column, value_set=values)
    codes = found.fill_null(len(values)).to_numpy()
    nulls = (
        pc.is_null(column).to_numpy(zero_copy_only=False) if column.null_count else np.zeros(len(column), dtype=bool)
    )
    return codes, nulls


def integers(column: pa.ChunkedArray) -> Ints:
    """A column of instants or whole numbers without nulls as int64."""
    return column.cast(pa.int64()).to_numpy()
