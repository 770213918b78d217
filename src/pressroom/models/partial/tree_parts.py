"""Trees in parts: a block's splits are decided once for its values; the words of all blocks,
and-ed, hold the leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pressroom.models.errors import UnsupportedModel
from pressroom.models.partial.leaf_bits import WORD, LeafBits, Places, Words, leaf_bits
from pressroom.models.partial.rows import Rows
from pressroom.models.partial.slab import Part
from pressroom.models.signature import Column, Floats
from pressroom.models.structure import Trees

MOST_TABLE_BYTES = 128 * 2**20
"""Of a model's decision tables."""

_BUNDLES = (128, 64, 32, 16)
_CHUNK = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Decisions:
    """What all splits on one input decide together, within the words of a bundle.

    `thresholds` are sorted and different. Row c of `words` is for values above c of them (`threshold < value`), the
    last row for NaN. So a value costs one search and one row, however many splits look at it.
    """

    thresholds: Floats
    words: Words

    def cells(self, values: Floats) -> Places:
        """The row of `words` for each value."""
        found = np.searchsorted(self.thresholds, values)
        found[np.isnan(values)] = len(self.thresholds) + 1
        return found


class TreeParts:
    """A part is (rows, words) of bits. Joining is exact: the leaves are those of the plain trees."""

    remembered = True

    def __init__(self, trees: Trees) -> None:
        """Refuses trees with so many splits that the tables would take more than MOST_TABLE_BYTES."""
        bits = leaf_bits(trees)
        self._float32 = trees.precision == "float32"
        self._edges = _bundle_edges(bits)
        self._tables = {name: _tables(bits, place, self._edges) for place, name in enumerate(trees.inputs)}
        known = bits.leaf[:, :WORD] >= 0
        self._full: Words = np.bitwise_or.reduce(known.astype(np.uint64) << np.arange(WORD, dtype=np.uint64), axis=1)
        summed = np.float32 if _sums_float32(trees) else np.float64
        self._values = np.where(bits.leaf < 0, 0.0, trees.value[bits.leaf]).ravel().astype(summed)
        self._offsets = np.arange(len(bits.leaf), dtype=np.int64) * (WORD + 1)
        self._outputs = np.searchsorted(bits.output, np.arange(len(trees.base) + 1))
        self._base = trees.base.astype(summed)

    def part(self, block: str, rows: Rows) -> Part:
        """The bits that are left when the splits on this block's inputs are decided."""
        words = np.tile(self._full, (rows.count, 1))
        asked = [(self._tables[name], self._seen(column)) for name, column in rows.inputs().items()]
        # Chunk by chunk, so that a chunk's words stay near while all inputs are looked at.
        for place, (start, end) in enumerate(pairwise(self._edges)):
            cells = [(t[place].words, t[place].cells(x)) for t, x in asked if len(t[place].thresholds)]
            scratch = np.empty((min(rows.count, _CHUNK), end - start), dtype=np.uint64)
            for first in range(0, rows.count, _CHUNK):
                into = words[first : first + _CHUNK, start:end]
                taken = scratch[: len(into)]
                for table, chosen in cells:
                    np.take(table, chosen[first : first + _CHUNK], axis=0, out=taken, mode="clip")
                    into &= taken
        return (words,)

    def _seen(self, column: Column) -> Floats:
        """Values as the splits see them."""
        values: Floats = np.ascontiguousarray(column, dtype=np.float64)
        if not self._float32:
            return values
        with np.errstate(over="ignore"):
            return values.astype(np.float32).astype(np.float64)

    def join(self, parts: Sequence[Part]) -> Floats:
        """Raw scores (rows, outputs): base, then tree after tree, as the frameworks themselves add."""
        single = self._full[None, :].copy()
        many: list[Words] = []
        for (part,) in parts:
            words = part.view(np.uint64)
            if len(words) == 1:
                single &= words
            else:
                many.append(words)
        count = len(many[0]) if many else 1
        margins = np.empty((count, len(self._base)))
        scratch = np.empty((min(count, _CHUNK), len(self._full)), dtype=np.uint64)
        places = np.empty(scratch.shape, dtype=np.int64)
        for start in range(0, count, _CHUNK):
            end = min(start + _CHUNK, count)
            words = scratch[: end - start]
            words[:] = single
            for more in many:
                words &= more[start:end]
            self._sum(words, places[: end - start], margins[start:end])
        return margins

    def _sum(self, words: Words, places: Places, margins: Floats) -> None:
        # One bit is left in a word, or none: below it stand as many bits as its place says, or 64.
        words -= np.uint64(1)
        np.bitwise_count(words, out=places)
        places += self._offsets
        values = np.ascontiguousarray(np.take(self._values, places, mode="clip").T)
        for output, (start, end) in enumerate(pairwise(self._outputs.tolist())):
            margins[:, output] = _in_order(values[start:end], self._base[output])


def _in_order(values: npt.NDArray[np.floating], base: np.floating) -> npt.NDArray[np.floating]:
    """Base plus one tree after the other (trees, rows). numpy adds whole rows of a matrix, but one column in pairs."""
    if values.shape[1] == 1:
        return np.add.accumulate(np.concatenate((np.full((1, 1), base, values.dtype), values)), axis=0)[-1]
    return np.add.reduce(values, axis=0, initial=base)


def _sums_float32(trees: Trees) -> bool:
    """Whether all numbers are float32's: then the framework adds them in float32, and this must round as it does."""
    numbers = np.concatenate((trees.value, trees.base))
    return trees.precision == "float32" and bool((numbers.astype(np.float32) == numbers).all())


def _bundle_edges(bits: LeafBits) -> list[int]:
    """Where bundles of words begin and end: as wide as the tables' room allows, since each bundle costs a search."""
    count = len(bits.leaf)
    for width in _BUNDLES:
        if 8 * width * len(bits.word) <= MOST_TABLE_BYTES:
            return [*range(0, count, width), count]
    raise UnsupportedModel(
        f"These trees have {len(bits.word):,} splits, too many to decide all that look at an input at once.",
        next_step="Serve the model whole, or train it with fewer or smaller trees.",
    )


def _tables(bits: LeafBits, feature: int, edges: Sequence[int]) -> tuple[_Decisions, ...]:
    chosen = np.flatnonzero(bits.feature == feature)
    bundle = np.searchsorted(edges, bits.word[chosen], side="right") - 1
    return tuple(
        _decisions(bits, chosen[bundle == place], start, end) for place, (start, end) in enumerate(pairwise(edges))
    )


def _decisions(bits: LeafBits, splits: Places, start: int, end: int) -> _Decisions:
    thresholds, rank = np.unique(bits.threshold[splits], return_inverse=True)
    width, count = end - start, len(thresholds)
    word = bits.word[splits] - start
    all_ones = np.uint64(2**64 - 1)
    # Row c of `right` holds what the splits of rank c - 1 leave when they go right, so all splits below c go right.
    right, left = np.full((count + 1, width), all_ones), np.full((count + 1, width), all_ones)
    np.bitwise_and.at(right, (rank + 1, word), bits.without_left[splits])
    np.bitwise_and.at(left, (rank, word), bits.without_right[splits])
    words = np.full((count + 2, width), all_ones)
    words[:-1] = np.bitwise_and.accumulate(right, axis=0)
    words[:-1] &= np.bitwise_and.accumulate(left[::-1], axis=0)[::-1]
    goes_left = bits.null_left[splits]
    np.bitwise_and.at(words[-1], word, np.where(goes_left, bits.without_right[splits], bits.without_left[splits]))
    return _Decisions(thresholds=thresholds, words=words)
