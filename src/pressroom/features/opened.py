"""Opened rows: the facts of one entity that are visible at an instant, column by column, straight from their bytes."""

import struct
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pressroom.features.head import HEAD
from pressroom.features.heap import DECODE, Bytes, Decode, split
from pressroom.features.packed import visible
from pressroom.features.stream import Stream
from pressroom.values import Instant

EVENT, NULLS, _FIRST_FIELD = 0, 3, 4
"""Words of a record: event, known, seq, nulls, and a word for each field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field in a record: its word, whether that is a float, its bit of nulls, what the word stands for (None: for
    itself), and whether it points into the heap.
    """

    word: int
    real: bool
    null: int
    decode: Decode | None
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the records of a stream are read."""

    record: np.dtype[np.void]
    whole: struct.Struct
    words: int
    columns: dict[str, Column]
    heap: bool

    @staticmethod
    def of(stream: Stream) -> "Layout":
        """Work it out once."""
        kinds = [field.type for field in stream.fields]
        decode = {field.name: DECODE[field.type] for field in stream.fields if field.name in stream.heap}
        columns = {
            field.name: Column(
                word=_FIRST_FIELD + place,
                real=field.type == "float",
                null=1 << place,
                decode=_truth if field.type == "bool" else decode.get(field.name),
                kept=field.name in stream.heap,
            )
            for place, field in enumerate(stream.fields)
        }
        fields = "".join("d" if kind == "float" else "q" for kind in kinds)
        whole = struct.Struct(f"<qqqQ{fields}")
        words = _FIRST_FIELD + len(kinds)
        return Layout(record=stream.record, whole=whole, words=words, columns=columns, heap=bool(stream.heap))


def _truth(word: float, _heap: Bytes) -> bool:
    return bool(word)


class Opened:
    """What is visible of a packed row at an instant, by (event, known, seq)."""

    __slots__ = ("_data", "_layout", "_nulls", "count", "exact_from", "heap")

    def __init__(self, data: bytes | memoryview, layout: Layout, as_of: Instant) -> None:
        """Open a packed row; `exact_from` is the first instant that it answers exactly."""
        _, self.exact_from, visible_from, self._nulls = HEAD.unpack_from(data)
        self.heap: Bytes = b""
        if layout.heap:
            data, self.heap = split(data, HEAD.size)
        self._data = data if visible_from <= as_of else visible(data, layout.record, as_of)
        self._layout = layout
        self.count = (len(self._data) - HEAD.size) // layout.whole.size

    def record(self, place: int) -> tuple[Any, ...]:
        """All words of one fact."""
        return self._layout.whole.unpack_from(self._data, HEAD.size + place * self._layout.whole.size)

    def columns(self) -> "Columns":
        """The same, to be read by column."""
        return Columns(memoryview(self._data)[HEAD.size :], self._layout.words, self._nulls, self.heap)


Plain = tuple[str, Column, Callable[[list[Any]], Any], Any]
"""A feature, the column of its numbers, what makes one of several, and what none come to."""


class Columns:
    """Fields of many facts at once, by their places."""

    __slots__ = ("_events", "_heap", "_nulls", "_reals", "_width", "_words")

    def __init__(self, records: memoryview, width: int, nulls: int, heap: Bytes = b"") -> None:
        """Look at records of `width` words; `nulls` are their bits together."""
        self._words = records.cast("q")
        self._reals = records.cast("d")
        self._events = self._words[EVENT::width]
        self._width = width
        self._nulls = nulls
        self._heap = heap

    def window(self, start: Instant, end: Instant) -> tuple[int, int]:
        """The places of the facts that happened in [start, end): from one to before another."""
        events = self._events
        # The usual request asks as of now, and as far back as facts are kept: two looks in the place of two searches.
        high = len(events) if not len(events) or events[-1] < end else bisect_left(events, end)
        low = 0 if not high or events[0] >= start else bisect_left(events, start, 0, high)
        return low, high

    def values(self, column: Column, low: int, high: int) -> list[Any]:
        """A field of the facts from `low` to before `high`, but for nulls."""
        found = self._reals if column.real else self._words
        # Several times quicker than `tolist`.
        values = list(found[low * self._width + column.word : high * self._width : self._width])
        if self._nulls & column.null:
            values = self._present(column, low, high, values)
        decode = column.decode
        return values if not column.kept or decode is None else [decode(value, self._heap) for value in values]

    def reduce(self, features: Sequence[Plain], low: int, high: int, into: dict[str, Any]) -> None:
        """Put in what several features make of the facts from `low` to before `high`.

        A window of a request has few facts and many features: what is called for each of them is what it costs.
        """
        reals, words, width = self._reals, self._words, self._width
        start, end = low * width, high * width
        for name, column, make, absent in features:
            if self._nulls & column.null:
                found = self.values(column, low, high)
            else:
                found = list((reals if column.real else words)[start + column.word : end : width])
            into[name] = make(found) if found else absent

    def newest(self, column: Column, low: int, high: int, most: int) -> list[Any]:
        """The newest of the `values`, the newest first."""
        first = low if self._nulls & column.null else max(low, high - most)
        return self.values(column, first, high)[: -most - 1 : -1]

    def events(self, column: Column, low: int, high: int) -> list[Any]:
        """When the facts happened whose `values` those are."""
        return self._present(column, low, high, list(self._events[low:high]))

    def first(self, column: Column, low: int, high: int) -> Any:
        """A field of the fact at `low`; None too where there is none before `high`."""
        if low == high or self._words[low * self._width + NULLS] & column.null:
            return None
        value = (self._reals if column.real else self._words)[low * self._width + column.word]
        return value if column.decode is None else column.decode(value, self._heap)

    def _present(self, column: Column, low: int, high: int, values: list[Any]) -> list[Any]:
        nulls = self._words[low * self._width + NULLS : high * self._width : self._width]
        return [value for value, bits in zip(values, nulls, strict=True) if not bits & column.null]
