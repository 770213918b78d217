import numpy as np
import pyarrow as pa
import pytest

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.models import Signature
from pressroom.values import FieldSchema


@pytest.fixture
def blobs():
    return MemoryBlobs()


@pytest.fixture
def signature():
    return Signature(
        inputs=(
            FieldSchema(name="plane.delay_24h", type="float", unit="min", optional=True),
            FieldSchema(name="distance", type="float", unit="km"),
            FieldSchema(name="hour", type="int"),
        ),
        output=FieldSchema(name="late", type="float", unit="probability"),
    )


@pytest.fixture
def table():
    """300 flights: long and late-evening ones, and those of late planes, tend to be late."""
    draw = np.random.default_rng(5)
    delay, distance = draw.normal(10, 20, 300), draw.uniform(100, 4000, 300)
    hour = draw.integers(5, 23, 300)
    margin = delay / 20 + distance / 3000 + (hour - 14) / 6 + draw.normal(0, 1, 300) - 1
    null = draw.random(300) < 0.1
    return pa.table(
        {
            "plane.delay_24h": pa.array(delay, mask=null),
            "distance": distance,
            "hour": hour,
            "carrier": pa.array(draw.choice(["AA", "UA", "WN"], 300).tolist()),
            "late": (margin > 0).astype(np.float64),
        }
    )
