"""The training set of three view groups: ours, and by hand in numpy and in Polars; on the flights, and ten times over.

The groups are the latest weather, the windows of 24 hours and 7 days of an aircraft, and that of 3 hours of an origin;
from Arrow tables in memory to columns in memory. Whichever of the two others is quicker is the limit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from benchmarks import by_polars, handwritten, replicated
from benchmarks.case import Case, medians
from benchmarks.peak import peak_bytes
from pressroom.demo.definitions import AircraftPunctuality, OriginTraffic, OriginWeather, Scheduled
from pressroom.features import question_of
from pressroom.features.offline import answer

_WEATHER = question_of(Scheduled.schema, [OriginWeather.on(Scheduled.origin)])
_QUESTION = question_of(
    Scheduled.schema, [AircraftPunctuality, OriginTraffic.on(Scheduled.origin), OriginWeather.on(Scheduled.origin)]
)
Tables = Mapping[str, pa.Table]
_TIME, _MEMORY, _LOOKUP, _GROWTH = 1.2, 1.5, 1.2, 1.3
_MB = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timed:
    rows: int
    ours: float
    limit: float
    way: str


def cases(runs: int, folder: Path) -> tuple[Case, ...]:
    """Time and peak memory at both sizes, the weather alone, and how time a row grows."""
    found: list[Case] = []
    timed: list[_Timed] = []
    for times in (1, 10):
        at = folder / f"x{times}"
        tables = replicated.tables(times)
        replicated.write(tables, at)
        took = _timed(runs, tables)
        timed.append(took)
        name = f"three groups, {took.rows:,} rows, by hand: {took.way}"
        peaks = [peak_bytes(f"{__name__}:{way}", at) / _MB for way in ("ours", "numpy", "polars")]
        found += [
            Case(name=name, unit="s", ours=took.ours, limit=took.limit, target=_TIME),
            Case(
                name=f"three groups, {took.rows:,} rows, peak memory, by hand: the leaner of both",
                unit="MB",
                ours=peaks[0],
                limit=min(peaks[1:]),
                target=_MEMORY,
            ),
        ]
        if times > 1:
            found.append(_weather(runs, tables))
    small, large = (took.ours / took.rows * 1e6 for took in timed)
    return (
        *found,
        Case(name="three groups, growth from 1 to 10", unit="us/row", ours=large, limit=small, target=_GROWTH),
    )


def ours(tables: Tables) -> pa.Table:
    """Our answer."""
    return answer(_QUESTION, tables[replicated.SPINE], lambda fact, _: tables[fact.name])


def numpy(tables: Tables) -> handwritten.Answer:
    """By hand in numpy."""
    return handwritten.three_groups(tables, tables[replicated.SPINE])


def polars(tables: Tables) -> dict[str, pl.Series]:
    """By hand in Polars."""
    return by_polars.three_groups(tables, tables[replicated.SPINE])


def _timed(runs: int, tables: Tables) -> _Timed:
    ways: dict[str, Callable[[Tables], Any]] = {"ours": ours, "numpy": numpy, "polars": polars}
    mine = ours(tables)
    for way in (numpy, polars):
        _check_equal(mine, way(tables))
    took = dict(zip(ways, medians(runs, *(lambda way=way: way(tables) for way in ways.values())), strict=True))
    quicker = min(("numpy", "polars"), key=took.__getitem__)
    return _Timed(rows=mine.num_rows, ours=took["ours"], limit=took[quicker], way=quicker)


def _weather(runs: int, tables: Tables) -> Case:
    """Against Polars on frames of its own, which it sorts as it needs them; what we sort counts too."""
    observed, spine = (by_polars.frame(tables[name]) for name in ("weather_observed", replicated.SPINE))

    def limit() -> dict[str, pl.Series]:
        return by_polars.weather(observed, spine)

    def mine() -> pa.Table:
        return answer(_WEATHER, tables[replicated.SPINE], lambda fact, _: tables[fact.name])

    _check_equal(mine(), limit())
    took, theirs = medians(runs, mine, limit)
    name = f"latest weather, {len(spine):,} rows, by hand: join_asof"
    return Case(name=name, unit="s", ours=took, limit=theirs, target=_LOOKUP)


def _check_equal(ours: pa.Table, limit: Mapping[str, Any]) -> None:
    if set(ours.column_names) != set(limit):
        raise AssertionError("The columns differ.")
    for name, column in limit.items():
        theirs = column.cast(pl.Float64).to_numpy() if isinstance(column, pl.Series) else column
        if not np.array_equal(ours.column(name).cast(pa.float64()).to_numpy(), theirs, equal_nan=True):
            raise AssertionError(f"{name} differs.")
