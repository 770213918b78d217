"""Keys in one SQLite file, read in microseconds."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pressroom.backends.sqlite.connections import Connections, after_prefix

_SCHEMA = "CREATE TABLE IF NOT EXISTS keys (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
_PUT = "INSERT INTO keys VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_DELETE = "DELETE FROM keys WHERE key = ?"
_GET_ONE = "SELECT value FROM keys WHERE key = ?"
_MOST = 500
"""Keys in one question; SQLite takes 999 variables at the least."""

_GET_FIRST = "SELECT key, value FROM keys WHERE key IN (?"
_SCAN_FROM = "SELECT key, value FROM keys WHERE key >= ? ORDER BY key"
_SCAN_BETWEEN = "SELECT key, value FROM keys WHERE key >= ? AND key < ? ORDER BY key"


class SqliteKeys:
    """Keys in the file at `path`, which is made when missing; for all processes of a machine."""

    def __init__(self, path: Path) -> None:
        """Open or make the file."""
        self._lock_path = path.with_name(f"{path.name}.lock")
        self._turn = threading.Lock()
        self._connections = Connections(path, schema=_SCHEMA, synchronous="NORMAL")

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Values in the order of `keys`, as of one moment."""
        if not keys:
            return []
        if len(keys) > _MOST:
            return self._connections.reading(lambda connection: _get_in_parts(connection, keys))
        return self._connections.reading(lambda connection: _get(connection, keys))

    def put_many(self, items: Mapping[bytes, bytes]) -> None:
        """Set all in one transaction."""
        if items:
            with self._connections.writing() as connection:
                connection.executemany(_PUT, items.items())

    def delete_many(self, keys: Sequence[bytes]) -> None:
        """Remove all in one transaction."""
        if keys:
            with self._connections.writing() as connection:
                connection.executemany(_DELETE, [(key,) for key in keys])

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The pairs as of the moment when the first is asked for."""
        stop = after_prefix(prefix)
        sql, bounds = (_SCAN_FROM, (prefix,)) if stop is None else (_SCAN_BETWEEN, (prefix, stop))
        connection = self._connections.borrow()
        try:
            cursor = self._connections.patiently(lambda: connection.execute(sql, bounds))
            while rows := self._connections.patiently(lambda: cursor.fetchmany(1_000)):
                yield from rows
        finally:
            self._connections.give_back(connection)

    @contextmanager
    def exclusive(self) -> Generator[None]:
        """A lock on a file beside the database: the system lets go of it when its holder dies."""
        with self._turn:
            file = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
            finally:
                os.close(file)

    def scrub(self) -> None:
        """Write the file anew without what was removed, and empty the one beside it."""
        self._connections.scrub()

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()


def _get(connection: sqlite3.Connection, keys: Sequence[bytes]) -> list[bytes | None]:
    if len(keys) == 1:
        row = connection.execute(_GET_ONE, keys).fetchone()
        return [row[0] if row else None]
    found: dict[bytes, bytes] = dict(connection.execute(_GET_FIRST + ", ?" * (len(keys) - 1) + ")", keys).fetchall())
    return [found.get(key) for key in keys]


def _get_in_parts(connection: sqlite3.Connection, keys: Sequence[bytes]) -> list[bytes | None]:
    # One transaction, so that no write comes between the parts.
    connection.execute("BEGIN")
    try:
        return [value for at in range(0, len(keys), _MOST) for value in _get(connection, keys[at : at + _MOST])]
    finally:
        connection.execute("COMMIT")
