"""Window sums that do not rot: prefix sums whose differences are correctly rounded exact sums.

A difference of ordinary prefix sums carries the rounding errors of everything before the window, one huge value spoils
every later window, and one NaN spoils all. Here the sum of a window is the float nearest to the exact sum of its
values, whatever the order of the column: what `math.fsum` gives, but that a sum beyond the largest float is +-inf
instead of an error. NaN and infinities touch exactly the windows that hold them; inf and -inf together are NaN.
"""

from dataclasses import dataclass

import numpy as np

from pressroom.stats.layers import Layers, layers_of, prefix_counts, rounded_differences, splits_of
from pressroom.stats.limbs import Floats, Ints, Split, blocks, survey
from pressroom.values import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixSums:
    """Prefix sums of `rows` values in one order. Make it with `prefix_sums` or `paired_prefix_sums`.

    `strange` counts NaN, +inf and -inf before each place (shape 3 x rows + 1), or is None when there are none.
    """

    rows: int
    layers: Layers
    strange: Ints | None

    def between(self, low: Ints, high: Ints) -> Floats:
        """The sums of values[low[i]:high[i]]; 0.0 for an empty range. Refuses what is not 0 <= low <= high <= rows."""
        if len(low) != len(high):
            raise _no_range()
        out = np.empty(len(low))
        for block in blocks(len(low)):
            if (low[block] > high[block]).any():
                raise _no_range()
            out[block] = self._less(self, high[block], low[block])
        return out

    def differences(self, other: "PrefixSums", upto_self: Ints, upto_other: Ints) -> Floats:
        """The sums of self's first upto_self[i] values less those of other's first upto_other[i].

        `other` must come from the same `paired_prefix_sums` as self. With "entered" as self and "left" as other this is
        the sum of what is inside. What both hold cancels exactly, NaN and infinities too.
        """
        if len(upto_self) != len(upto_other):
            raise _no_range()
        if [layer.exponents for layer in self.layers] != [layer.exponents for layer in other.layers]:
            raise InvalidInput("These prefix sums lie on different grids.", next_step="Make them as one pair.")
        out = np.empty(len(upto_self))
        for block in blocks(len(out)):
            out[block] = self._less(other, upto_self[block], upto_other[block])
        return out

    def _less(self, other: "PrefixSums", upto_self: Ints, upto_other: Ints) -> Floats:
        if min(upto_self.min(), upto_other.min()) < 0 or upto_self.max() > self.rows or upto_other.max() > other.rows:
            raise _no_range()
        out = rounded_differences(self.layers, other.layers, upto_self, upto_other)
        if self.strange is not None and other.strange is not None:
            _set_strange(out, self.strange[:, upto_self] - other.strange[:, upto_other])
        return out


def prefix_sums(values: Floats) -> PrefixSums:
    """Prefix sums of a column (1-d, float64) in the order it has."""
    splits, strange = _taken_apart(values)
    return _in_order(len(values), splits, strange, None)


def paired_prefix_sums(values: Floats, order_a: Ints | None, order_b: Ints | None) -> tuple[PrefixSums, PrefixSums]:
    """Prefix sums of one column in two orders, such as that of entering a window and that of leaving it.

    Both orders are permutations of the column's places: order[k] is the place of the k-th value; None is the order that
    the column has. The differences of the two are exact: see `PrefixSums.differences`.
    """
    rows = len(values)
    if any(order is not None and len(order) != rows for order in (order_a, order_b)):
        raise InvalidInput("An order must name every value once.", next_step="Pass permutations of the places.")
    splits, strange = _taken_apart(values)
    return _in_order(rows, splits, strange, order_a), _in_order(rows, splits, strange, order_b)


def _taken_apart(values: Floats) -> tuple[tuple[Split, ...], Ints | None]:
    """The column in limbs, with 0 for what is not finite; and where NaN, +inf and -inf are, as ones."""
    if values.ndim != 1 or values.dtype != np.float64:
        raise InvalidInput("Exact sums want one column of float64.", next_step="Convert it with astype(numpy.float64).")
    seen = survey(values)
    if np.isfinite(seen.largest):
        return splits_of(values, seen), None
    strange = np.stack([np.isnan(values), values == np.inf, values == -np.inf]).astype(np.int64)
    finite = np.where(np.isfinite(values), values, 0.0)
    return splits_of(finite, survey(finite)), strange


def _in_order(rows: int, splits: tuple[Split, ...], strange: Ints | None, order: Ints | None) -> PrefixSums:
    counts = None if strange is None else prefix_counts(strange, order)
    return PrefixSums(rows=rows, layers=layers_of(splits, order), strange=counts)


def _no_range() -> InvalidInput:
    return InvalidInput(
        "A range lies outside its column, or starts or ends without the other.",
        next_step="Give as many ends as starts, with 0 <= low <= high <= rows.",
    )


def _set_strange(out: Floats, counts: Ints) -> None:
    nan, plus, minus = counts
    up = (plus > 0) | (minus < 0)
    down = (minus > 0) | (plus < 0)
    out[up] = np.inf
    out[down] = -np.inf
    out[(nan != 0) | (up & down)] = np.nan
