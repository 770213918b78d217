"""The column of a composite key says for each row what `compose_key` says of it."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pressroom.facts import key_column, with_key
from pressroom.values import compose_key

VALUES = st.one_of(st.none(), st.text(max_size=5), st.sampled_from(["", "1", "11", "a+b", ":", "é", "𝄞𝄞"]))


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=12), st.integers(0, 12))
def test_the_column_is_that_of_its_rows(rows, cut):
    whole = pa.table({name: pa.array([row[k] for row in rows], pa.string()) for k, name in enumerate("abc")})
    table = pa.concat_tables([whole.slice(0, cut), whole.slice(cut)])
    assert key_column(table, "c+a").to_pylist() == [compose_key([row[2], row[0]]) for row in rows]
    assert key_column(table, "a+b+c").to_pylist() == [compose_key(row) for row in rows]
    assert key_column(table, "b").to_pylist() == [row[1] for row in rows]


def test_a_composite_column_is_added_once_and_a_single_one_is_there():
    table = pa.table({"a": ["x", None], "b": ["y", "z"]})
    assert with_key(table, "a") is table
    added = with_key(table, "a+b")
    assert added.column_names == ["a", "b", "a+b"]
    assert added["a+b"].to_pylist() == ["1:x1:y", None]
    assert with_key(added, "a+b") is added
