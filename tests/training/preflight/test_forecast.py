"""Forecasts from a few steps: memory as a line, time and money as a range."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.training.preflight.forecast import check_forecast, check_memory, forecast, memory_line
from pressroom.values import InvalidInput

MB = 1_000_000


@given(base=st.integers(50 * MB, 900 * MB), row=st.integers(1_000, 10 * MB), rows=st.integers(2, 5_000))
def test_a_line_through_two_sizes_tells_the_third(base, row, rows):
    line = memory_line([(size, base + row * size) for size in (rows, 2 * rows)])
    assert line.at(10 * rows) == pytest.approx(base + row * 10 * rows, rel=1e-6)


def test_memory_that_does_not_grow_with_rows_is_taken_as_it_is():
    line = memory_line([(10, 500 * MB), (20, 480 * MB)])
    assert line.at(1_000_000) == 500 * MB
    assert line.most_rows(600 * MB) is None


@pytest.mark.parametrize(("rows", "weights"), [(100, []), (850, ["warned"]), (2_000, ["refused"])])
def test_a_batch_that_will_not_fit_is_said_before_it_is_tried(rows, weights):
    line = memory_line([(10, 110 * MB), (20, 120 * MB)])
    found = check_memory(line, rows=rows, limit_bytes=1_100 * MB)
    assert [finding.weight for finding in found] == weights
    assert all("Take 780 rows at most" in finding.next_step for finding in found)


def test_one_size_makes_no_line():
    with pytest.raises(InvalidInput, match="One size"):
        memory_line([(10, MB), (10, MB)])


def test_the_first_step_is_warming_up():
    found = forecast([9.0, 1.0, 1.0, 1.0], steps=1_000, cost_per_s=0.001)
    assert (found.seconds, found.cost) == (1_000.0, pytest.approx(1.0))


def test_a_run_over_its_time_or_its_budget_is_refused():
    found = forecast([1.0, 1.1, 0.9, 1.0], steps=100_000, cost_per_s=0.01)
    late = check_forecast(found, most_s=3_600.0, budget=100.0, currency="EUR")
    assert [finding.check for finding in late] == ["too_long", "too_dear"]
    assert "25.3 h to 30.3 h, and may take 60.0 min" in late[0].message
    assert check_forecast(found, most_s=200_000.0, budget=2_000.0, currency="EUR") == ()


def test_a_run_that_may_or_may_not_end_in_time_is_warned_of():
    found = forecast([1.0, 1.0, 2.0, 1.0, 1.0], steps=3_600, cost_per_s=0.0)
    assert [each.weight for each in check_forecast(found, most_s=4_000.0, budget=None, currency="EUR")] == ["warned"]
