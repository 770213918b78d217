"""Bills add up."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pressroom.costs import Usage, bill, default_price_book

USAGES = st.builds(
    Usage,
    cpu_s=st.floats(0, 1e6),
    wall_s=st.floats(0, 1e6),
    peak_bytes=st.integers(0, 10**12),
    read_bytes=st.integers(0, 10**12),
    written_bytes=st.integers(0, 10**12),
)


@given(st.lists(st.tuples(st.sampled_from(["load", "train", "score"]), USAGES), max_size=12))
def test_a_bill_has_one_line_a_step_and_its_total_is_their_sum(usages):
    book = default_price_book()
    got = bill(usages, book)
    assert [line.step for line in got.lines] == list(dict.fromkeys(step for step, _ in usages))
    for line in got.lines:
        of_step = [usage for step, usage in usages if step == line.step]
        assert line.cpu_s == float(sum(Fraction(usage.cpu_s) for usage in of_step))
        assert line.wall_s == float(sum(Fraction(usage.wall_s) for usage in of_step))
        assert line.read_bytes == sum(usage.read_bytes for usage in of_step)
        assert line.written_bytes == sum(usage.written_bytes for usage in of_step)
        assert line.usd == float(sum(Fraction(book.price(usage).usd) for usage in of_step))
    assert got.total_usd == float(sum(Fraction(line.usd) for line in got.lines))
    assert got.book_version == book.version


def test_an_empty_bill_costs_nothing():
    assert bill([], default_price_book()).total_usd == 0.0
