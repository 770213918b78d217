import json
from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pressroom.backends.delta.rows import statistics


@given(st.lists(st.none() | st.integers(0, 4 * 10**15), max_size=6))
def test_the_bounds_of_timestamps_hold_all_of_them_to_the_millisecond(instants: list[int | None]) -> None:
    told = json.loads(statistics(pa.table({"event": pa.array(instants, pa.timestamp("us", "UTC"))})))
    known = [instant for instant in instants if instant is not None]
    assert told["numRecords"] == len(instants)
    assert told["nullCount"] == {"event": len(instants) - len(known)}
    assert ("event" in told["minValues"]) == bool(known)
    if known:
        low, high = (datetime.fromisoformat(told[bound]["event"]) for bound in ("minValues", "maxValues"))
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        assert 0 <= min(known) - round((low - epoch).total_seconds() * 1_000) * 1_000 < 1_000
        assert 0 <= round((high - epoch).total_seconds() * 1_000) * 1_000 - max(known) < 1_000


def test_other_columns_have_no_bounds_and_integers_exact_ones() -> None:
    rows = pa.table({"n": [2**62, -5, None], "x": [0.5, float("nan"), None], "s": ["b", "a", None]})
    assert json.loads(statistics(rows)) == {
        "numRecords": 3,
        "minValues": {"n": -5},
        "maxValues": {"n": 2**62},
        "nullCount": {"n": 1, "x": 1, "s": 1},
    }
