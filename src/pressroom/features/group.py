"""Groups: all that is asked of one fact type by one key. The facts are sorted once, and so are the rows that ask."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET

from pressroom.facts import ARROW, Aggregate
from pressroom.features.identity import identities
from pressroom.features.kernel import each
from pressroom.features.kernel.asked import Asked
from pressroom.features.kernel.lookup import NOBODY, newest, rows_at
from pressroom.features.kernel.members import Members, members
from pressroom.features.kernel.timeline import Ints, codes_of, timeline
from pressroom.features.kernel.windows import Values, Window, Windows
from pressroom.features.list_answer import list_answer
from pressroom.stats import buckets, standing_for
from pressroom.values import MICROSECONDS

Mask = npt.NDArray[np.bool_]


class Group:
    """Facts that go by one key, and the rows that ask about it."""

    def __init__(self, facts: pa.Table, by: str, keys: pa.ChunkedArray, as_of: Ints) -> None:
        """Group `facts` (`event`, `known`, `seq`, and fields) by the key `by`; `keys` and `as_of` ask."""
        self._facts = facts
        self._as_of = as_of
        self._line, values = timeline(facts, by)
        codes, nulls = codes_of(keys, values)
        self._asked = Asked.of(codes, as_of, nulls)
        self._lengths: dict[int, Window] = {}
        self._values: dict[str, Values] = {}
        self._found: dict[int | None, pa.Array] = {}

    def answer(self, aggregate: Aggregate) -> pa.Array:
        """One value for each row that asks, in their order."""
        if aggregate.window_us is None:
            return self._looked_up(aggregate, self._newest_within(aggregate.ttl_us))
        if aggregate.kind in ("count", "sum", "mean"):
            return self._running(aggregate, self._window(aggregate.window_us))
        if aggregate.n is not UNSET:
            column = self._facts.column(aggregate.field or "")
            return list_answer(aggregate, column, self._line, self._asked, most=aggregate.n)
        if aggregate.kind == "first":
            return self._looked_up(aggregate, self._rows(self._first(aggregate.window_us), None))
        return self._by_members(aggregate, aggregate.window_us)

    @cached_property
    def _windows(self) -> Windows:
        return Windows.of(self._line)

    @cached_property
    def _newest(self) -> Ints:
        return newest(self._line, self._asked)

    def _window(self, window_us: int) -> Window:
        if window_us not in self._lengths:
            self._lengths[window_us] = self._windows.over(window_us, self._asked)
        return self._lengths[window_us]

    def _running(self, aggregate: Aggregate, window: Window) -> pa.Array:
        asked = self._asked
        if aggregate.kind == "count" or aggregate.field is None:
            return pa.array(asked.as_asked(window.count), mask=asked.nulls)
        values = self._numbers(aggregate.field)
        count = window.count_values(values)
        answer = window.mean(values, count) if aggregate.kind == "mean" else window.sum(values)
        return pa.array(asked.as_asked(answer), mask=asked.as_asked(count == 0) | asked.nulls)

    def _numbers(self, field: str) -> Values:
        if field not in self._values:
            column, rows = self._facts.column(field), self._line.rows
            nulls = pc.is_null(column).to_numpy() if column.null_count else None
            # Whole numbers beyond 2**53 count as the nearest float, as they do online.
            column = column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
            numbers = column.cast(pa.float64(), safe=False).fill_null(0.0).to_numpy()
            self._values[field] = Values(numbers=numbers[rows], nulls=None if nulls is None else nulls[rows])
        return self._values[field]

    def _newest_within(self, ttl_us: int | None) -> pa.Array:
        if ttl_us not in self._found:
            self._found[ttl_us] = self._rows(self._newest, ttl_us)
        return self._found[ttl_us]

    def _rows(self, places: Ints, ttl_us: int | None) -> pa.Array:
        """The rows of the facts at some places of the timeline, for the rows that ask; null where there is none."""
        rows = rows_at(self._line, self._asked, places, ttl_us=ttl_us)
        return pa.array(rows, mask=rows == NOBODY)

    def _looked_up(self, aggregate: Aggregate, rows: pa.Array) -> pa.Array:
        if aggregate.kind == "age" or aggregate.field is None:
            event = self._facts.column("event").cast(pa.int64()).take(rows).combine_chunks()
            age_us = pc.subtract(pa.array(self._as_of), event)
            return pc.divide(age_us.cast(pa.float64(), safe=False), float(MICROSECONDS))
        return _as_result(self._facts.column(aggregate.field).take(rows).combine_chunks(), aggregate)

    def _first(self, window_us: int) -> Ints:
        found = np.full(len(self._asked.instants), NOBODY, dtype=np.int64)
        for piece in members(self._line, window_us, self._asked):
            some = np.diff(piece.bounds) > 0
            found[piece.low : piece.high][some] = piece.places[piece.bounds[:-1][some]]
        return found

    def _by_members(self, aggregate: Aggregate, window_us: int) -> pa.Array:
        asked = self._asked
        out = np.zeros(len(asked.instants), dtype=np.int64 if _is_whole(aggregate) else np.float64)
        null = np.zeros(len(asked.instants), dtype=bool)
        reduce, absent = self._reduction(aggregate)
        for found in members(self._line, window_us, asked, hop_us=aggregate.hop_us()):
            piece = found if absent is None else found.keep(~absent[found.places])
            out[piece.low : piece.high], null[piece.low : piece.high] = reduce(piece)
        if not _is_whole(aggregate):
            # The two zeros are one number.
            out += 0.0
        answer = pa.array(asked.as_asked(out), mask=asked.as_asked(null) | asked.nulls)
        return _as_result(answer, aggregate)

    def _reduction(self, aggregate: Aggregate) -> tuple[Callable[[Members], each.Answer], Mask | None]:
        """What makes one value of a row's members, and which facts it passes over."""
        field = aggregate.field or ""
        if aggregate.kind == "distinct":
            codes = self._codes(field)
            return lambda found: each.different(found, codes), codes < 0
        if aggregate.kind == "approx_distinct":
            column, rows = self._facts.column(field), self._line.rows
            known = identities(column)[rows]
            return lambda found: each.about_different(found, known), pc.is_null(column).to_numpy()[rows]
        values = self._numbers(field)
        line, asked = self._line, self._asked
        numbers = values.numbers
        picked: each.Numbers = self._whole_numbers(field) if _is_whole(aggregate) else numbers

        def decayed(found: Members) -> each.Answer:
            age_us = np.repeat(asked.instants[found.low : found.high], np.diff(found.bounds)) - line.event[found.places]
            return each.decayed_mean(found, numbers, age_us, aggregate.half_life_us or 1)

        reductions: dict[str, Callable[[Members], each.Answer]] = {
            "min": lambda found: each.least(found, picked),
            "max": lambda found: each.greatest(found, picked),
            "std": lambda found: each.deviation(found, numbers),
            "quantile": lambda found: each.quantile(found, picked, aggregate.q or 1.0),
            "approx_quantile": lambda found: each.quantile(found, standing_for(buckets(numbers)), aggregate.q or 1.0),
            "decayed_mean": decayed,
        }
        return reductions[aggregate.kind], values.nulls

    def _whole_numbers(self, field: str) -> Ints:
        """A field's whole numbers as they are, where one of them is picked and not reckoned with."""
        numbers = self._facts.column(field).cast(pa.int64()).fill_null(0).to_numpy()
        return numbers[self._line.rows]

    def _codes(self, field: str) -> Ints:
        column = self._facts.column(field)
        if pa.types.is_floating(column.type):
            # The two zeros are one number.
            column = pc.add(column, 0.0)
        encoded = column.combine_chunks().dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
        return codes[self._line.rows]


def _is_whole(aggregate: Aggregate) -> bool:
    """Whether the answer is one of a field's whole numbers."""
    return aggregate.kind in ("min", "max", "quantile") and aggregate.result("").type in ("int", "timestamp")


def _as_result(answer: pa.Array, aggregate: Aggregate) -> pa.Array:
    """An answer in the type that the aggregate promises."""
    kind = ARROW[aggregate.result("").type]
    if pa.types.is_timestamp(kind):
        return answer.cast(pa.int64()).cast(kind) if not pa.types.is_timestamp(answer.type) else answer
    return answer.cast(kind, safe=False)
