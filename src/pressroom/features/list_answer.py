"""Lists offline: the newest few and the most frequent values in the window of each row that asks."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import ARROW, Aggregate
from pressroom.features.kernel.asked import Asked
from pressroom.features.kernel.few import most_frequent, newest_few
from pressroom.features.kernel.members import Members, members
from pressroom.features.kernel.timeline import Ints, Timeline

_Pick = Callable[[Members], tuple[Ints, Ints]]
"""Gives the picked ones of a piece's members, row after row, and how many each row has."""


def list_answer(aggregate: Aggregate, column: pa.ChunkedArray, line: Timeline, asked: Asked, *, most: int) -> pa.Array:
    """A list of at most `most` values of `column` for each row that asks, in their order; null for a null key."""
    if aggregate.kind == "top_k":
        values, codes = _by_value(column)
        codes = codes[line.rows]
        places, counts = _picked(aggregate, line, asked, codes < 0, lambda found: most_frequent(found, codes, most))
    else:
        values, absent = column, pc.is_null(column).to_numpy()[line.rows]
        places, counts = _picked(aggregate, line, asked, absent, lambda found: newest_few(found, most))
        places = line.rows[places]
    taken = values.take(pa.array(places))
    whole = taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken
    offsets = pa.array(np.concatenate(([0], np.cumsum(counts))).astype(np.int32))
    lists = pa.ListArray.from_arrays(offsets, whole).cast(ARROW[aggregate.result("").type])
    return lists.take(pa.array(asked.as_asked(np.arange(len(lists))), mask=asked.nulls))


def _by_value(column: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """The different values in their order, and which of them each row has; -1 for null."""
    encoded = column.combine_chunks().dictionary_encode()
    order = pc.sort_indices(encoded.dictionary)
    rank = np.empty(len(order) + 1, dtype=np.int64)
    rank[order.to_numpy()], rank[-1] = np.arange(len(order)), -1
    return encoded.dictionary.take(order), rank[encoded.indices.fill_null(-1).to_numpy()]


def _picked(
    aggregate: Aggregate,
    line: Timeline,
    asked: Asked,
    absent: npt.NDArray[np.bool_],
    pick: _Pick,
) -> tuple[Ints, Ints]:
    none = np.zeros(0, dtype=np.int64)
    picked = [(none, none)]
    for found in members(line, aggregate.window_us or 0, asked):
        picked.append(pick(found.keep(~absent[found.places])))
    places, counts = zip(*picked, strict=True)
    return np.concatenate(places), np.concatenate(counts)
