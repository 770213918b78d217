"""One table's folder: opening it, and committing to it durably.

delta-rs fsyncs nothing. What a table says it holds must outlive a power cut, because the log is trimmed by it: so rows
are written and fsynced here before a commit names them, and a commit is fsynced before anybody is told of it.
"""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, create_table_with_add_actions

from pressroom.backends.delta.rows import new_fields, statistics, write_parquet

_APP = "pressroom"
TRIES = 5
_CHECKPOINT_EVERY = 50
QUIET = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


def position_of(table: DeltaTable) -> int:
    """Up to where in the log a table holds its topic: the version of its newest transaction by Pressroom."""
    return table.transaction_version(_APP) or 0


def schema_of(table: DeltaTable) -> pa.Schema:
    """The schema of a table as it is opened."""
    return pa.schema(table.schema().to_arrow())


class TableFolder:
    """The folder of a table, which need not be there yet."""

    def __init__(self, path: Path) -> None:
        """Look at `path`."""
        self.path = path
        self._commits = path / "_delta_log"
        self._newest: DeltaTable | None = None

    def exists(self) -> bool:
        """Whether a table is there. A power cut may leave an empty first commit: that table was never made."""
        return any(path.stat().st_size > 0 for path in self._commits.glob("*.json"))

    def commits(self) -> list[Path]:
        """The files of the commits that are kept, the oldest first."""
        return sorted(self._commits.glob("*.json"))

    def newest(self) -> DeltaTable | None:
        """The table at its newest version, which is durable by then; None when there is none."""
        table = self._newest
        if table is not None and self._is_newest(table.version()):
            return table
        if not self.exists():
            return None
        table = DeltaTable(self.path)
        # Also when only reading: whoever made the commit may have died before the fsync.
        for path in (self._commit_file(table.version()), self._commits, self.path, self.path.parent):
            with suppress(FileNotFoundError):
                fsync(path)
        self._newest = table
        return table

    @contextmanager
    def locked(self) -> Generator[None]:
        """Keep other appends by Pressroom away, in this process and others."""
        file = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
            os.close(file)

    def append(self, rows: pa.Table, position: int) -> DeltaTable:
        """Write one file and commit it; refuses a column of another type than in the table. Wants the lock."""
        added = self.write(rows) if rows.num_rows else None
        try:
            return self._commit(rows.schema, added, position)
        except BaseException:
            if added is not None:
                with suppress(OSError):
                    (self.path / added.path).unlink(missing_ok=True)
            raise

    def write(self, rows: pa.Table) -> AddAction:
        """Write rows into a new file, durably; it is no part of the table before a commit says so."""
        self.path.mkdir(exist_ok=True)
        path = self.path / f"part-{uuid4().hex}.parquet"
        try:
            write_parquet(rows, path)
            fsync(self.path)
        except BaseException:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise
        return AddAction(
            path=path.name,
            size=path.stat().st_size,
            partition_values={},
            modification_time=time.time_ns() // 1_000_000,
            data_change=True,
            stats=statistics(rows),
        )

    def _commit(self, schema: pa.Schema, added: AddAction | None, position: int) -> DeltaTable:
        # Others than Pressroom may commit to the table, too: look again at what they left, and try again.
        for tries_left in reversed(range(TRIES)):
            failure: DeltaError | None = None
            try:
                self._try_commit(schema, added, position)
            except DeltaError as error:
                failure = error
            table = self.newest()
            if table is not None and position_of(table) >= position:
                self._checkpoint(table)
                return table
            if failure is not None and not (tries_left and isinstance(failure, CommitFailedError)):
                raise failure
        raise CommitFailedError("the position did not move")

    def _try_commit(self, schema: pa.Schema, added: AddAction | None, position: int) -> None:
        properties = CommitProperties(app_transactions=[Transaction(_APP, position)])
        if not self.exists():
            self._commit_file(0).unlink(missing_ok=True)
            create_table_with_add_actions(
                str(self.path),
                Schema.from_arrow(schema),
                [] if added is None else [added],
                commit_properties=properties,
                post_commithook_properties=QUIET,
            )
            return
        table = DeltaTable(self.path)
        fresh = new_fields(schema_of(table), schema)
        if fresh:
            table.alter.add_columns(Schema.from_arrow(pa.schema(fresh)).fields, post_commithook_properties=QUIET)
        table.create_write_transaction(
            [] if added is None else [added],
            "append",
            Schema.from_arrow(schema),
            commit_properties=properties,
            post_commithook_properties=QUIET,
        )

    def _is_newest(self, version: int) -> bool:
        # Versions have no gaps, so looking for the next one is enough.
        return self._commit_file(version).exists() and not self._commit_file(version + 1).exists()

    def _commit_file(self, version: int) -> Path:
        return self._commits / f"{version:020d}.json"

    def _checkpoint(self, table: DeltaTable) -> None:
        if table.version() == 0 or table.version() % _CHECKPOINT_EVERY:
            return
        # Only makes opening faster: an append that is durable does not fail for it.
        with suppress(DeltaError, OSError):
            DeltaTable(self.path).create_checkpoint()
            for path in (
                *self._commits.glob(f"{table.version():020d}.checkpoint*"),
                self._commits / "_last_checkpoint",
            ):
                fsync(path)


def fsync(path: Path) -> None:
    """Make a file, or the names in a folder, survive a power cut."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
