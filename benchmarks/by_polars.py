"""The three view groups by hand in Polars: cumulative sums a key, and a join_asof for each edge of a window.

It knows what the general engine must find out: see `handwritten`.
"""

import polars as pl
import pyarrow as pa

_WEATHER = ("temp", "wind_speed", "precip", "visib", "pressure")
_STALE = pl.duration(hours=6)


def three_groups(facts: dict[str, pa.Table], spine: pa.Table) -> dict[str, pl.Series]:
    """Latest weather, aircraft windows and origin window for `spine` (`tail`, `origin`, `as_of`), in its order."""
    asked = frame(spine).with_row_index("row").lazy().sort("as_of")
    aircraft = _windows(asked, frame(facts["landing"]).lazy(), "tail", {"24h": 24, "7d": 168})
    origin = _windows(asked, frame(facts["departure"]).lazy(), "origin", {"3h": 3})
    weather = _weather(asked, frame(facts["weather_observed"]).lazy())
    answers = [part.sort("row").drop("row") for part in (_aircraft(aircraft), _origin(origin), weather)]
    return {name: column for part in pl.collect_all(answers) for name, column in part.to_dict().items()}


def weather(observed: pl.DataFrame, spine: pl.DataFrame) -> dict[str, pl.Series]:
    """The latest weather alone, from Polars' own frames."""
    asked = spine.with_row_index("row").lazy().sort("as_of")
    return _weather(asked, observed.lazy()).sort("row").drop("row").collect().to_dict()


def frame(table: pa.Table) -> pl.DataFrame:
    """A table as Polars has it."""
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)
    return found


def _windows(asked: pl.LazyFrame, facts: pl.LazyFrame, key: str, hours: dict[str, int]) -> pl.LazyFrame:
    """What has entered by `as_of`, and what has left each window by then: how many, how much, and the newest."""
    so_far = (
        facts.filter(pl.col(key).is_not_null())
        .sort("event")
        .select(
            key,
            "event",
            "known",
            last="delay",
            count=pl.int_range(1, pl.len() + 1).over(key),
            sum=pl.col("delay").cum_sum().over(key),
        )
    )
    entered = so_far.drop("event")
    found = asked.select("row", key, "as_of").join_asof(
        entered, left_on="as_of", right_on="known", by=key, strategy="backward", check_sortedness=False
    )
    for name, width in hours.items():
        left = so_far.select(key, pl.col("event") + pl.duration(hours=width), "count", "sum")
        found = found.join_asof(
            left,
            left_on="as_of",
            right_on="event",
            by=key,
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
            suffix=f"_{name}",
        ).drop("event")
    return found


def _inside(name: str, column: str) -> pl.Expr:
    return pl.col(column).fill_null(0) - pl.col(f"{column}_{name}").fill_null(0)


def _mean(name: str) -> pl.Expr:
    count = _inside(name, "count")
    return pl.when(count > 0).then(_inside(name, "sum") / count)


def _aircraft(found: pl.LazyFrame) -> pl.LazyFrame:
    known_tail = pl.col("tail").is_not_null()
    columns = {f"landings_{name}": pl.when(known_tail).then(_inside(name, "count")) for name in ("24h", "7d")}
    columns |= {f"delay_{name}": _mean(name) for name in ("24h", "7d")}
    columns["last_delay"] = pl.col("last")
    return found.select("row", **{f"aircraft_punctuality.{name}": column for name, column in columns.items()})


def _origin(found: pl.LazyFrame) -> pl.LazyFrame:
    return found.select("row", **{"origin_traffic.delay_3h": _mean("3h")})


def _weather(asked: pl.LazyFrame, observed: pl.LazyFrame) -> pl.LazyFrame:
    found = asked.select("row", "origin", "as_of").join_asof(
        observed.sort("known"),
        left_on="as_of",
        right_on="known",
        by="origin",
        strategy="backward",
        check_sortedness=False,
    )
    age = pl.col("as_of") - pl.col("event")
    columns = {name: pl.when(age <= _STALE).then(pl.col(name)) for name in _WEATHER}
    columns["age"] = pl.when(age <= _STALE).then(age.dt.total_microseconds() / 1e6)
    return found.select("row", **{f"origin_weather.{name}": column for name, column in columns.items()})
