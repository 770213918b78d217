"""Honest tables, and how to spoil them."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from pressroom.training.preflight.expected import ExpectedData

START = 1_735_689_600_000_000
DAY = 86_400_000_000
NOW = START + 400 * DAY
FEATURES = ("amount", "visits", "country", "age", "is_new")
EXPECTED = ExpectedData(features=FEATURES, target="bought", time="at", known="known", split="split")


def honest(rows: int = 2_000, seed: int = 0) -> dict[str, list | np.ndarray]:
    """Columns of a table on which nothing is wrong: noisy, and worth learning from."""
    random = np.random.default_rng(seed)
    at = np.sort(random.integers(START, START + 300 * DAY, rows))
    amount = random.lognormal(3, 1, rows)
    visits = random.poisson(4, rows)
    chance = 1 / (1 + np.exp(-(np.log(amount) - 3 + 0.2 * (visits - 4))))
    return {
        "at": at,
        "known": at - random.integers(0, DAY, rows),
        "amount": amount,
        "visits": visits,
        "country": random.choice(["de", "fr", "it", "es"], rows),
        "age": np.where(random.random(rows) < 0.1, np.nan, random.normal(40, 12, rows)),
        "is_new": random.random(rows) < 0.5,
        "bought": (random.random(rows) < chance).astype(int),
        "split": np.where(np.arange(rows) < 0.8 * rows, "train", "test"),
    }


def table_of(columns: dict) -> pa.Table:
    """Columns as a table: NaN of `age` is a missing value, instants are instants."""
    built = {}
    for name, values in columns.items():
        array = pa.array(values, from_pandas=name == "age")
        built[name] = array.cast(pa.timestamp("us", tz="UTC")) if name in ("at", "known") else array
    return pa.table(built)


def spoiled(spoil: Callable[[dict], object], rows: int = 2_000) -> pa.Table:
    """An honest table after something was done to its columns."""
    columns = honest(rows)
    spoil(columns)
    return table_of(columns)
