"""Rows that can't be right: set aside with a reason and as they stood, to be mended and appended again."""

import base64
import dataclasses
import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

import msgspec
import numpy as np
import pyarrow as pa

from pressroom.values import Instant, digest_parts

EXAMPLES = 10_000
"""Rows that a batch shows; the others are kept as well."""

_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """One row that was not appended. `row` counts from 1, as the source's lines of data do.

    `raw` is the row as it stood, each value as text; of a line that is no row, `line` is the whole of it.
    """

    row: int
    field: str
    value: str
    reason: str
    # Neither makes a row another one, nor gives a batch another name.
    raw: tuple[str | None, ...] = dataclasses.field(default=(), compare=False, repr=False)
    line: str = dataclasses.field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """Rows of a batch that were mended and appended, under which name and when."""

    batch: str
    rows: tuple[int, ...]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideBatch:
    """What is set aside of one batch: how many rows for which reason, and the rows themselves (the first 10,000).

    `columns` are those of the raw rows. `mends` is what went in since; `pending` a mend that was begun, the
    `attempts`-th, of which nobody knows yet whether it went in.
    """

    fact: str
    source: str
    batch: str
    rows: int
    reasons: dict[str, int]
    examples: tuple[SetAside, ...]
    columns: tuple[str, ...] = ()
    content: str = ""
    mends: tuple[Mend, ...] = ()
    pending: Mend | None = None
    attempts: int = 0

    def mended(self) -> set[int]:
        """The rows that went in since."""
        return {row for mend in self.mends for row in mend.rows}


def shown(text: str | None) -> str:
    """As much of a value or a line as a person needs to find it."""
    line = text or ""
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 3]}..."


def gather(fact: str, source: str, batch: str, rows: Sequence[SetAside], columns: Sequence[str] = ()) -> SetAsideBatch:
    """Many rows as one batch, counted by reason."""
    return SetAsideBatch(
        fact=fact,
        source=source,
        batch=batch,
        rows=len(rows),
        reasons=dict(Counter(row.reason for row in rows)),
        examples=tuple(rows[:EXAMPLES]),
        columns=tuple(columns),
        content=digest_parts([repr(row) for row in rows])[:16],
    )


def with_raw(rows: Sequence[SetAside], table: pa.Table, *, opaque: Collection[str] = ()) -> list[SetAside]:
    """Rows with what stood in the row of `table` that their number means. In `opaque` columns bytes are no text."""
    if not rows:
        return []
    taken = table.take(pa.array([row.row - 1 for row in rows], pa.int64()))
    columns = [
        [raw_text(value, opaque=name in opaque) for value in _values(column)]
        for name, column in zip(taken.column_names, taken.columns, strict=True)
    ]
    return [replace(row, raw=raw) for row, raw in zip(rows, zip(*columns, strict=True), strict=True)]


def raw_text(value: object, *, opaque: bool = False) -> str | None:
    """A value as a person would write it into a file, so that reading it gives the same again; `opaque` bytes as their
    base64.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode() if opaque else value.decode("utf-8", errors="backslashreplace")
    if isinstance(value, Enum):
        return raw_text(value.value)
    if isinstance(value, np.ndarray | np.generic):
        return raw_text(value.tolist())
    if isinstance(value, bool | list | dict | tuple):
        return _json(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _json(value: object) -> str:
    try:
        # Python's own says NaN and infinity, which are none in JSON, but did stand there.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError):
        return msgspec.json.encode(value).decode()


def _values(column: pa.ChunkedArray) -> list[object]:
    # Nanoseconds are kept as they are by Arrow's own words for them only.
    return [_value(scalar) for scalar in column] if pa.types.is_temporal(column.type) else column.to_pylist()


def _value(scalar: pa.Scalar) -> object:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        return str(scalar.cast(pa.string()))
