import numpy as np
import pytest

from pressroom.models import Signature, SignatureMismatch, inputs_from_columns
from pressroom.values import FieldSchema

SIGNATURE = Signature(
    inputs=(
        FieldSchema(name="a", type="float"),
        FieldSchema(name="b", type="int", optional=True),
        FieldSchema(name="c", type="string", optional=True),
    ),
    output=FieldSchema(name="p", type="float"),
)


def test_columns_become_inputs_and_null_becomes_nan():
    given = np.array([1.0, 2.0])
    made = inputs_from_columns(SIGNATURE, {"a": given, "b": [3, None], "c": ["x", None], "more": [1, 2]})
    assert made["a"] is given
    assert made["b"].tolist()[0] == 3.0
    assert np.isnan(made["b"][1])
    assert made["c"].tolist() == ["x", None]
    assert set(made) == {"a", "b", "c"}


def test_what_is_known_to_be_finite_is_not_looked_at():
    given = np.array([1.0, np.nan])
    made = inputs_from_columns(SIGNATURE, {"a": given, "b": [1, 2], "c": ["x", "y"]}, finite=("a", "c"))
    assert made["a"] is given
    assert made["c"].tolist() == ["x", "y"]


@pytest.mark.parametrize("values", [[1.0, None], np.array([1.0, np.nan])])
def test_null_where_none_may_be_is_named(values):
    with pytest.raises(SignatureMismatch, match="Row 1: the input 'a' is null"):
        inputs_from_columns(SIGNATURE, {"a": values, "b": [1, 2], "c": ["x", "y"]})


def test_a_missing_column_is_named():
    with pytest.raises(SignatureMismatch, match="'b' is missing"):
        inputs_from_columns(SIGNATURE, {"a": [1.0]})
