"""Composite keys as text: no two different rows of values read the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.values import InvalidInput, check_name, compose_key, compose_names, parts_of, readable_key, values_in

TEXTS = st.one_of(st.text(max_size=6), st.text("0123456789:+|,\0é𝄞", max_size=6))
ROWS = st.lists(TEXTS, min_size=1, max_size=4)


@given(ROWS, ROWS)
def test_keys_are_equal_only_where_all_values_are(one, other):
    other = other[: len(one)] + one[len(other) :]
    assert (compose_key(one) == compose_key(other)) == (one == other)


@given(ROWS)
def test_what_was_composed_comes_apart_again(values):
    assert values_in(compose_key(values), len(values)) == tuple(values)


@pytest.mark.parametrize(
    ("one", "other"), [(("1", "11"), ("11", "1")), (("a", "b+c"), ("a+b", "c")), (("", "a"), ("a", ""))]
)
def test_values_that_other_separators_confuse_stay_apart(one, other):
    assert compose_key(one) != compose_key(other)


@given(ROWS, st.integers(0, 4))
def test_a_null_anywhere_is_a_null_key(values, place):
    assert compose_key([*values[:place], None, *values[place:]]) is None


def test_one_alone_stays_as_it_is():
    assert compose_key(["a:b"]) == "a:b"
    assert compose_names(["tail"]) == "tail"
    assert parts_of("tail") == ("tail",)
    assert readable_key("3:JFK", 1) == "3:JFK"


def test_names_are_joined_by_what_no_name_has():
    assert parts_of(compose_names(["origin", "carrier"])) == ("origin", "carrier")
    assert readable_key("3:JFK2:AA", 2) == "JFK + AA"
    with pytest.raises(InvalidInput):
        check_name(compose_names(["origin", "carrier"]), what="a field")
