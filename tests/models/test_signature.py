import numpy as np
import pytest

from pressroom.models import Signature, SignatureMismatch, count_rows, matrix, take_rows
from pressroom.values import FieldSchema

OUTPUT = FieldSchema(name="late", type="float")
PAIR = Signature(
    inputs=(FieldSchema(name="b", type="float"), FieldSchema(name="a", type="float", optional=True)), output=OUTPUT
)


def test_a_matrix_has_the_signatures_order_whatever_the_inputs_order():
    rows = matrix(PAIR, {"a": np.array([1.0, np.nan]), "b": np.array([2.0, 3.0]), "c": np.zeros(2)})
    np.testing.assert_array_equal(rows, [[2.0, 1.0], [3.0, np.nan]])
    assert rows.flags.c_contiguous
    assert rows.dtype == np.float64


def test_every_missing_column_is_named():
    with pytest.raises(SignatureMismatch, match=r"'b', 'a' are missing"):
        matrix(PAIR, {"c": np.zeros(2)})


def test_a_string_is_no_number():
    named = Signature(inputs=(FieldSchema(name="carrier", type="string"),), output=OUTPUT)
    with pytest.raises(SignatureMismatch, match="carrier"):
        matrix(named, {"carrier": np.array(["AA"], dtype=object)})


def test_rows_are_counted_and_taken():
    inputs = {"a": np.array([1.0, 2.0, 3.0])}
    assert count_rows(inputs) == 3
    assert count_rows({}) == 0
    assert take_rows(inputs, np.array([2, 2, 0]))["a"].tolist() == [3.0, 3.0, 1.0]
