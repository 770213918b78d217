import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.projects import declared

from pressroom.monitoring import compare
from pressroom.monitoring.parity import _differs

INSTANT = pa.timestamp("us", tz="UTC")
KINDS = {
    "habit.deliveries_7d": pa.int64(), "habit.delay_7d": pa.float64(), "habit.last_delay": pa.float64(),
    "traffic.deliveries_12h": pa.int64(), "traffic.delay_12h": pa.float64(), "traffic.age": pa.float64(),
}  # fmt: skip
FLOATS = st.none() | st.sampled_from([0.0, 1.0, math.nan, math.inf, 1.0000000000000002])
INTS = st.none() | st.integers(0, 2)
ROW = st.tuples(*(INTS if kind == pa.int64() else FLOATS for kind in KINDS.values()))


@pytest.fixture(scope="module")
def question(tmp_path_factory):
    return declared(tmp_path_factory.mktemp("project")).endpoint("risk").question


def tables(served, recomputed):
    mine = {
        name.replace(".", "__"): pa.array([row[k] for row in served], t) for k, (name, t) in enumerate(KINDS.items())
    }
    theirs = {name: pa.array([row[k] for row in recomputed], t) for k, (name, t) in enumerate(KINDS.items())}
    return pa.table({"prediction_id": [f"p{n}" for n in range(len(served))], **mine}), pa.table(theirs)


def same(left, right):
    if left is None or right is None:
        return left is right
    return left == right or (left != left and right != right)


@given(st.lists(st.tuples(ROW, ROW), max_size=12))
def test_every_value_that_differs_is_counted_and_no_other(question, pairs):
    served, recomputed = [left for left, _ in pairs], [right for _, right in pairs]
    found = compare(question, *tables(served, recomputed))
    unequal = [
        (f"p{row}", name)
        for k, name in enumerate(KINDS)
        for row, (left, right) in enumerate(pairs)
        if not same(left[k], right[k])
    ]
    assert (found.checked, found.values, found.unequal) == (len(pairs), 6 * len(pairs), len(unequal))
    assert [(example.prediction_id, example.feature) for example in found.examples] == unequal[:20]
    assert dict(found.by_feature) == {n: sum(name == n for _, name in unequal) for n in {n for _, n in unequal}}


@pytest.mark.parametrize(
    ("served", "recomputed"),
    [
        (None, math.nan),
        (math.nan, None),
        (None, 0.0),
        (0.0, None),
        (0.0, math.nan),
        (math.nan, 0.0),
        (1.0, 1.0 + 1e-15),
    ],
)
def test_null_nan_zero_and_the_last_bit_are_told_apart(question, served, recomputed):
    left, right = (1, served, 1.0, 1, 1.0, 1.0), (1, recomputed, 1.0, 1, 1.0, 1.0)
    found = compare(question, *tables([left], [right]))
    assert found.unequal == 1
    (example,) = found.examples
    assert (example.prediction_id, example.feature) == ("p0", "habit.delay_7d")
    assert (example.served, example.recomputed) == (repr(served), repr(recomputed))


@pytest.mark.parametrize("value", [None, math.nan, 0.0, math.inf])
def test_the_same_is_the_same(question, value):
    row = (None, value, value, 0, value, value)
    assert compare(question, *tables([row], [row])).unequal == 0


def test_at_most_twenty_are_shown_and_all_are_counted(question):
    row, other = (1, 1.0, 1.0, 1, 1.0, 1.0), (2, 2.0, 2.0, 2, 2.0, 2.0)
    found = compare(question, *tables([row] * 50, [other] * 50))
    assert (found.unequal, len(found.examples)) == (300, 20)


LISTS = st.none() | st.lists(st.none() | st.sampled_from([0.0, 1.0, math.nan]), max_size=3)


@given(st.lists(st.tuples(LISTS, LISTS), max_size=8))
def test_lists_differ_in_length_in_any_value_and_from_null(pairs):
    columns = [pa.chunked_array([pa.array(side, pa.list_(pa.float64()))]) for side in zip(*pairs, strict=True)]
    columns = columns or [pa.chunked_array([], pa.list_(pa.float64()))] * 2
    wanted = [
        not ((left is None and right is None) or (None not in (left, right) and equal(left, right)))
        for left, right in pairs
    ]
    assert _differs(*columns).tolist() == wanted


def equal(left, right):
    return len(left) == len(right) and all(map(same, left, right))
