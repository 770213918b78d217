"""Parts: one stream of a question, with all that can be worked out before a request comes."""

from collections import defaultdict

from pressroom.features.errors import TooLarge, TooOld
from pressroom.features.head import OVERFULL
from pressroom.features.heap import MOST_BYTES
from pressroom.features.online_value import Reading, Value, nothing, plain_reduction, reading
from pressroom.features.opened import EVENT, NULLS, Column, Layout, Opened, Plain
from pressroom.features.stream import Stream
from pressroom.values import MICROSECONDS, Instant, format_instant

_FOREVER = 1 << 63


class Part:
    """Answers the features of one stream, whose entity the asking rows name under `key`."""

    def __init__(self, stream: Stream, key: str, *, prefix: str) -> None:
        """Compile the features, whose names start with `prefix`."""
        self.stream, self.key = stream, key
        self._layout = Layout.of(stream)
        named = [(f"{prefix}.{feature.name}", feature.aggregate) for feature in stream.features]
        self._nothing = {name: nothing(aggregate) for name, aggregate in named}
        self._lists = [name for name, absent in self._nothing.items() if isinstance(absent, list)]
        self._lookups: list[tuple[str, int, Column | None]] = []
        windows: dict[int, tuple[list[Plain], list[tuple[str, Reading]]]] = defaultdict(lambda: ([], []))
        for name, aggregate in named:
            column = self._layout.columns.get(aggregate.field or "")
            if aggregate.window_us is None:
                self._lookups.append((name, _FOREVER if aggregate.ttl_us is None else aggregate.ttl_us, column))
                continue
            plain, others = windows[aggregate.window_us]
            reduce = plain_reduction(aggregate, column)
            if column is not None and reduce is not None:
                plain.append((name, column, reduce, nothing(aggregate)))
            else:
                others.append((name, reading(aggregate, column)))
        self._windows = tuple((window_us, plain, others) for window_us, (plain, others) in windows.items())

    def nulls(self, values: dict[str, Value], ages_s: dict[str, float | None]) -> None:
        """Answer for nobody."""
        values.update(dict.fromkeys(self._nothing))
        ages_s.update(dict.fromkeys(self._nothing))

    def answer(
        self, packed: bytes | None, as_of: Instant, values: dict[str, Value], ages_s: dict[str, float | None]
    ) -> None:
        """Answer from an entity's packed row (None: there is none), with the age of the newest fact. Raises TooOld."""
        values.update(self._nothing)
        if self._lists:
            values.update((name, []) for name in self._lists)
        facts = None if packed is None else self._open(packed, as_of)
        if facts is None or not facts.count:
            ages_s.update(dict.fromkeys(self._nothing))
            return
        newest = facts.record(facts.count - 1)
        age_us = as_of - newest[EVENT]
        ages_s.update(dict.fromkeys(self._nothing, age_us / MICROSECONDS))
        for name, ttl_us, column in self._lookups:
            if age_us > ttl_us:
                continue
            if column is None:
                values[name] = age_us / MICROSECONDS
            elif not newest[NULLS] & column.null:
                value = newest[column.word]
                values[name] = value if column.decode is None else column.decode(value, facts.heap)
        if self._windows:
            columns = facts.columns()
            for window_us, plain, others in self._windows:
                low, high = columns.window(as_of - window_us, as_of)
                columns.reduce(plain, low, high, values)
                for name, read in others:
                    values[name] = read(columns, low, high, as_of)

    def _open(self, packed: bytes, as_of: Instant) -> Opened:
        facts = Opened(packed, self._layout, as_of)
        check_exact(self.stream, facts.exact_from, as_of)
        return facts


def check_exact(stream: Stream, exact_from: Instant, as_of: Instant) -> None:
    """Refuse an instant that lies before what an entity's row still holds, and a row that grew too large."""
    if as_of >= exact_from:
        return
    if exact_from == OVERFULL:
        raise TooLarge(
            f"{stream.view.name}: the texts of {stream.fact.name} about this {stream.view.entity} are more than the "
            f"{MOST_BYTES >> 20} MiB that are kept online.",
            next_step="Retract the facts with the longest values, or ask for a shorter window or time to live.",
        )
    raise TooOld(
        f"{stream.view.name} is kept online from {format_instant(exact_from)} on; asked as of {format_instant(as_of)}.",
        next_step="Ask for older instants offline, with a training set.",
    )
