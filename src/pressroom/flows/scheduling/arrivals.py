"""Arrivals: up to when a fact type is complete, and what identifies the facts of a period."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pressroom.facts import Facts, FactVersion
from pressroom.values import FactSchema, Instant, Period, digest_parts

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFacts:
    """What identifies the facts of a period, retractions counted, and how many rows each type has in it."""

    identity: str
    rows: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    version: FactVersion
    events: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.int64]
    until: npt.NDArray[np.int64]


class Arrivals:
    """Looks at when facts happened; a type is read again when it has changed."""

    def __init__(self, *, facts: Facts, fact: Callable[[str], FactSchema]) -> None:
        """Read `facts`; `fact` gives a type by its name, or raises UnknownFact."""
        self._facts = facts
        self._fact = fact
        self._read: dict[str, _Rows] = {}

    def newest(self, fact: str, now: Instant) -> Instant | None:
        """When the newest fact of a type happened, of those that are believed. One from the future proves nothing."""
        rows = self._rows(fact)
        events = rows.events[rows.until == _NEVER]
        place = int(np.searchsorted(events, now, side="right"))
        return int(events[place - 1]) if place else None

    def in_period(self, names: tuple[str, ...], period: Period) -> PeriodFacts:
        """The facts of some types that happened in a period."""
        if not names:
            return PeriodFacts(identity="", rows={})
        parts: list[str | bytes] = []
        counts: dict[str, int] = {}
        for name in names:
            rows = self._rows(name)
            first, last = np.searchsorted(rows.events, [period.start, period.end])
            numbers, until = rows.numbers[first:last], rows.until[first:last]
            order = np.argsort(numbers, kind="stable")
            parts += [name, numbers[order].tobytes(), until[order].tobytes()]
            counts[name] = int((until == _NEVER).sum())
        return PeriodFacts(identity=digest_parts(parts), rows=counts)

    def _rows(self, name: str) -> _Rows:
        schema = self._fact(name)
        held = self._read.get(name)
        if held is not None and held.version == self._facts.version(schema):
            return held
        table, version = self._facts.history(schema, ["event"])
        events = table.column("event").cast(pa.int64()).to_numpy()
        order = np.argsort(events, kind="stable")
        until = np.full(len(events), _NEVER)
        if "until" in table.column_names:
            said = table.column("until").cast(pa.int64())
            until = said.fill_null(_NEVER).to_numpy()
        self._read[name] = _Rows(
            version=version, events=events[order], numbers=table.column("seq").to_numpy()[order], until=until[order]
        )
        return self._read[name]
