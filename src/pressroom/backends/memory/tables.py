"""Tables as lists of Arrow tables, one for each append."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pressroom.ports import Rewritten, Turned, Vacuumed
from pressroom.values import Columns, InvalidInput, NotFound, check_name

_AT_ONCE = 1 << 17
"""Rows in a piece of a stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    schema: pa.Schema
    parts: tuple[pa.Table, ...]
    position: int
    made_us: int

    def rows(self) -> pa.Table:
        return pa.concat_tables([self.schema.empty_table(), *self.parts], promote_options="default")


class MemoryTables:
    """Tables for as long as the process lives."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._versions: dict[str, tuple[_Version | None, ...]] = {}

    def append(self, name: str, columns: Columns, *, position: int) -> int:
        """Add rows; columns that are new are null in the rows before, and the other way round."""
        check_name(name, what="a table")
        rows = pa.table(columns)
        with self._lock:
            versions = self._versions.get(name, ())
            newest = versions[-1] if versions else None
            if newest is not None and position <= newest.position:
                return len(versions) - 1
            schema = rows.schema if newest is None else _widened(newest.schema, rows.schema)
            parts = (*(newest.parts if newest else ()), *([rows] if rows.num_rows else []))
            return self._add(name, schema, parts, position)

    def scan(
        self, name: str, *, columns: Sequence[str] | None = None, version: int | None = None, streamed: bool = False
    ) -> Columns | None:
        """A pyarrow table, or a reader of one."""
        rows = self._scan(name, columns, version)
        return rows.to_reader(max_chunksize=_AT_ONCE) if streamed and rows is not None else rows

    def _scan(self, name: str, columns: Sequence[str] | None, version: int | None) -> pa.Table | None:
        versions = self._versions.get(name)
        if versions is None:
            return None
        if version is not None and not 0 <= version < len(versions):
            raise NotFound(
                f"Table {name} has no version {version}.", next_step=f"Ask for one of 0 to {len(versions) - 1}."
            )
        found = versions[-1 if version is None else version]
        if found is None:
            raise NotFound(f"Table {name} no longer has version {version}.", next_step="Ask for the newest.")
        rows = found.rows()
        if columns is None:
            return rows
        missing = sorted(set(columns) - set(rows.column_names))
        if missing:
            raise InvalidInput(
                f"Table {name} has no column {missing[0]!r}.", next_step=f"It has {', '.join(rows.column_names)}."
            )
        return rows.select(list(columns))

    def version(self, name: str) -> int | None:
        """The newest version."""
        versions = self._versions.get(name)
        return None if versions is None else len(versions) - 1

    def position(self, name: str) -> int:
        """The position given with the newest version."""
        newest = self._newest(name)
        return newest.position if newest else 0

    def names(self) -> list[str]:
        """Every table."""
        return sorted(self._versions.copy())

    def rewrite(self, name: str, turned: Turned, *, below_rows: int = 0, least: int = 2) -> Rewritten | None:
        """Turn the parts of the newest version."""
        with self._lock:
            newest = self._newest(name)
            if newest is None:
                return None
            groups = list(_gathered(newest.parts, below_rows, least)) if below_rows else [[p] for p in newest.parts]
            # A part has the columns that it was written with, as a file has.
            turns = [(group, turned(pa.concat_tables(group, promote_options="default"))) for group in groups]
            done = [(group, pa.table(rows)) for group, rows in turns if rows is not None]
            if not done:
                return Rewritten(version=len(self._versions[name]) - 1)
            taken = [part for group, _ in done for part in group]
            put = [rows for _, rows in done if rows.num_rows]
            kept = [part for part in newest.parts if not any(part is other for other in taken)]
            return Rewritten(
                version=self._add(name, newest.schema, (*kept, *put), newest.position),
                taken_parts=len(taken),
                taken_rows=sum(part.num_rows for part in taken),
                put_parts=len(put),
                put_rows=sum(part.num_rows for part in put),
            )

    def vacuum(self, name: str, *, keep_us: int) -> Vacuumed:
        """Drop versions."""
        with self._lock:
            versions = self._versions.get(name, ())
            until_us = _now_us() - keep_us
            # A version is due when the one after it is that old; they follow each other in time.
            due = sum(after is None or after.made_us <= until_us for after in versions[1:])
            if due:
                self._versions[name] = (*[None] * due, *versions[due:])
            return Vacuumed(files=sum(version is not None for version in versions[:due]))

    def _newest(self, name: str) -> _Version | None:
        versions = self._versions.get(name)
        return versions[-1] if versions else None

    def _add(self, name: str, schema: pa.Schema, parts: tuple[pa.Table, ...], position: int) -> int:
        versions = self._versions.get(name, ())
        version = _Version(schema=schema, parts=parts, position=position, made_us=_now_us())
        self._versions[name] = (*versions, version)
        return len(versions)


def _now_us() -> int:
    return time.time_ns() // 1_000


def _widened(known: pa.Schema, given: pa.Schema) -> pa.Schema:
    try:
        return pa.unify_schemas([known, given])
    except pa.ArrowException as error:
        raise InvalidInput(
            f"These columns do not fit the table: {error}.", next_step="Give every column the type it has in the table."
        ) from error


def _gathered(parts: Sequence[pa.Table], below_rows: int, least: int) -> Iterator[list[pa.Table]]:
    small = [part for part in parts if part.num_rows < below_rows]
    group: list[pa.Table] = []
    for part in small if len(small) >= least else ():
        if sum(gathered.num_rows for gathered in group) >= below_rows:
            yield group
            group = []
        group.append(part)
    if len(group) > 1:
        yield group
