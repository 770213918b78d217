from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pressroom.models.partial.blocks import Block
from pressroom.models.partial.linear_parts import LinearParts
from pressroom.models.partial.rows import Rows
from pressroom.models.structure import Levels, Linear

NUMBER = st.one_of(st.floats(-1e6, 1e6), st.just(float("nan")))


def linear(weights, fills):
    names = tuple(f"x{place}" for place in range(len(weights)))
    return Linear(inputs=names, weights=tuple(weights), fills=tuple(fills), intercept=0.25, link="identity")


@given(
    weights=st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3),
    rows=st.lists(st.lists(NUMBER, min_size=3, max_size=3), min_size=1, max_size=9),
)
def test_sums_by_block_add_up_to_the_exact_sum_and_nulls_count_as_fills(weights, rows):
    known = linear(weights, (1.5, -2.0, 0.0))
    blocks = (Block(name="b", inputs=("x1",)), Block(name="a", inputs=("x0", "x2")))
    parts = LinearParts(known, blocks)
    matrix = np.array(rows)
    columns = {name: matrix[:, place] for place, name in enumerate(known.inputs)}
    joined = parts.join([parts.part(b.name, Rows.passing({n: columns[n] for n in b.inputs})) for b in blocks])
    for row, got in zip(rows, joined[:, 0].tolist(), strict=True):
        filled = [fill if value != value else value for value, fill in zip(row, known.fills, strict=True)]
        exact = Fraction(0.25) + sum(Fraction(w) * Fraction(x) for w, x in zip(weights, filled, strict=True))
        size = 1 + sum(abs(w * x) for w, x in zip(weights, filled, strict=True))
        assert abs(Fraction(got) - exact) <= Fraction(1e-14) * Fraction(size)


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 40), width=st.integers(1, 9))
def test_a_rows_sum_is_the_same_bits_whatever_other_rows_are_there(seed, rows, width):
    draw = np.random.default_rng(seed)
    known = linear(draw.normal(size=width).tolist(), draw.normal(size=width).tolist())
    parts = LinearParts(known, (Block(name="a", inputs=known.inputs),))
    matrix = draw.normal(size=(rows, width)) * 10.0 ** draw.integers(-8, 8, width)
    matrix[draw.random(matrix.shape) < 0.1] = np.nan
    together = parts.part("a", Rows.passing(dict(zip(known.inputs, matrix.T, strict=True))))[0]
    kept = parts.part("a", Rows.keep(dict(zip(known.inputs, matrix.T, strict=True))))[0]
    alone = [parts.part("a", Rows.passing(dict(zip(known.inputs, row[:, None], strict=True))))[0][0] for row in matrix]
    assert together.tolist() == kept.tolist() == alone


def test_texts_add_what_their_level_weighs():
    levels = Levels(input="city", values=("Paris", "Rome"), weights=(1.0, 2.0), null=0.5, other=-1.0)
    known = Linear(
        inputs=("x", "city"), weights=(3.0, 0.0), fills=(None, None), intercept=10.0, link="identity", levels=(levels,)
    )
    parts = LinearParts(known, (Block(name="a", inputs=("x",)), Block(name="b", inputs=("city",))))
    cities = np.array(["Rome", None, "Oslo", "Paris"], dtype=np.object_)
    one = parts.part("a", Rows.passing({"x": np.array([1.0])}))
    joined = parts.join([one, parts.part("b", Rows.passing({"city": cities}))])
    assert joined[:, 0].tolist() == [15.0, 13.5, 12.0, 14.0]
