"""The demo's training set, written by hand with numpy for just this question: the limit that ours is held against.

Sorted once by (key, time) packed into one integer; counts and sums from prefix sums, lookups from one binary search. It
knows what the general engine must find out: every fact is known a fixed time after its event, no value is null where
sums are taken, and every number that is summed is a whole number of minutes.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Answer = dict[str, Floats]
_WEATHER = ("temp", "wind_speed", "precip", "visib", "pressure")
_MISSING = -1


class _Keyed:
    """Facts sorted by (key, event), and rows that ask, as integers to be searched."""

    def __init__(self, facts: pa.Table, key: str, asked: pa.ChunkedArray, as_of: Ints) -> None:
        encoded = facts.column(key).combine_chunks().dictionary_encode()
        valid = pc.is_valid(encoded.indices).to_numpy(zero_copy_only=False)
        codes = encoded.indices.fill_null(0).to_numpy().astype(np.int64)
        event, known = (facts.column(name).cast(pa.int64()).to_numpy() for name in ("event", "known"))
        rows = np.flatnonzero(valid)
        low = int(event.min()) - 8 * _DAY
        span = int(max(known.max(), as_of.max())) - low + 8 * _DAY
        flat = codes[rows] * span + (event[rows] - low)
        order = np.argsort(flat, kind="stable")
        self.rows = rows[order]
        self.event = flat[order]
        self.delay = int(known[0] - event[0])
        found = pc.index_in(asked.combine_chunks(), value_set=encoded.dictionary)
        self.null = pc.is_null(found).to_numpy(zero_copy_only=False)
        key_codes = found.fill_null(len(encoded.dictionary)).to_numpy().astype(np.int64)
        self.asked = key_codes * span + (as_of - low)
        self.start = np.searchsorted(self.event, key_codes * span)
        self.ask_order = np.argsort(self.asked, kind="stable")

    def upto(self, shift: int, side: str = "right") -> Ints:
        out = np.empty(len(self.asked), dtype=np.int64)
        out[self.ask_order] = np.searchsorted(self.event, self.asked[self.ask_order] + shift, side=side)
        return np.maximum(out, self.start)


def answer(facts: dict[str, pa.Table]) -> Answer:
    """Every feature and the label for all of `scheduled`, in its order; NaN for null."""
    scheduled = facts["scheduled"]
    as_of = scheduled.column("departs").cast(pa.int64()).to_numpy() - _HOUR
    out: Answer = {}
    _aircraft(facts["landing"], scheduled, as_of, out)
    _mean(facts["departure"], "origin", 3 * _HOUR, scheduled, as_of, out, "origin_traffic.delay_3h")
    _mean(facts["landing"], "carrier", _DAY, scheduled, as_of, out, "carrier_punctuality.delay_24h")
    _weather(facts["weather_observed"], scheduled, as_of, out)
    _label(facts["landing"], scheduled, as_of, out)
    return out


def three_groups(facts: dict[str, pa.Table], spine: pa.Table) -> Answer:
    """Latest weather, aircraft windows and origin window for `spine` (`tail`, `origin`, `as_of`), in its order."""
    as_of = spine.column("as_of").cast(pa.int64()).to_numpy()
    out: Answer = {}
    _aircraft(facts["landing"], spine, as_of, out)
    _mean(facts["departure"], "origin", 3 * _HOUR, spine, as_of, out, "origin_traffic.delay_3h")
    _weather(facts["weather_observed"], spine, as_of, out)
    return out


def _aircraft(landing: pa.Table, scheduled: pa.Table, as_of: Ints, out: Answer) -> None:
    keyed = _Keyed(landing, "tail", scheduled.column("tail"), as_of)
    delay = landing.column("delay").to_numpy()[keyed.rows]
    sums = np.concatenate(([0.0], np.cumsum(delay)))
    end = keyed.upto(-keyed.delay)
    no_tail = pc.is_null(scheduled.column("tail")).to_numpy()
    for name, window in (("24h", _DAY), ("7d", 7 * _DAY)):
        begin = keyed.upto(-window, side="left")
        count = end - begin
        with np.errstate(invalid="ignore"):
            out[f"aircraft_punctuality.delay_{name}"] = (sums[end] - sums[begin]) / np.where(count, count, np.nan)
        out[f"aircraft_punctuality.landings_{name}"] = np.where(no_tail, np.nan, count)
    last = np.where(end > keyed.start, end - 1, _MISSING)
    out["aircraft_punctuality.last_delay"] = np.where(last == _MISSING, np.nan, delay[last])


def _mean(  # noqa: PLR0913
    facts: pa.Table, key: str, window: int, scheduled: pa.Table, as_of: Ints, out: Answer, name: str
) -> None:
    keyed = _Keyed(facts, key, scheduled.column(key), as_of)
    sums = np.concatenate(([0.0], np.cumsum(facts.column("delay").to_numpy()[keyed.rows])))
    end, begin = keyed.upto(-keyed.delay), keyed.upto(-window, side="left")
    count = end - begin
    with np.errstate(invalid="ignore"):
        out[name] = (sums[end] - sums[begin]) / np.where(count, count, np.nan)


def _weather(weather: pa.Table, scheduled: pa.Table, as_of: Ints, out: Answer) -> None:
    keyed = _Keyed(weather, "origin", scheduled.column("origin"), as_of)
    end = keyed.upto(-keyed.delay)
    row = keyed.rows[np.maximum(end - 1, 0)]
    age = as_of - weather.column("event").cast(pa.int64()).to_numpy()[row]
    stale = (end == keyed.start) | (age > 6 * _HOUR)
    for name in _WEATHER:
        values = weather.column(name).to_numpy()
        out[f"origin_weather.{name}"] = np.where(stale, np.nan, values[row])
    out["origin_weather.age"] = np.where(stale, np.nan, age / 1e6)


def _label(landing: pa.Table, scheduled: pa.Table, as_of: Ints, out: Answer) -> None:
    flights = landing.column("flight").combine_chunks()
    place = pc.index_in(scheduled.column("flight").combine_chunks(), value_set=flights)
    row = place.fill_null(0).to_numpy().astype(np.int64)
    event = landing.column("event").cast(pa.int64()).to_numpy()[row]
    delay = landing.column("delay").to_numpy()[row]
    missing = pc.is_null(place).to_numpy(zero_copy_only=False) | (event <= as_of) | (event > as_of + 2 * _DAY)
    out["label"] = np.where(missing, np.nan, delay > 15)
