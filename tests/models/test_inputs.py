import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.models import Signature, SignatureMismatch, inputs_from_rows, inputs_from_table
from pressroom.values import FieldSchema

OUTPUT = FieldSchema(name="late", type="float")
TYPES = {
    "float": (st.floats(allow_nan=False), pa.float64()),
    "int": (st.integers(-(2**53), 2**53), pa.int64()),
    "bool": (st.booleans(), pa.bool_()),
    "timestamp": (st.integers(0, 2**52), pa.timestamp("us", tz="UTC")),
    "string": (st.text(), pa.string()),
}


def one(kind, *, optional=False):
    return Signature(inputs=(FieldSchema(name="x", type=kind, optional=optional),), output=OUTPUT)


@st.composite
def columns(draw):
    kinds = draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=5))
    count = draw(st.integers(0, 6))
    fields = tuple(FieldSchema(name=f"x{i}", type=kind, optional=True) for i, kind in enumerate(kinds))
    values = {
        field.name: draw(st.lists(st.none() | TYPES[field.type][0], min_size=count, max_size=count)) for field in fields
    }
    return Signature(inputs=fields, output=OUTPUT), values, count


def plainly(value):
    """What one cell must be, written without the code under test."""
    if value is None:
        return "null"
    return value if isinstance(value, str) else float(value)


def cell(value):
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "null"
    return value


@given(columns())
def test_rows_and_tables_of_the_same_values_give_the_same_inputs(drawn):
    signature, values, count = drawn
    rows = [{name: column[i] for name, column in values.items()} for i in range(count)]
    table = pa.table({f.name: pa.array(values[f.name], type=TYPES[f.type][1]) for f in signature.inputs})
    expected = {name: [plainly(value) for value in column] for name, column in values.items()}
    for inputs in (inputs_from_rows(signature, rows), inputs_from_table(signature, table)):
        assert {name: [cell(value) for value in column.tolist()] for name, column in inputs.items()} == expected


def test_a_plain_float_column_is_not_copied():
    values = np.arange(5.0)
    inputs = inputs_from_table(one("float"), pa.table({"x": values}))
    assert np.shares_memory(inputs["x"], values)


def test_chunked_columns_and_dictionaries_are_read():
    chunked = pa.chunked_array([[1.0], [None, 3.0]])
    np.testing.assert_array_equal(
        inputs_from_table(one("float", optional=True), pa.table({"x": chunked}))["x"], [1.0, np.nan, 3.0]
    )
    words = pa.array(["a", "b", "a"]).dictionary_encode()
    assert inputs_from_table(one("string"), pa.table({"x": words}))["x"].tolist() == ["a", "b", "a"]


def test_a_missing_required_column_is_named_and_a_missing_optional_one_is_null():
    with pytest.raises(SignatureMismatch, match="'x'"):
        inputs_from_table(one("float"), pa.table({"y": [1.0]}))
    assert np.isnan(inputs_from_table(one("float", optional=True), pa.table({"y": [1.0]}))["x"]).all()
    assert inputs_from_rows(one("string", optional=True), [{}])["x"].tolist() == [None]


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_null_in_a_required_input_is_refused_with_its_row(kind):
    strategy_type = TYPES[kind][1]
    good = "a" if kind == "string" else True if kind == "bool" else 1
    with pytest.raises(SignatureMismatch, match="Row 1: the input 'x' is null"):
        inputs_from_rows(one(kind), [{"x": good}, {"x": None}])
    with pytest.raises(SignatureMismatch, match="Row 1: the input 'x' is null"):
        inputs_from_table(one(kind), pa.table({"x": pa.array([good, None], type=strategy_type)}))


@pytest.mark.parametrize(
    ("kind", "value"),
    [("float", "3.5"), ("float", True), ("int", 1.5), ("int", "1"), ("bool", 1), ("timestamp", 0.5), ("string", 3)],
)
def test_a_value_of_another_type_is_refused_with_its_row(kind, value):
    with pytest.raises(SignatureMismatch, match="Row 0: the input 'x'"):
        inputs_from_rows(one(kind), [{"x": value}])


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [("int", 2.0, 2.0), ("int", np.int64(7), 7.0), ("float", np.float32(0.5), 0.5), ("bool", np.True_, 1.0)],
)
def test_numbers_of_json_and_numpy_are_taken(kind, value, expected):
    assert inputs_from_rows(one(kind), [{"x": value}])["x"].tolist() == [expected]


def test_a_number_beyond_64_bits_is_refused():
    with pytest.raises(SignatureMismatch, match="too large"):
        inputs_from_rows(one("int"), [{"x": 10**400}])


def test_a_table_column_of_another_type_is_refused():
    with pytest.raises(SignatureMismatch, match=r"float.*string"):
        inputs_from_table(one("float"), pa.table({"x": ["1"]}))
    with pytest.raises(SignatureMismatch, match=r"string.*int64"):
        inputs_from_table(one("string"), pa.table({"x": [1]}))
