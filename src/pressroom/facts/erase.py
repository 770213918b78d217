"""Erasing: the rows about one subject leave a table for good. What that means for others is not known here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.ports import Tables
from pressroom.values import Columns, InvalidInput

Note = Callable[[str, pa.Table], None]
"""Told, before they go, which rows of which fact will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What left a table: rows, the parts that were written anew without them, and the files removed for good."""

    fact: str
    rows: int
    parts: int
    files: int


def erase(name: str, keys: Sequence[str], subject: str, *, tables: Tables, note: Note) -> Erased:
    """Write every part of a table anew that has the subject under one of `keys`, and remove all older versions.

    What `note` is told may be told again, when the work is cut short and done again.
    """

    def without(part: Columns) -> Columns | None:
        rows = pa.table(part)
        about = rows_about(rows, keys, subject)
        if not pc.any(about).as_py():
            return None
        note(name, rows.filter(about))
        return rows.filter(pc.invert(about))

    done = tables.rewrite(name, without)
    vacuumed = tables.vacuum(name, keep_us=0)
    return Erased(
        fact=name,
        rows=0 if done is None else done.taken_rows - done.put_rows,
        parts=0 if done is None else done.taken_parts,
        files=vacuumed.files,
    )


def count(name: str, keys: Sequence[str], subject: str, *, tables: Tables) -> int:
    """How many rows of a table are about the subject."""
    try:
        found = tables.scan(name, columns=list(keys))
    except InvalidInput:
        found = tables.scan(name)
    return 0 if found is None else pc.sum(rows_about(pa.table(found), keys, subject)).as_py() or 0


def rows_about(rows: pa.Table, keys: Sequence[str], subject: str) -> pa.Array | pa.ChunkedArray:
    """Which rows have the subject under one of `keys`; a key that the rows lack names nobody."""
    about: pa.Array | pa.ChunkedArray = pa.repeat(pa.scalar(value=False), rows.num_rows)
    for key in keys:
        if key in rows.column_names:
            same = pc.equal(rows.column(key), pa.scalar(subject))
            about = pc.or_(about, pc.fill_null(same, fill_value=False))
    return about
