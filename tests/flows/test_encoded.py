"""What steps hand to each other comes back as it was, and equal data has equal bytes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.flows.encoded import decode, encode
from pressroom.flows.errors import BadFlow

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text()
DATA = st.recursive(
    SCALARS | st.binary(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def again(value, annotation=object):
    encoded = encode(value, what="it", annotation=annotation)
    return decode(encoded.form, encoded.content, annotation=annotation)


@given(DATA)
def test_plain_data_comes_back_equal_and_of_the_same_types(value):
    back = again(value)
    assert back == value
    assert type(back) is type(value)


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2))
def test_a_mapping_comes_back_in_its_order(value):
    turned = dict(reversed(value.items()))
    assert list(again(turned)) == list(turned)


def test_nan_is_as_nan():
    assert np.isnan(again(float("nan")))


@pytest.mark.parametrize("dtype", ["float64", "int8", "<U3", "datetime64[us]", "bool"])
def test_arrays_come_back_with_their_type_and_shape(dtype):
    value = np.zeros((2, 3), dtype=dtype)
    back = again(value)
    assert back.dtype == value.dtype
    assert back.shape == (2, 3)


def test_a_table_is_identified_by_its_rows_not_by_how_it_was_put_together():
    whole = pa.table({"x": [1, 2, 3]})
    pieces = pa.concat_tables([whole.slice(0, 1), whole.slice(1)])
    assert encode(whole, what="it").content == encode(pieces, what="it").content
    assert again(pieces).equals(whole)


def test_a_file_is_its_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").write_bytes(b"x")
    one, other = (encode(tmp_path / name, what="it") for name in "ab")
    assert one == other


@dataclass
class Fit:
    rate: float


def test_a_dataclass_comes_back_as_what_the_annotation_says():
    assert again(Fit(rate=1.0), Fit) == Fit(rate=1.0)


@pytest.mark.parametrize("value", [(1, 2), {1, 2}, Fit(rate=1.0), object(), lambda: 1, [object()]])
def test_what_would_come_back_as_something_else_is_refused(value):
    with pytest.raises(BadFlow):
        encode(value, what="it")


def test_objects_in_arrays_and_missing_files_are_refused():
    with pytest.raises(BadFlow, match="array of objects"):
        encode(np.array([object()]), what="it")
    with pytest.raises(BadFlow, match="No such file"):
        encode(Path("nowhere"), what="it")
