"""Vectors: columns of lists, the same as list by list, only faster."""

import math
import struct

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.facts.cast_field import cast_column_to_field, cast_to_field
from pressroom.values import FieldSchema

FIELD = FieldSchema(name="v", type="vector", length=3, optional=True)
numbers = st.one_of(
    st.none(),
    st.floats(width=64),
    st.sampled_from([0.1, 1e39, -3.5e38, 3.4028235677973366e38, math.nan, math.inf, 1e-50, -0.0]),
)
lists = st.one_of(
    st.none(), st.lists(numbers, min_size=2, max_size=4), st.lists(st.floats(-9, 9), min_size=3, max_size=3)
)


def as_32_bits(number: float) -> float | None:
    """The nearest 32-bit float, by the struct module; None where it would be infinite."""
    try:
        return struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return None


def expected(value: list[float | None] | None) -> list[float] | None:
    if value is None or len(value) != 3 or any(one is None or not math.isfinite(one) for one in value):
        return None
    narrow = [as_32_bits(one) for one in value]
    return None if None in narrow else narrow


def cast(column, field=FIELD, **more):
    return cast_column_to_field(
        column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column]), field, **more
    )


def lists_as(kind, values):
    if kind == "fixed":
        values = [value if value is None or len(value) == 3 else [None] * 3 for value in values]
        return pa.array(values, pa.list_(pa.float64(), 3)), values
    storage = {"list": pa.list_, "large": pa.large_list, "view": pa.list_view}[kind](pa.float64())
    return pa.array(values, storage), values


@given(
    st.lists(lists, max_size=8),
    st.sampled_from(["list", "large", "fixed", "view"]),
    st.integers(0, 3),
)
def test_a_column_of_lists_is_read_as_its_lists_are(values, kind, start):
    column, values = lists_as(kind, values)
    column, values = pa.chunked_array([column.slice(start), column.slice(0, start)]), values[start:] + values[:start]
    got, misfits = cast(column)
    assert got.type == pa.list_(pa.float32())
    assert got.to_pylist() == [expected(value) for value in values]
    assert [one.row for one in misfits] == [
        row for row, value in enumerate(values) if value is not None and expected(value) is None
    ]
    got.validate(full=True)


@given(st.lists(numbers, max_size=4))
def test_one_list_is_read_as_a_column_of_it_is(value):
    _, misfits = cast(pa.array([value], pa.list_(pa.float64())))
    if not misfits:
        assert cast_to_field(value, FIELD) == expected(value)
        return
    with pytest.raises(ValueError, match="a list of 3") as refused:
        cast_to_field(value, FIELD)
    assert [one.expected for one in misfits] == [str(refused.value)]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([1.0, 2.0], "a list of 3 numbers; this one has 2"),
        ([1.0, None, 2.0], "a list of 3 numbers; one of these is null"),
        ([1.0, math.nan, 2.0], "a list of 3 numbers; one of these is NaN or infinite"),
        ([1.0, 1e39, 2.0], "a list of 3 numbers of 32 bits; one of these is too large"),
        ([True, False, True], "a list of 3 numbers"),
        (["1", "2", "3"], "a list of 3 numbers"),
        ([[1.0], [2.0], [3.0]], "a list of 3 numbers"),
        ({"a": 1}, "a list of 3 numbers"),
        (7, "a list of 3 numbers"),
        ("[1, 2", "a list of 3 numbers, in text like [0.5, 1]"),
        ("[1, NaN, 2]", "a list of 3 numbers, in text like [0.5, 1]"),
        ("[1, 2, true]", "a list of 3 numbers, in text like [0.5, 1]"),
        ("1,2,3", "a list of 3 numbers, in text like [0.5, 1]"),
        (b"\xff[1]", "a list of 3 numbers, in text like [0.5, 1]"),
        ("[" * 100_000, "a list of 3 numbers, in text like [0.5, 1]"),
        ([10**400, 1, 2], "a list of 3 numbers"),
    ],
)
def test_what_is_no_vector_is_said(value, sentence):
    with pytest.raises(ValueError, match="a list") as refused:
        cast_to_field(value, FIELD)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "column",
    [
        pa.array([b"[1, 2, 3]", b" [1.0,2e0, 3] "]),
        pa.array(["[1, 2, 3]", "[1,2,3]"]),
        pa.array([[1, 2, 3]] * 2, pa.list_(pa.int64())),
        pa.array([[1, 2, 3]] * 2, pa.list_(pa.float16())),
        pa.array([[1, 2, 3]] * 2, pa.list_(pa.decimal128(9, 2))),
        pa.array([[1, 2, 3]] * 2, pa.list_(pa.float32(), 3)),
        pa.FixedShapeTensorArray.from_numpy_ndarray(np.array([[1.0, 2.0, 3.0]] * 2)),
        pa.array([np.array([1.0, 2.0, 3.0], np.float32)] * 2),
    ],
)
def test_lists_of_any_number_and_their_text_are_taken(column):
    got, misfits = cast(column)
    assert misfits == []
    assert got.to_pylist() == [[1.0, 2.0, 3.0]] * 2


def test_the_list_is_shown_shortened():
    _, (misfit,) = cast(pa.array([[0.5] * 40]))
    assert misfit.value == "[" + "0.5, " * 15 + "0..."
    assert misfit.row == 0


def test_many_vectors_are_read_piece_by_piece(monkeypatch):
    monkeypatch.setattr("pressroom.facts.vectors._AT_ONCE", 7)
    values = [[float(n), 0.0, 1.0] if n % 3 else [1.0] for n in range(20)]
    got, misfits = cast(pa.array(values))
    assert got.to_pylist() == [value if len(value) == 3 else None for value in values]
    assert [one.row for one in misfits] == list(range(0, 20, 3))
