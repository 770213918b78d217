"""Timelines: the facts of one type grouped by one key, ready to be searched by (key, instant)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
_ROOM = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Instants sorted by (key, instant): `order` takes the facts into that order."""

    order: Ints
    keys: Ints
    instants: Ints
    starts: Ints

    def count_until(self, keys: Ints, until: Ints) -> Ints:
        """For each asked (key, instant): how many entries lie before its key, plus those of its key up to `until`."""
        low, span = _range(self.instants)
        if len(self.instants) and (int(self.keys[-1]) + 2) * (span + 2) < _ROOM:
            flat = self.keys * (span + 2) + (self.instants - low) + 1
            asked = keys * (span + 2) + np.clip(until - low + 1, 0, span + 1)
            return np.searchsorted(flat, asked, side="right").astype(np.int64, copy=False)
        return self._bisected(keys, until)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Facts of one type that have a key: codes of the key, the two instants, and the order among equals."""

    keys: Ints
    event: Ints
    known: Ints
    seq: Ints
    rows: Ints | None
    """Which rows of the fact's table these are; None for all of them."""
    key_count: int

    def sort(self, instants: Ints, *, ties: bool = False) -> Sorted:
        """Order by (key, instant), with `ties` further by (event, known, seq)."""
        low, span = _range(instants)
        if (self.key_count + 1) * (span + 1) < _ROOM:
            flat = self.keys * (span + 1) + (instants - low)
            order = np.argsort(flat, kind="stable")
            tied = flat[order]
            if ties and bool((tied[1:] == tied[:-1]).any()):
                order = np.lexsort((self.seq, self.known, self.event, flat))
        else:
            order = np.lexsort((self.seq, self.known, self.event, instants, self.keys))
        keys = self.keys[order]
        starts = np.searchsorted(keys, np.arange(self.key_count + 2), side="left").astype(np.int64, copy=False)
        return Sorted(order=order, keys=keys, instants=instants[order], starts=starts)


def timeline(facts: pa.Table, key: str) -> tuple[Timeline, pa.Array]:
    """The timeline of a fact table by one key column, and the key values that the codes stand for."""
    encoded: Any = facts.column(key).combine_chunks().dictionary_encode()
    indices = encoded.indices
    rows: Ints | None = None
    if indices.null_count:
        rows = np.flatnonzero(pc.is_valid(indices).to_numpy(zero_copy_only=False)).astype(np.int64, copy=False)
        indices = indices.fill_null(0)
    codes = indices.to_numpy().astype(np.int64)
    columns = [codes, *(integers(facts.column(name)) for name in ("event", "known", "seq"))]
    if rows is not None:
        columns = [column[rows] for column in columns]
    keys, event, known, seq = columns
    line = Timeline(keys=keys, event=event, known=known, seq=seq, rows=rows, key_count=len(encoded.dictionary))
    return line, encoded.dictionary


def codes_of(asked: pa.ChunkedArray, values: pa.Array) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The codes of asked keys, and which are null. A key that no fact has gets a code behind the last one."""
    column: Any = asked.combine_chunks()
    found = pc.index_in(column, value_set=values)
    codes = found.fill_null(len(values)).to_numpy().astype(np.int64)
    return codes, pc.is_null(column).to_numpy(zero_copy_only=False)


def integers(column: pa.ChunkedArray) -> Ints:
    """A column of instants or whole numbers without nulls as int64."""
    return column.cast(pa.int64()).to_numpy()


def _range(instants: Ints) -> tuple[int, int]:
    if not len(instants):
        return 0, 0
    low = int(instants.min())
    return low, int(instants.max()) - low
