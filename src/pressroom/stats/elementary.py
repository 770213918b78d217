"""Exponential, logarithm, sine and cosine that have the same bits on every machine, for one number and for many.

A processor's or a C library's own versions differ in the last bit from one another (numpy 2.4 with and without AVX-512:
2 % of exponentials, 3 % of log1p). These are made of nothing but additions, multiplications, divisions and scaling by
powers of two, each of which IEEE 754 rounds in one way. Errors stay below about one unit in the last place; sine and
cosine hold up to 2 ** 20, beyond which they are NaN.

Formulas: argument reduction by Cody and Waite (Software Manual for the Elementary Functions, 1980); then the series of
r coth(r / 2), artanh, sine and cosine (Abramowitz and Stegun 4.5.67, 4.6.33, 4.3.65, 4.3.66).
"""

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FARTHEST = float(1 << 20)
"""Beyond, a sine of a float says nothing about the number that the float stands for."""

_LN2 = Fraction("0.693147180559945309417232121458176568075500134360255254120680009493393621969694715605863327")
_HALF_PI = Fraction("1.570796326794896619231321691639751442098584699687552910487472296153908203143104499314")


def _pieces(number: Fraction, *, bits: int, count: int) -> tuple[float, ...]:
    """A number in pieces of so few bits that products with whole numbers of the others are exact; the last has all."""
    pieces: list[float] = []
    for place in range(1, count):
        steps = (number - sum(map(Fraction, pieces), Fraction(0))) * 2 ** (bits * place)
        pieces.append(float(Fraction(math.floor(steps), 2 ** (bits * place))))
    return (*pieces, float(number - sum(map(Fraction, pieces), Fraction(0))))


_LN2_HIGH, _LN2_LOW = _pieces(_LN2, bits=32, count=2)
_PI_1, _PI_2, _PI_3 = _pieces(_HALF_PI, bits=32, count=3)
_PER_LN2, _PER_HALF_PI = float(1 / _LN2), float(1 / _HALF_PI)
_COTH = tuple(float(Fraction(n, d)) for n, d in ((1, 6), (-1, 360), (1, 15_120), (-1, 604_800), (1, 23_950_080),
                                                 (-691, 653_837_184_000)))  # fmt: skip
_ARTANH = tuple(2.0 / odd for odd in range(3, 25, 2))
_SINE = tuple((-1.0) ** k / math.factorial(2 * k + 1) for k in range(1, 9))
_COSINE = tuple((-1.0) ** k / math.factorial(2 * k) for k in range(2, 10))


def exp(x: Floats) -> Floats:
    """e to the power of x; inf above 709.78, 0 below -745.13."""
    x = np.where(x > 710.0, 710.0, np.where(x < -746.0, -746.0, x))
    k = np.rint(x * _PER_LN2)
    low = k * _LN2_LOW
    high = x - k * _LN2_HIGH
    r = high - low
    c = r - _series(r * r, _COTH)
    power = 1.0 + (high - (low - r * c / (2.0 - c)))
    twos = np.where(k == k, k, 0.0).astype(np.int64)
    half = twos >> 1
    # In two steps, since 2 ** 1024 is no float and results below 2 ** -1022 must be rounded once.
    return np.ldexp(np.ldexp(power, half), twos - half)


def log(x: Floats) -> Floats:
    """The natural logarithm; -inf of 0, NaN below."""
    m, k = np.frexp(x)
    small = m < math.sqrt(0.5)
    m, k = np.where(small, m + m, m), np.where(small, k - 1, k).astype(np.float64)
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    found = k * _LN2_HIGH + (f - (s * (f - _series(z, _ARTANH)) - k * _LN2_LOW))
    found = np.where(x == math.inf, x, found)
    return np.where(x == 0.0, -math.inf, np.where(x < 0.0, math.nan, found))


def log1p(x: Floats) -> Floats:
    """The natural logarithm of 1 + x, right for small x too."""
    whole = 1.0 + x
    lost = x - (whole - 1.0)
    found = log(whole) + np.where(np.isfinite(lost) & (whole > 0.0), lost / whole, 0.0)
    return np.where(np.abs(x) < 2.0**-53, x, found)


def sin(x: Floats) -> Floats:
    """The sine of x, in radians."""
    r, quarter = _reduced(x)
    sine, cosine = _sine_and_cosine(r)
    found = np.where(quarter & 1, cosine, sine)
    return np.where(x == 0.0, x, np.where(quarter & 2, -found, found))


def cos(x: Floats) -> Floats:
    """The cosine of x, in radians."""
    r, quarter = _reduced(x)
    sine, cosine = _sine_and_cosine(r)
    found = np.where(quarter & 1, sine, cosine)
    return np.where((quarter + 1) & 2, -found, found)


def _reduced(x: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """What is left of x when the nearest whole number of right angles is taken away, and that number."""
    x = np.where(np.abs(x) <= FARTHEST, x, math.nan)
    k = np.rint(x * _PER_HALF_PI)
    r = ((x - k * _PI_1) - k * _PI_2) - k * _PI_3
    return r, np.where(k == k, k, 0.0).astype(np.int64)


def _sine_and_cosine(r: Floats) -> tuple[Floats, Floats]:
    z = r * r
    sine = r + r * _series(z, _SINE)
    cosine = 1.0 - (0.5 * z - z * _series(z, _COSINE))
    return sine, cosine


def _series(z: Floats, terms: tuple[float, ...]) -> Floats:
    """terms[0] z + terms[1] z ** 2 + ..., from the last term on."""
    total = z * terms[-1]
    for term in reversed(terms[:-1]):
        total = (total + term) * z
    return total
