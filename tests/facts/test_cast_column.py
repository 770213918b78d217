"""Whole columns: the same as value by value, only faster."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.facts import EXPECTED, INSTANT, cast_value
from pressroom.facts.cast_column import Misfit, cast_column

TEXTS = [
    "1", "-7", "1.5", "1e3", "0x1F", "0X1f", "1_0", " 12 ", "+5", "nan", "inf", "Infinity", "", "x", "true", "False",
    "9223372036854775808", "1e400", "٣", "2013-01-01T00:00Z", "2013-01-01 00:00:00+02", "2013-01-01T00:00",
    "2013-01-01", "2013-01-01T00:00:00.1234567Z", "20130101T000000Z", "2013-01-01T24:00Z", "0001-01-01T00:00+14:00",
]  # fmt: skip
kinds = st.sampled_from(["int", "float", "bool", "string", "timestamp"])


def cast(values, kind, storage=None, zone=None):
    column, misfits = cast_column(pa.chunked_array([pa.array(values, storage)]), kind, zone=zone)
    return (column.cast(pa.int64()) if kind == "timestamp" else column).to_pylist(), misfits


@given(values=st.lists(st.sampled_from([*TEXTS, None]), max_size=6), kind=kinds, as_bytes=st.booleans())
def test_a_column_of_text_is_read_as_its_values_are(values, kind, as_bytes):
    given_ = [value.encode() if as_bytes and value is not None else value for value in values]
    got, misfits = cast(given_, kind, pa.binary() if as_bytes else pa.string())
    want, rows = [], []
    for row, value in enumerate(values):
        try:
            want.append(None if value is None else cast_value(value, kind))
        except ValueError:
            want.append(None)
            rows.append(row)
    if "0001-01-01T00:00+14:00" in values and kind == "timestamp":
        return  # an instant before the year 1: its own test is below
    assert repr(got) == repr(want)
    assert [misfit.row for misfit in misfits] == rows


def test_misfits_name_row_value_and_expectation_and_leave_the_others():
    got, misfits = cast(["1", "x", None, "y" * 100], "float")
    assert got == [1.0, None, None, None]
    assert misfits == [
        Misfit(row=1, value="x", expected="a number"),
        Misfit(row=3, value="y" * 77 + "...", expected="a number"),
    ]


@pytest.mark.parametrize(
    ("values", "storage", "kind", "want"),
    [
        ([1.0, 2.0], pa.float32(), "int", [1, 2]),
        ([1, 2], pa.int8(), "float", [1.0, 2.0]),
        ([2**60 + 1], pa.int64(), "float", [float(2**60)]),
        (["a", None], pa.dictionary(pa.int32(), pa.string()), "string", ["a", None]),
        (["a"], pa.large_string(), "string", ["a"]),
        (["a"], pa.string_view(), "string", ["a"]),
        ([Decimal("1.50"), None], pa.decimal128(5, 2), "float", [1.5, None]),
        ([1_000], pa.timestamp("s", "Europe/Berlin"), "timestamp", [1_000_000_000]),
        ([1_357_000_000_000_000_999], pa.timestamp("ns", "UTC"), "timestamp", [1_357_000_000_000_000]),
        ([None, None], pa.null(), "float", [None, None]),
    ],
)
def test_other_types_that_mean_the_same_are_taken(values, storage, kind, want):
    assert cast(values, kind, storage) == (want, [])


@pytest.mark.parametrize(
    ("values", "storage", "kind"),
    [
        ([1.5], pa.float64(), "int"),
        ([2**63], pa.uint64(), "int"),
        ([True], pa.bool_(), "int"),
        ([True], pa.bool_(), "float"),
        ([1], pa.int64(), "bool"),
        ([1], pa.int64(), "string"),
        ([1], pa.int64(), "timestamp"),
        ([date(2013, 1, 1)], pa.date32(), "timestamp"),
        ([{"a": 1}], pa.struct({"a": pa.int64()}), "float"),
        ([[1]], pa.list_(pa.int64()), "int"),
        ([b"\xff"], pa.binary(), "string"),
    ],
)
def test_types_that_mean_something_else_are_misfits(values, storage, kind):
    got, misfits = cast(values, kind, storage)
    assert got == [None]
    assert [(misfit.row, misfit.expected) for misfit in misfits] == [(0, EXPECTED[kind])]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_naive_columns_need_a_zone(unit):
    hour = 3_600 * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    got, misfits = cast([hour], "timestamp", pa.timestamp(unit))
    assert (got, len(misfits)) == ([None], 1)
    assert misfits[0].expected.endswith("this one is naive: name the zone it is local to")
    assert cast([hour], "timestamp", pa.timestamp(unit), zone="Europe/Berlin") == ([0], [])


@pytest.mark.parametrize("instant", [2**62, -(2**62), 253_402_300_800_000_000, -62_135_596_800_000_001])
def test_instants_outside_the_calendar_are_misfits(instant):
    got, misfits = cast([0, instant], "timestamp", INSTANT)
    assert got == [0, None]
    assert misfits == [Misfit(row=1, value=f"{instant} us since 1970", expected=EXPECTED["timestamp"])]
    assert len(cast([0, instant], "timestamp", pa.timestamp("us"), zone="UTC")[1]) == 1
    assert len(cast([0, 2**62], "timestamp", pa.timestamp("s", "UTC"))[1]) == 1


def test_an_offset_that_leads_before_the_year_one_is_a_misfit():
    assert [misfit.row for misfit in cast(["2013-01-01T00:00Z", "0001-01-01T00:00+14:00"], "timestamp")[1]] == [1]
