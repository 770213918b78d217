"""Reading features online: our answers against getting the same packed bytes out of SQLite, and nothing else."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.case import Case, in_turn
from pressroom.demo.definitions import Airport
from pressroom.facts import INSTANT, Fact, Facts, Float, Key
from pressroom.features import Features, FeatureView, OnlineAnswers, question_of
from pressroom.features.stream import streams_of
from pressroom.workspace.assembly import Ports, embedded

_HOUR = 3_600_000_000
_START = 400_000 * _HOUR
_ENTITIES, _HOURS = 1_000, 24
_TARGET = 4.0


class Observed(Fact):
    """What a station measured over an hour."""

    station: Key[Airport]
    temp: Float
    dewp: Float
    humid: Float
    wind_dir: Float
    wind_speed: Float
    wind_gust: Float
    precip: Float
    pressure: Float
    visib: Float
    cover: Float


class Newest(FeatureView, entity=Airport):
    """Ten values of the newest fact, each with a time to live."""

    temp = Observed.temp.last(ttl="6h")
    dewp = Observed.dewp.last(ttl="6h")
    humid = Observed.humid.last(ttl="6h")
    wind_dir = Observed.wind_dir.last(ttl="6h")
    wind_speed = Observed.wind_speed.last(ttl="6h")
    wind_gust = Observed.wind_gust.last(ttl="6h")
    precip = Observed.precip.last(ttl="6h")
    pressure = Observed.pressure.last(ttl="6h")
    visib = Observed.visib.last(ttl="6h")
    cover = Observed.cover.last(ttl="6h")


class Lately(FeatureView, entity=Airport):
    """Ten aggregates over windows."""

    count_3h = Observed.count(window="3h")
    count_24h = Observed.count(window="24h")
    temp_3h = Observed.temp.mean(window="3h")
    temp_24h = Observed.temp.mean(window="24h")
    humid_24h = Observed.humid.mean(window="24h")
    precip_3h = Observed.precip.sum(window="3h")
    precip_24h = Observed.precip.sum(window="24h")
    gust_24h = Observed.wind_gust.max(window="24h")
    visib_24h = Observed.visib.min(window="24h")
    pressure = Observed.pressure.last(ttl="6h")


def cases(runs: int, folder: Path) -> tuple[Case, ...]:
    """One entity and a hundred, of newest values and of windows."""
    folder = folder / "online"
    ports = embedded(folder)
    facts = Facts(log=ports.log, tables=ports.tables, records=ports.records, clock=ports.clock)
    facts.append_checked([(Observed.schema, _observed())])
    features = Features(facts=facts, keys=ports.keys)
    features.follow([Newest.view, Lately.view])
    found = [_read(runs, features, ports, folder, view, entities) for view in (Newest, Lately) for entities in (1, 100)]
    ports.close()
    return tuple(found)


def _read(runs: int, features: Features, ports: Ports, folder: Path, view: type[FeatureView], entities: int) -> Case:
    answers = features.online(question_of(Observed.schema, [view]))
    (stream,) = streams_of(view.view)
    stations = [f"station-{number:04}" for number in range(entities)]
    rows, as_of = [{"station": name} for name in stations], [_START + _HOURS * _HOUR] * entities
    keys = [stream.prefix + name.encode() for name in stations]
    raw = sqlite3.connect(folder / "data" / "keys.sqlite", isolation_level=None)
    one, many = (
        "SELECT value FROM keys WHERE key = ?",
        f"SELECT key, value FROM keys WHERE key IN ({'?' + ', ?' * (entities - 1)})",
    )
    get: Callable[[], list[bytes]]
    if entities == 1:
        get = lambda: [raw.execute(one, keys).fetchone()[0]]  # noqa: E731
    else:
        get = lambda: list(map(dict(raw.execute(many, keys).fetchall()).get, keys))  # noqa: E731
    assert get() == ports.keys.get_many(keys)
    _check(answers, rows, as_of)
    times = 2_000 // entities
    ours, limit = in_turn(
        runs,
        lambda: _again(times, lambda: answers.answer(rows, as_of)),
        lambda: _again(times, get),
    )
    raw.close()
    name = f"online read, {entities} x 10 features, {view.view.name}"
    return Case(name=name, unit="us", ours=ours / times * 1e6, limit=limit / times * 1e6, target=_TARGET)


def _again(times: int, work: Callable[[], object]) -> None:
    for _ in range(times):
        work()


def _observed() -> pa.Table:
    """One fact an hour of each station, known five minutes later."""
    rng = np.random.default_rng(7)
    event = np.repeat(_START + np.arange(_HOURS) * _HOUR, _ENTITIES)
    stations = np.tile([f"station-{number:04}" for number in range(_ENTITIES)], _HOURS)
    columns = {"event": pa.array(event).cast(INSTANT), "known": pa.array(event + _HOUR // 12).cast(INSTANT)}
    columns["station"] = pa.array(stations)
    for field in Observed.schema.fields[1:]:
        columns[field.name] = pa.array(rng.normal(size=len(event)).round(1))
    return pa.table(columns)


def _check(answers: OnlineAnswers, rows: list[dict[str, str]], as_of: list[int]) -> None:
    """Equal to what plain Python makes of the facts."""
    facts = _observed()
    for row, instant, answered in zip(rows, as_of, answers.answer(rows, as_of), strict=True):
        mine = facts.filter(pa.compute.equal(facts.column("station"), row["station"])).to_pydict()
        for name, value in answered.values.items():
            view, feature = name.split(".")
            if view == "newest":
                assert value == mine[feature][-1]
            if feature == "count_24h":
                assert value == len(mine["temp"])
            if feature == "gust_24h":
                assert value == max(mine["wind_gust"])
        assert set(answered.ages_s.values()) == {3_600.0}
        assert instant == as_of[0]
