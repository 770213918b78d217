"""What batches are cut from: tables, arrays, and several of them side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pressroom.values import InvalidInput


def rows_in(source: Any) -> int:
    """How many rows a source has; refuses parts of unlike length and what has no length."""
    if isinstance(source, (pa.Table, pa.RecordBatch)):
        return source.num_rows
    if isinstance(source, (tuple, list, Mapping)) and not _is_plain(source):
        parts = list(source.values()) if isinstance(source, Mapping) else list(source)
        counts = {rows_in(part) for part in parts}
        if len(counts) != 1:
            raise InvalidInput(
                f"The parts have {', '.join(map(str, sorted(counts))) or 'no'} rows.", next_step="Give each as many."
            )
        return counts.pop()
    try:
        return len(source)
    except TypeError as error:
        raise InvalidInput(
            f"Batches can't be cut from a {type(source).__name__}: it has no length.",
            next_step="Give a table, arrays, or a tuple or dict of these, so that a batch can be found again.",
        ) from error


def rows_at(source: Any, places: npt.NDArray[np.int64]) -> Any:
    """The rows at these places, in the source's own form."""
    if isinstance(source, pa.Table):
        return source.take(places)
    if isinstance(source, pa.RecordBatch):
        return source.take(pa.array(places))
    if isinstance(source, Mapping):
        return {name: rows_at(part, places) for name, part in source.items()}
    if isinstance(source, tuple):
        return tuple(rows_at(part, places) for part in source)
    if isinstance(source, list):
        return [source[place] for place in places] if _is_plain(source) else [rows_at(part, places) for part in source]
    return source[places]


def _is_plain(source: Sequence[Any] | Mapping[str, Any]) -> bool:
    """Whether a list is of rows rather than of parts."""
    return isinstance(source, list) and not any(
        hasattr(part, "__len__") and not isinstance(part, str) for part in source
    )
