"""Keeping the online store up to date with the log: the demo's views, a thousand facts at a time."""

import statistics
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from benchmarks.case import Case
from pressroom.demo.definitions import (
    AircraftPunctuality,
    CarrierPunctuality,
    Departure,
    Landing,
    OriginTraffic,
    OriginWeather,
    WeatherObserved,
)
from pressroom.demo.flights import flight_facts
from pressroom.facts import Facts
from pressroom.features import Features
from pressroom.values import FactSchema
from pressroom.workspace.assembly import embedded

_VIEWS = [view.view for view in (AircraftPunctuality, OriginTraffic, CarrierPunctuality, OriginWeather)]
_ROWS, _EACH = 1_000, 60
_LEAST_FACTS_PER_S = 100_000
Entry = tuple[FactSchema, pa.Table]


def cases(runs: int, folder: Path) -> tuple[Case, ...]:
    """All entries at once, and one by one; appending does not count."""
    entries = _entries()
    found: list[Case] = []
    for name, at_once in (("all in the log", len(entries)), ("followed after each", 1)):
        took = statistics.median(_follow(entries, at_once, folder) for _ in range(runs))
        limit = len(entries) * _ROWS / _LEAST_FACTS_PER_S
        words = f"online store, {len(entries)} x 1,000 facts, {name}, at most"
        found.append(Case(name=words, unit="s", ours=took, limit=limit, target=1.0))
    return tuple(found)


def _entries() -> list[Entry]:
    """The first facts of each type, in the order of their events."""
    facts = flight_facts()
    of = ((Departure, facts.departures), (Landing, facts.landings), (WeatherObserved, facts.weather))
    entries = [
        (fact.schema, table.slice(start * _ROWS, _ROWS))
        for fact, table in of
        for start in range(min(_EACH, table.num_rows // _ROWS))
    ]
    return sorted(entries, key=lambda entry: entry[1].column("event")[0].value)


def _follow(entries: list[Entry], at_once: int, folder: Path) -> float:
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        ports = embedded(Path(fresh))
        facts = Facts(log=ports.log, tables=ports.tables, records=ports.records, clock=ports.clock)
        features = Features(facts=facts, keys=ports.keys)
        features.follow(_VIEWS)
        took, applied = 0.0, 0
        for start in range(0, len(entries), at_once):
            for entry in entries[start : start + at_once]:
                facts.append_checked([entry])
            started = time.perf_counter()
            applied += features.follow(_VIEWS)
            took += time.perf_counter() - started
        ports.close()
    if applied != len(entries) * _ROWS:
        raise AssertionError(f"{applied} facts were applied.")
    return took
