"""Buckets, where everything is asked at once: composite keys, links, lists, sketches, and what is asked besides for
derived features; of facts that were corrected and taken back.
"""

import pyarrow as pa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.features.buckets.test_answers import KNOWN_AT, Backwards, by_buckets, whole
from tests.features.test_parity_histories import Telling
from tests.features.visits import QUESTION, Visit
from tests.features.visits_told import steps_of

from pressroom.facts import INSTANT
from pressroom.features import Asking, LabelAsked, spine

NEXT = LabelAsked(label=Visit.spent.next(within="2h", by=Visit.guest).label, key="guest", known_at=KNOWN_AT)


def asking_of(steps):
    asked = [row for step in steps for row in step.asked]
    columns = {name: pa.array([row[name] for row in asked], pa.string()) for name in ("guest", "place")}
    frame = pa.table(
        {
            "at": pa.array([row["as_of"] for row in asked], pa.int64()).cast(INSTANT),
            **columns,
            "price": pa.array([row["price"] for row in asked], pa.float64()),
        }
    )
    keys = {"guest": "guest", "place": "place"}
    return Asking(
        name="law", spine=spine(frame, as_of="at", keys=keys), question=QUESTION, known_at=KNOWN_AT, label=NEXT
    )


def written(column):
    """Which values of a column are null, and the others as bytes: what lies under nulls is nobody's business."""
    table = pa.table({"": column.drop_null().combine_chunks()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return column.is_null().to_pylist(), sink.getvalue().to_pybytes()


@settings(max_examples=20, phases=[Phase.reuse, Phase.generate])
@given(
    seed=st.integers(0, 2**48),
    histories=st.integers(2, 8),
    limit_bytes=st.integers(4_000, 16_000),
    backwards=st.booleans(),
)
def test_any_history_is_answered_with_the_same_bytes_by_any_number_of_buckets(
    new_floor, *, seed, histories, limit_bytes, backwards
):
    floor, steps = new_floor(), steps_of(seed, histories)
    telling = Telling(floor)
    for step in steps:
        telling.tell(step)
    asking = asking_of(steps)
    expected, in_memory = whole(floor.features, asking)
    assert in_memory
    features, scratch = by_buckets(floor, limit_bytes, Backwards() if backwards else None)
    found, in_memory = whole(features, asking)
    assert not in_memory
    for name in expected.column_names:
        assert written(found.column(name)) == written(expected.column(name)), name
    assert scratch.names() == [], "nothing is left"
