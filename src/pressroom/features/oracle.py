"""The oracle: what a feature is by its definition, worked out for one entity at one instant in plain Python.

Slow and obvious on purpose. It shares no code with the offline kernel nor with the online answers, only the meaning of
an aggregate, so that what all three agree on is right. A new kind of aggregate is one small function in
`oracle_kinds.py`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pressroom.facts import Aggregate, Condition
from pressroom.features.errors import NoOracle
from pressroom.features.oracle_kinds import KINDS, OF_NOTHING, ROUNDED, SMALLEST_ROOT, Seen, Value, is_nan, numbers_of
from pressroom.values import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The facts about one entity, as they were told: a list each of what they have, place by place.

    `until` is when a fact is known to be wrong (None: never); `values` are its fields by name.
    """

    event: Sequence[Instant]
    known: Sequence[Instant]
    seq: Sequence[int]
    until: Sequence[Instant | None]
    values: Mapping[str, Sequence[Value]]

    def in_order(self) -> "Told":
        """The same facts in the order of (event, known, seq)."""
        order = sorted(
            range(len(self.event)), key=lambda place: (self.event[place], self.known[place], self.seq[place])
        )
        return Told(
            event=[self.event[place] for place in order],
            known=[self.known[place] for place in order],
            seq=[self.seq[place] for place in order],
            until=[self.until[place] for place in order],
            values={name: [values[place] for place in order] for name, values in self.values.items()},
        )


class Oracle:
    """One aggregate of one entity, asked at many instants; `told` is in order. Raises NoOracle."""

    def __init__(self, aggregate: Aggregate, told: Told) -> None:
        """Take what was told."""
        check_kind(aggregate)
        self._aggregate = aggregate
        self._told = told

    def answer(self, t: Instant) -> Value:
        """The aggregate as of `t`."""
        aggregate, seen = self._aggregate, self.seen(t)
        if not seen:
            return OF_NOTHING.get(aggregate.kind)
        return KINDS[aggregate.kind](seen, t, aggregate)

    def slack(self, t: Instant) -> float:
        """How far from the oracle's answer another may lie: 0, but for kinds that roots and powers are rounded in."""
        relative = ROUNDED.get(self._aggregate.kind)
        if relative is None:
            return 0.0
        return SMALLEST_ROOT + relative * max(map(abs, numbers_of(self.seen(t))), default=0.0)

    def seen(self, t: Instant) -> list[Seen]:
        """The facts that count at `t`: known by then, not known to be wrong, and neither too old nor yet to come. Of
        those that a lookup sees, the newest alone.
        """
        start, end = self._between(t)
        if self._aggregate.window_us is not None:
            return [self._fact(place) for place in range(start, end) if self._counts(place, t)]
        newest = next((place for place in range(end - 1, start - 1, -1) if self._counts(place, t)), None)
        return [] if newest is None else [self._fact(newest)]

    def visits(self, t: Instant) -> int:
        """What an answer costs, in facts looked at: those in the window, and a share of all, which are packed."""
        start, end = self._between(t)
        return (0 if self._aggregate.window_us is None else end - start) + len(self._told.event) // 50 + 1

    def _between(self, t: Instant) -> tuple[int, int]:
        """From which place to before which one the facts happened at the right time."""
        window_us, ttl_us = self._aggregate.window_us, self._aggregate.ttl_us
        events = self._told.event
        end = bisect_right(events, t) if window_us is None else bisect_left(events, t)
        oldest_us = ttl_us if window_us is None else window_us
        if oldest_us is None:
            return 0, end
        hop_us = self._aggregate.hop_us()
        start = t - oldest_us
        return bisect_left(events, start if hop_us is None else start - start % hop_us), end

    def _counts(self, place: int, t: Instant) -> bool:
        told, until = self._told, self._told.until[place]
        believed = told.known[place] <= t and (until is None or t < until)
        return believed and all(_holds(test, told.values[test.field][place]) for test in self._aggregate.where)

    def _fact(self, place: int) -> Seen:
        told, field = self._told, self._aggregate.field
        value = None if field is None else told.values[field][place]
        return told.event[place], told.known[place], told.seq[place], value


def check_kind(aggregate: Aggregate) -> None:
    """Refuse a kind that the oracle has no function for."""
    if aggregate.kind not in KINDS:
        raise NoOracle(
            f"Features of the kind {aggregate.kind!r} can't be checked yet.",
            next_step=f"The check knows {', '.join(KINDS)}; keep others in a view of their own.",
        )


def _holds(condition: Condition, value: Value) -> bool:
    if condition.test in ("null", "not null"):
        return (value is None) == (condition.test == "null")
    if value is None:
        return False
    if condition.test == "in":
        return any(value == constant or (is_nan(value) and is_nan(constant)) for constant in condition.constants)
    if not isinstance(value, int | float):
        return False
    left, right = float(value), float(condition.constants[0])
    return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[condition.test]
