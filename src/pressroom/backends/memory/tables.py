"""Tables as lists of Arrow tables, one for each append."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from pressroom.values import Columns, InvalidInput, NotFound, check_name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    rows: pa.Table
    position: int


class MemoryTables:
    """Tables for as long as the process lives."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._versions: dict[str, tuple[_Version, ...]] = {}

    def append(self, name: str, columns: Columns, *, position: int) -> int:
        """Add rows; columns that are new are null in the rows before, and the other way round."""
        check_name(name, what="a table")
        rows = pa.table(columns)
        with self._lock:
            versions = self._versions.get(name, ())
            if versions and position <= versions[-1].position:
                return len(versions) - 1
            if versions:
                rows = _below(versions[-1].rows, rows)
            self._versions[name] = (*versions, _Version(rows=rows, position=position))
            return len(versions)

    def scan(self, name: str, *, columns: Sequence[str] | None = None, version: int | None = None) -> Columns | None:
        """A pyarrow table."""
        versions = self._versions.get(name)
        if versions is None:
            return None
        if version is not None and not 0 <= version < len(versions):
            raise NotFound(
                f"Table {name} has no version {version}.", next_step=f"Ask for one of 0 to {len(versions) - 1}."
            )
        rows = versions[-1 if version is None else version].rows
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
        versions = self._versions.get(name)
        return versions[-1].position if versions else 0

    def names(self) -> list[str]:
        """Every table."""
        return sorted(self._versions.copy())


def _below(above: pa.Table, rows: pa.Table) -> pa.Table:
    try:
        return pa.concat_tables([above, rows], promote_options="default")
    except pa.ArrowException as error:
        raise InvalidInput(
            f"These columns do not fit the table: {error}.", next_step="Give every column the type it has in the table."
        ) from error
