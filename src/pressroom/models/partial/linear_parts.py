"""Linear models in parts: each block's products are summed for themselves, the sums then added in the blocks' order.

`z = ((intercept + s_1) + s_2) + ...` with `s_b = ((w_1 x_1 + w_2 x_2) + w_3 x_3) + ...` over the inputs of block b. The
order is the same whether a sum is remembered or not, so an answer does not depend on what the cache holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pressroom.models.partial.blocks import Block
from pressroom.models.partial.rows import Rows
from pressroom.models.partial.slab import Part
from pressroom.models.signature import Column, Floats
from pressroom.models.structure import Levels, Linear

_FEW = 4
"""Rows that are summed each for itself, in the same order."""

_CHUNK = 8192
"""Rows at a time: two columns of them stay in a core's nearest cache."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Weights:
    """Of one block: the inputs that are numbers, in order, with weight and fill (NaN: none), and its texts' levels."""

    names: tuple[str, ...]
    weights: Floats
    fills: Floats
    levels: tuple[Levels, ...]


class LinearParts:
    """A part is (rows,) of sums, float64."""

    remembered = False
    """A single row's sum is cheaper than looking it up."""

    def __init__(self, linear: Linear, blocks: Sequence[Block]) -> None:
        """Share the weights out to the blocks."""
        self._intercept = linear.intercept
        self._blocks = {block.name: _weights(linear, block) for block in blocks}
        self._tables = {levels.input: dict(zip(levels.values, levels.weights, strict=True)) for levels in linear.levels}

    def part(self, block: str, rows: Rows) -> Part:
        """The block's sum for each row. A matrix that only passes by is left to BLAS, whose order of addition is its
        own.
        """
        known = self._blocks[block]
        matrix = rows.numbers
        if rows.digest is None and rows.count > 1 and matrix.flags.c_contiguous and matrix.shape[1] > 1:
            sums = matrix @ known.weights
            if _has_nan(sums):
                sums = np.where(np.isnan(matrix), known.fills, matrix) @ known.weights
        else:
            sums = _column_sums(matrix, known)
        for levels in known.levels:
            sums += self._level_weights(levels, rows.texts[levels.input])
        return (sums,)

    def join(self, parts: Sequence[Part]) -> Floats:
        """Raw scores (rows, 1)."""
        margin: float | Floats = self._intercept
        count, fresh = max(len(part[0]) for part in parts), False
        for (sums,) in parts:
            added: Floats = sums.astype(np.float64, copy=False)
            if len(added) == 1 and not isinstance(margin, np.ndarray):
                margin += float(added[0])
            elif fresh:
                margin += added
            else:
                margin, fresh = added + margin, True
        if not isinstance(margin, np.ndarray):
            margin = np.full(count, margin)
        return margin.reshape(-1, 1)

    def _level_weights(self, levels: Levels, texts: Column) -> Floats:
        table = self._tables[levels.input]
        found = (levels.null if value is None else table.get(str(value), levels.other) for value in texts.tolist())
        return np.fromiter(found, dtype=np.float64, count=len(texts))


def _weights(linear: Linear, block: Block) -> _Weights:
    texts = {levels.input for levels in linear.levels}
    place = {name: number for number, name in enumerate(linear.inputs)}
    names = tuple(name for name in block.inputs if name not in texts)
    fills = [linear.fills[place[name]] for name in names]
    return _Weights(
        names=names,
        weights=np.array([linear.weights[place[name]] for name in names], dtype=np.float64),
        fills=np.array([np.nan if fill is None else fill for fill in fills], dtype=np.float64),
        levels=tuple(levels for levels in linear.levels if levels.input in block.inputs),
    )


def _column_sums(matrix: Floats, known: _Weights) -> Floats:
    """Sums in the order of the columns. Each row's is the same whatever other rows are there."""
    if len(matrix) <= _FEW and len(known.weights):
        products = np.where(np.isnan(matrix), known.fills, matrix) * known.weights
        return np.add.accumulate(products, axis=1)[:, -1].copy()
    sums = np.zeros(len(matrix))
    product = np.empty(min(len(matrix), _CHUNK))
    for start in range(0, len(matrix), _CHUNK):
        chunk = matrix[start : start + _CHUNK]
        into, scratch = sums[start : start + _CHUNK], product[: len(chunk)]
        _add_columns(chunk, known.weights, into, scratch)
        if _has_nan(into):
            into[:] = 0.0
            _add_columns(np.where(np.isnan(chunk), known.fills, chunk), known.weights, into, scratch)
    return sums


def _add_columns(matrix: Floats, weights: Floats, sums: Floats, scratch: Floats) -> None:
    for place, weight in enumerate(weights):
        np.multiply(matrix[:, place], weight, out=scratch)
        sums += scratch


def _has_nan(sums: Floats) -> bool:
    # A sum of squares is NaN exactly where one of them is, and needs no memory.
    return bool(np.isnan(np.dot(sums, sums)))
