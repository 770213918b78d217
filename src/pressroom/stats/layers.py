"""One column's prefix sums in limbs, in one order; values too far apart for one set of limbs lie in several layers."""

from dataclasses import dataclass

import numpy as np

from pressroom.stats.limbs import Floats, Ints, Split, Survey, split, survey
from pressroom.stats.rounding import rounded, rounded_exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Prefix sums of the limbs of one column, each with a 0 in front.

    `far` holds the places, sorted, of the values that these limbs can't hold: those values are the next layer's column.
    """

    limbs: tuple[Ints, ...]
    exponents: tuple[int, ...]
    far: Ints


Layers = tuple[Layer, ...]


def splits_of(values: Floats, seen: Survey) -> tuple[Split, ...]:
    """The column in limbs, then the values that those can't hold, and so on until nothing is left."""
    splits = [split(values, seen)]
    while len(splits[-1].far):
        values = values[splits[-1].far]
        splits.append(split(values, survey(values)))
    return tuple(splits)


def layers_of(splits: tuple[Split, ...], order: Ints | None) -> Layers:
    """Prefix sums of a split column in `order` (None: the order it has)."""
    layers: list[Layer] = []
    for part in splits:
        limbs = tuple(_prefixed(limb, order) for limb in part.limbs)
        far = part.far
        if order is not None and len(far):
            far, order = _far_in_order(far, order)
        layers.append(Layer(limbs=limbs, exponents=part.exponents, far=far))
    return tuple(layers)


def rounded_differences(first: Layers, second: Layers, upto_first: Ints, upto_second: Ints) -> Floats:
    """first's sums up to `upto_first` less second's up to `upto_second`, each rounded once."""
    sums = _limb_sums(first[0], second[0], upto_first, upto_second)
    out = rounded(sums, first[0].exponents)
    if len(first) == 1:
        return out
    exponents = list(first[0].exponents)
    far_sums: list[Ints] = []
    for place in range(1, len(first)):
        upto_first = np.searchsorted(first[place - 1].far, upto_first)
        upto_second = np.searchsorted(second[place - 1].far, upto_second)
        far_sums.extend(_limb_sums(first[place], second[place], upto_first, upto_second))
        exponents.extend(first[place].exponents)
    touched = np.flatnonzero(np.any([limb != 0 for limb in far_sums], axis=0))
    columns = [limb[touched].tolist() for limb in (*sums, *far_sums)]
    for place, *limbs in zip(touched.tolist(), *columns, strict=True):
        out[place] = rounded_exactly(limbs, exponents)
    return out


def prefix_counts(flags: Ints, order: Ints | None) -> Ints:
    """Of several rows of zeros and ones, how many ones stand before each place in `order`."""
    ordered = flags if order is None else flags[:, order]
    out = np.zeros((len(ordered), ordered.shape[1] + 1), dtype=np.int64)
    np.cumsum(ordered, axis=1, out=out[:, 1:])
    return out


def _prefixed(limb: Ints, order: Ints | None) -> Ints:
    out = np.empty(len(limb) + 1, dtype=np.int64)
    out[0] = 0
    np.cumsum(limb if order is None else limb[order], out=out[1:])
    return out


def _far_in_order(far: Ints, order: Ints) -> tuple[Ints, Ints]:
    """Where the far values come in `order`, and the order in which they do, as places in the column of far values."""
    number = np.full(len(order), -1, dtype=np.int64)
    number[far] = np.arange(len(far))
    numbers = number[order]
    places = np.flatnonzero(numbers >= 0)
    return places, numbers[places]


def _limb_sums(first: Layer, second: Layer, upto_first: Ints, upto_second: Ints) -> list[Ints]:
    sums: list[Ints] = []
    for a, b in zip(first.limbs, second.limbs, strict=True):
        taken = a.take(upto_first)
        taken -= b.take(upto_second)
        sums.append(taken)
    return sums
