"""Tables as Delta tables: a folder each, with the position in the log as an application transaction of the commit."""

import os
from collections.abc import Sequence
from pathlib import Path

from deltalake import DeltaTable
from pyarrow import dataset as ds
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from pressroom.backends.delta.folder import TableFolder, position_of, schema_of
from pressroom.backends.delta.refusals import refusals
from pressroom.backends.delta.rewrite import rewrite
from pressroom.backends.delta.rows import delta_rows
from pressroom.backends.delta.vacuum import vacuum
from pressroom.ports import BackendError, Rewritten, Turned, Vacuumed
from pressroom.values import Columns, InvalidInput, NotFound, check_name

_AT_ONCE = 1 << 17
"""Rows in a piece of a stream."""


class DeltaTables:
    """Tables in `folder`, which is made when missing; for all processes of a machine, on a local file system.

    A column that a table lacks is added to it, and null in the rows before. delta-rs does not survive a fork: processes
    that use tables must be spawned.
    """

    def __init__(self, folder: Path) -> None:
        """Look into `folder`."""
        self._folder = folder
        self._pid = 0
        self._tables: dict[str, TableFolder] = {}
        with refusals(f"opening {folder}"):
            folder.mkdir(parents=True, exist_ok=True)

    def append(self, name: str, columns: Columns, *, position: int) -> int:
        """Write one Parquet file and one commit. Refuses a column of another type than in the table."""
        folder = self._table(name)
        rows = delta_rows(columns)
        with refusals(f"appending to table {name}"), folder.locked():
            table = folder.newest()
            if table is None or position > position_of(table):
                table = folder.append(rows, position)
            return table.version()

    def scan(
        self, name: str, *, columns: Sequence[str] | None = None, version: int | None = None, streamed: bool = False
    ) -> Columns | None:
        """A pyarrow table, or a reader of a few row groups at a time; timestamps are microseconds UTC.

        Refuses versions and columns that are not there.
        """
        taken = _streamed if streamed else _taken
        folder = self._table(name)
        with refusals(f"reading table {name}"):
            while True:
                table = folder.newest()
                if table is None:
                    return None
                if version is not None and version != table.version():
                    table = _at_version(table, version, name, folder.path)
                try:
                    return taken(_rows(table, columns, name, folder.path), columns)
                except FileNotFoundError:
                    # Rewritten and vacuumed since it was opened, or else damaged.
                    newest = folder.newest()
                    if newest is None or newest.version() == table.version():
                        raise
                    if version is not None:
                        raise _no_longer(name, version) from None

    def version(self, name: str) -> int | None:
        """The newest version."""
        with refusals(f"reading table {name}"):
            table = self._table(name).newest()
            return None if table is None else table.version()

    def position(self, name: str) -> int:
        """What the newest commit by Pressroom says."""
        with refusals(f"reading table {name}"):
            table = self._table(name).newest()
            return 0 if table is None else position_of(table)

    def names(self) -> list[str]:
        """The folders that hold a Delta log."""
        with refusals("listing tables"):
            return sorted(path.name for path in self._folder.iterdir() if TableFolder(path).exists())

    def rewrite(self, name: str, turned: Turned, *, below_rows: int = 0, least: int = 2) -> Rewritten | None:
        """Write the new files, then one commit that puts them in the place of the old ones."""
        folder = self._table(name)
        with refusals(f"rewriting table {name}"):
            if not folder.exists():
                return None
            with folder.locked():
                return rewrite(folder, turned, below_rows=below_rows, least=least)

    def vacuum(self, name: str, *, keep_us: int) -> Vacuumed:
        """Remove files. Statistics that other tools wrote into their commits stay, and may name a value."""
        folder = self._table(name)
        with refusals(f"vacuuming table {name}"):
            if not folder.exists():
                return Vacuumed()
            with folder.locked():
                return vacuum(folder, keep_us=keep_us)

    def _table(self, name: str) -> TableFolder:
        if self._pid not in (0, os.getpid()):
            raise BackendError("Tables were carried across a fork.", next_step="Start processes by spawning them.")
        self._pid = os.getpid()
        if name not in self._tables:
            self._tables[name] = TableFolder(self._folder / check_name(name, what="a table"))
        return self._tables[name]


def _at_version(newest: DeltaTable, version: int, name: str, path: Path) -> DeltaTable:
    if not 0 <= version < newest.version():
        raise NotFound(f"Table {name} has no version {version}.", next_step=f"Ask for one of 0 to {newest.version()}.")
    return DeltaTable(path, version=version)


def _rows(table: DeltaTable, columns: Sequence[str] | None, name: str, path: Path) -> ds.Dataset:
    known = schema_of(table).names
    missing = sorted(set(columns or ()) - set(known))
    if missing:
        raise InvalidInput(f"Table {name} has no column {missing[0]!r}.", next_step=f"It has {', '.join(known)}.")
    files = SubTreeFileSystem(str(path), LocalFileSystem())
    return table.to_pyarrow_dataset(filesystem=files)


def _taken(rows: ds.Dataset, columns: Sequence[str] | None) -> Columns:
    return rows.to_table(columns=None if columns is None else list(columns))


def _streamed(rows: ds.Dataset, columns: Sequence[str] | None) -> Columns:
    # Little is read ahead: what is, is memory that whoever asked for a stream does not have.
    wanted = None if columns is None else list(columns)
    options = {"batch_size": _AT_ONCE, "batch_readahead": 2, "fragment_readahead": 1}
    return rows.scanner(columns=wanted, **options).to_reader()


def _no_longer(name: str, version: int) -> NotFound:
    return NotFound(
        f"Table {name} no longer has version {version}: its rows were vacuumed.", next_step="Ask for the newest."
    )
