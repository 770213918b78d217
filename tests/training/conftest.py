import numpy as np
import pyarrow as pa
import pytest

from pressroom.values import FieldSchema


@pytest.fixture
def inputs():
    return (
        FieldSchema(name="plane.delay_24h", type="float", unit="min", optional=True),
        FieldSchema(name="distance", type="int", unit="km"),
        FieldSchema(name="carrier", type="string"),
        FieldSchema(name="scheduled", type="timestamp"),
    )


@pytest.fixture
def label():
    return FieldSchema(name="late", type="bool", doc="more than 15 min late", labels=("partner",))


@pytest.fixture
def table():
    """900 flights, late by three causes that each candidate sees more or less of; every tenth label not known yet."""
    draw = np.random.default_rng(11)
    n = 900
    delay, distance, carrier = draw.normal(0, 1, n), draw.integers(100, 4000, n), draw.integers(0, 3, n)
    margin = 1.5 * delay + 0.8 * (carrier - 1) + draw.normal(0, 0.7, n)
    return pa.table(
        {
            "plane.delay_24h": pa.array(delay, mask=draw.random(n) < 0.1),
            "distance": distance,
            "carrier": pa.array(np.array(["AA", "UA", "WN"])[carrier].tolist()),
            "scheduled": pa.array(np.arange(n) * 3_600_000_000, type=pa.timestamp("us", tz="UTC")),
            "label": pa.array((margin > 0.5).astype(float), mask=np.arange(n) % 10 == 3),
            "split": ["train"] * 600 + ["validate"] * 300,
        }
    )
