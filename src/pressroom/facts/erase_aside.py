"""Erasing a subject from what was set aside: rows that name it, and lines that are no rows but hold its name."""

import re
from collections.abc import Mapping, Sequence

from pressroom.facts.aside_records import change, find, kept, rows_of
from pressroom.facts.set_aside import SetAside, SetAsideBatch
from pressroom.ports import Records


def erase_aside(keys: Mapping[str, Sequence[str]], subject: str, *, records: Records) -> int:
    """Take the rows about the subject out of every batch, and say how many. `keys` are the key fields by fact."""
    erased = 0
    for batch in kept(records):
        names = keys.get(batch.fact, ())
        if not any(_is_about(row, batch, names, subject) for row in rows_of(records, batch)):
            continue
        record, newest = find(records, batch.fact, batch.batch, batch.source)
        before = newest.rows
        change(records, record, newest, lambda row, b=newest, n=names: None if _is_about(row, b, n, subject) else row)
        _, after = find(records, batch.fact, batch.batch, batch.source)
        erased += before - after.rows
    return erased


def _is_about(row: SetAside, batch: SetAsideBatch, keys: Sequence[str], subject: str) -> bool:
    if not row.raw:
        # Which of its words would have been a key, nobody knows.
        return bool(keys) and re.search(rf"(?<!\w){re.escape(subject)}(?!\w)", row.line or row.value) is not None
    named = [value for name, value in zip(batch.columns, row.raw, strict=True) if name in keys]
    if row.field in keys:
        named.append(row.value)
    return any(value is not None and value.strip() == subject for value in named)
