"""Columns by span and names by count say the same as lists of their values would."""

from hypothesis import given
from hypothesis import strategies as st

from pressroom.serving.spans import Ids, Spans, spelled

spans = st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 6)), min_size=1, max_size=6)


@given(spans, st.data())
def test_spans_are_the_lists_that_they_stand_for(told, data):
    wanted = [value for value, count in told for _ in range(count)]
    found = Spans([value for value, _ in told], [count for _, count in told])
    assert (len(found), found.listed(), list(found)) == (len(wanted), wanted, wanted)
    place = data.draw(st.integers(-len(wanted), len(wanted) - 1))
    assert found[place] == wanted[place]
    assert found[1:-1] == wanted[1:-1]


@given(
    st.lists(
        st.tuples(st.sampled_from(["0123456789abcdef", "ffff00001111eeee"]), st.integers(0, 2**62), st.integers(1, 9)),
        min_size=1,
        max_size=5,
    )
)
def test_names_are_spelled_together_as_they_are_alone(told):
    ids = [Ids(prefix, first, count) for prefix, first, count in told]
    wanted = [f"{prefix}{number:016x}" for prefix, first, count in told for number in range(first, first + count)]
    assert [name for each in ids for name in each] == wanted
    assert [name for each in ids for name in each[:]] == wanted
    assert [bytes(row).decode("ascii") for row in spelled(ids)] == wanted
