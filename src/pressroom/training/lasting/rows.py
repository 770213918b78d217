"""Rows to train on, taken by their places in any order, so that a pass over them can go on in its middle."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pressroom.training.errors import BadTraining

Places = npt.NDArray[np.int64]
_OPEN_GROUPS = 4


class RowsByPlace(Protocol):
    """Rows that can be asked for. Anybody's class with these three is one."""

    def count(self) -> int:
        """How many there are."""
        ...

    def order(self, draw: np.random.Generator) -> Places:
        """All places, shuffled as is good for reading."""
        ...

    def take(self, places: Places) -> Any:
        """The rows at these places, in this order, as one batch."""
        ...


class _InMemory:
    def __init__(self, count: int, take: Callable[[Places], Any]) -> None:
        self._count, self._take = count, take

    def count(self) -> int:
        return self._count

    def order(self, draw: np.random.Generator) -> Places:
        return draw.permutation(self._count)

    def take(self, places: Places) -> Any:
        return self._take(places)


class ParquetRows:
    """Rows of Parquet files; a batch is a table. Only the row groups that a batch needs are read, so memory holds a few
    of them. Shuffled, row groups come in any order, and the rows of four at a time are mixed.
    """

    def __init__(self, files: Sequence[Path], columns: Sequence[str] | None = None) -> None:
        """Read the footers."""
        self._columns = None if columns is None else list(columns)
        self._groups: list[tuple[Path, int]] = []
        counts: list[int] = []
        for file in files:
            footer = pq.read_metadata(file)
            self._groups += [(file, group) for group in range(footer.num_row_groups)]
            counts += [footer.row_group(group).num_rows for group in range(footer.num_row_groups)]
        self._starts = np.concatenate([[0], np.cumsum(np.array(counts, dtype=np.int64))]).astype(np.int64)
        self._open: dict[int, pa.Table] = {}

    def count(self) -> int:
        """Of all files."""
        return int(self._starts[-1])

    def order(self, draw: np.random.Generator) -> Places:
        """Four row groups at a time."""
        groups = draw.permutation(len(self._groups))
        mixed: list[Places] = []
        for first in range(0, len(groups), _OPEN_GROUPS):
            some = [
                np.arange(int(self._starts[group]), int(self._starts[group + 1]))
                for group in groups[first : first + _OPEN_GROUPS]
            ]
            mixed.append(draw.permutation(np.concatenate(some)))
        return np.concatenate(mixed) if mixed else np.empty(0, dtype=np.int64)

    def take(self, places: Places) -> Any:
        """Their rows; a few row groups stay in memory for the next batch."""
        groups = np.searchsorted(self._starts, places, side="right") - 1
        needed = [int(group) for group in np.unique(groups)]
        parts = [self._group(group) for group in needed]
        offsets = dict(zip(needed, np.concatenate([[0], np.cumsum([len(part) for part in parts])]), strict=False))
        within = places - self._starts[groups] + np.array([offsets[int(group)] for group in groups])
        return pa.concat_tables(parts).take(within)

    def _group(self, group: int) -> pa.Table:
        if group not in self._open:
            while len(self._open) >= _OPEN_GROUPS:
                del self._open[next(iter(self._open))]
            file, number = self._groups[group]
            with pq.ParquetFile(file) as opened:
                self._open[group] = opened.read_row_group(number, columns=self._columns)
        return self._open[group]


def rows_by_place(rows: Any) -> RowsByPlace:
    """Rows as they are given: arrays or tensors, a tuple or mapping of them, an Arrow table, a list or other sequence,
    a Parquet file or a list of them, or a RowsByPlace. Raises BadTraining for what can't be asked for row by row.
    """
    # An array has a method `take` too.
    if all(hasattr(rows, name) for name in ("take", "order", "count")):
        return rows
    if isinstance(rows, pa.Table):
        return _InMemory(rows.num_rows, rows.take)
    if isinstance(rows, Path):
        return ParquetRows([rows])
    if isinstance(rows, list) and rows and all(isinstance(each, Path) for each in cast(list[object], rows)):
        return ParquetRows(cast(list[Path], rows))
    if isinstance(rows, Mapping):
        named = cast(Mapping[str, Any], rows)
        return _InMemory(_length(list(named.values())), lambda at: {name: _of(named[name], at) for name in named})
    if isinstance(rows, tuple):
        return _InMemory(_length(rows), lambda at: tuple(_of(each, at) for each in rows))
    if hasattr(rows, "__len__") and hasattr(rows, "__getitem__") and not hasattr(rows, "batch_sampler"):
        return _InMemory(len(rows), lambda at: _of(rows, at))
    raise BadTraining(
        f"A {type(rows).__name__} can't be read from its middle.",
        next_step="Give arrays, a table, a dataset with rows by number (not its loader), or Parquet files.",
    )


def _of(rows: Any, places: Places) -> Any:
    if hasattr(rows, "shape"):
        # A tensor takes another tensor several times faster than an array.
        torch = sys.modules.get("torch")
        return rows[torch.from_numpy(places) if torch is not None and isinstance(rows, torch.Tensor) else places]
    return [rows[int(place)] for place in places]


def _length(many: Sequence[Any]) -> int:
    lengths = {len(each) for each in many}
    if len(lengths) != 1:
        raise BadTraining(
            f"The parts of the rows have {sorted(lengths)} rows.", next_step="Give parts of equal length."
        )
    return lengths.pop()


def not_finite_in(batch: Any, name: str = "the batch") -> tuple[str, list[int]] | None:
    """The first part of a batch with NaN or infinite numbers, and which of its rows; None where all is well."""
    if isinstance(batch, pa.Table):
        batch = {column: batch[column].to_numpy() for column in batch.column_names}
    parts = batch.items() if isinstance(batch, Mapping) else enumerate(batch) if isinstance(batch, tuple) else ()
    for part, each in parts:
        found = not_finite_in(each, f"{part!r}" if isinstance(part, str) else f"part {part}")
        if found:
            return found
    if hasattr(batch, "__array__") and not isinstance(batch, Mapping | tuple):
        array = np.asarray(batch)
        if array.dtype.kind == "f" and array.ndim:
            wrong = ~np.isfinite(array).reshape(len(array), -1).all(axis=1)
            if wrong.any():
                return name, [int(each) for each in np.flatnonzero(wrong)]
    return None
