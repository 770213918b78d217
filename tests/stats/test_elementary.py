import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.stats import cos, exp, log, log1p, sin
from pressroom.stats.elementary import _HALF_PI, _PI_1, _PI_2, _PI_3, FARTHEST

NUMBERS = np.array([-3.7, -0.3, 1e-9, 0.1, 0.7, 1.0, 2.5, 33.3, 700.1, 5e-324, 1.7e308])
ALL = {"exp": exp, "log": log, "log1p": log1p, "sin": sin, "cos": cos}


@pytest.fixture(autouse=True)
def _silent():
    with np.errstate(all="ignore"):
        yield


def ulps(found, wanted):
    return abs(Fraction(found) - Fraction(wanted)) / Fraction(math.ulp(wanted))


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("exp", -700, 700), ("log", 5e-324, 1e300), ("log1p", -0.99, 1e6), ("sin", -3, 3), ("cos", -3, 3)],
)
def test_answers_are_within_two_units_in_the_last_place(name, low, high):
    numbers = np.concatenate([np.linspace(low, high, 5_000), np.geomspace(1e-12, max(high, 1), 5_000)])
    numbers = numbers[(numbers >= low) & (numbers <= high)]
    far = [
        ulps(found, getattr(math, name)(x))
        for found, x in zip(ALL[name](numbers).tolist(), numbers.tolist(), strict=True)
    ]
    assert max(far) <= 2


def test_the_same_bits_are_written_here_as_anywhere():
    found = {name: np.frombuffer(function(NUMBERS).tobytes(), np.uint64).tolist() for name, function in ALL.items()}
    assert {name: hash_of(bits) for name, bits in found.items()} == BITS


def hash_of(bits):
    return sum(bit * 31**place for place, bit in enumerate(bits) if bit not in NOT_A_NUMBER) % 2**64


NOT_A_NUMBER = {0x7FF8000000000000, 0xFFF8000000000000}
BITS = {
    "exp": 1_506_904_789_901_803_248,
    "log": 15_320_647_360_800_818_724,
    "log1p": 3_046_370_481_270_413_879,
    "sin": 11_438_708_186_050_521_763,
    "cos": 17_125_122_869_039_414_343,
}
"""Of the answers as they were worked out once: another machine that gives others breaks a promise."""


@given(st.lists(st.floats(), min_size=1, max_size=9))
def test_a_number_has_the_same_answer_alone_and_among_others(numbers):
    for function in ALL.values():
        many = function(np.array(numbers))
        alone = np.array([function(np.array([number]))[0] for number in numbers])
        assert np.array_equal(many.view(np.uint64), alone.view(np.uint64)) or np.isnan(many).any()
        assert np.array_equal(many, alone, equal_nan=True)


def test_the_ends_are_what_they_are():
    ends = np.array([math.inf, -math.inf, math.nan, 0.0, -1.0])
    assert exp(ends).tolist()[:2] == [math.inf, 0.0]
    assert np.array_equal(log(ends), [math.inf, math.nan, math.nan, -math.inf, math.nan], equal_nan=True)
    assert np.array_equal(log1p(ends), [math.inf, math.nan, math.nan, 0.0, -math.inf], equal_nan=True)
    assert np.isnan(sin(ends[:3])).all()
    assert exp(np.array([709.782712893384, 709.782712893385, -745.13, -745.14])).tolist() == [
        pytest.approx(1.797693134862273e308, rel=1e-13), math.inf, 5e-324, 0.0,
    ]  # fmt: skip


def test_angles_beyond_what_a_float_can_say_are_nan():
    assert np.isnan(sin(np.array([FARTHEST * 1.01]))).all()
    assert cos(np.array([FARTHEST])).tolist() == [pytest.approx(math.cos(FARTHEST), rel=1e-12)]


def test_right_angles_come_in_pieces_whose_products_with_whole_numbers_are_exact():
    assert abs(Fraction(_PI_1) + Fraction(_PI_2) + Fraction(_PI_3) - _HALF_PI) < Fraction(1, 2**110)
    for piece in (_PI_1, _PI_2):
        for number in (1, 667_543, int(FARTHEST)):
            assert Fraction(piece) * number == Fraction(piece * float(number))
