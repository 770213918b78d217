"""Connections to one SQLite file for all threads of a process, and what SQLite's errors mean.

WAL: readers never wait. Writers of one process queue at a lock, those of several at SQLite's own, for up to 30 s.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TypeVar

from pressroom.ports import BackendError, Damaged, NoSpace

T = TypeVar("T")

_WAIT_S = 30.0
_PAUSE_S = 0.002
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL})
# SQLite says FULL for ENOSPC alone: quotas and file size limits come as a write that failed.
_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE})
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class Connections:
    """Lends connections: one to each user at a time, kept for the next when given back. Safe to carry across a fork."""

    def __init__(self, path: Path, *, schema: str, synchronous: Literal["FULL", "NORMAL"]) -> None:
        """Open or make the database at `path` with the table that `schema` creates."""
        self._path = path
        self._schema = schema
        self._synchronous = synchronous
        self._inherited: list[list[sqlite3.Connection]] = []
        self._idle: list[sqlite3.Connection] = []
        self._begin()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BackendError(
                f"{path.parent} can't be made: {error.strerror}.", next_step="Choose another folder."
            ) from error
        self.give_back(self.borrow())

    def borrow(self) -> sqlite3.Connection:
        """A connection for the caller alone; `give_back` it."""
        if os.getpid() != self._pid:
            self._begin()
        try:
            return self._idle.pop()
        except IndexError:
            return self.patiently(self._connect)

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Keep it for the next user."""
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def reading(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Ask with a lent connection."""
        connection = self.borrow()
        try:
            return question(connection)
        except sqlite3.Error as error:
            if _code(error) not in _BUSY:
                raise _translated(error, self._path) from error
            return self.patiently(lambda: question(connection))
        finally:
            self.give_back(connection)

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """One transaction: kept as a whole when the block ends, or not at all when it raises."""
        connection = self.borrow()
        try:
            with self._writer:
                self.patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
                try:
                    yield connection
                    self.patiently(lambda: connection.execute("COMMIT"))
                finally:
                    if connection.in_transaction:
                        with suppress(sqlite3.Error):
                            connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise _translated(error, self._path) from error
        finally:
            self.give_back(connection)

    def patiently(self, action: Callable[[], T]) -> T:
        """Do `action`, again and again for up to 30 s while others are in the way.

        SQLite waits by itself for most locks, but not while a file is turned to WAL, recovered or closed for good.
        """
        give_up = time.monotonic() + _WAIT_S
        while True:
            try:
                return action()
            except sqlite3.Error as error:
                if _code(error) not in _BUSY or time.monotonic() > give_up:
                    raise _translated(error, self._path) from error
                time.sleep(_PAUSE_S)

    def scrub(self) -> None:
        """Leave no byte of removed rows: VACUUM copies the others, and the WAL, which may hold all, is cut to nothing.

        `PRAGMA secure_delete` would do a part of this at every write, and be paid for at every write.
        """
        connection = self.borrow()
        try:
            self.patiently(lambda: connection.execute("VACUUM"))
            self.patiently(lambda: _empty_wal(connection))
        finally:
            self.give_back(connection)

    def close(self) -> None:
        """Close what is idle now, and the rest when it is given back."""
        if os.getpid() != self._pid:
            return
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _begin(self) -> None:
        # A connection must not be used, nor closed, in a forked child: the parent's are put aside and left alone.
        self._inherited.append(self._idle)
        self._idle = []
        self._closed = False
        self._writer = threading.Lock()
        self._pid = os.getpid()

    def _connect(self) -> sqlite3.Connection:
        if self._closed:
            raise BackendError(f"{self._path} is closed.", next_step="Open it again.")
        connection = sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            connection.execute(self._schema)
        except BaseException:
            connection.close()
            raise
        return connection


def after_prefix(prefix: bytes) -> bytes | None:
    """The first key after all that start with `prefix`; None when there is no such key."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None


def _empty_wal(connection: sqlite3.Connection) -> None:
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        error = sqlite3.OperationalError("somebody reads an older state")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error


def _code(error: sqlite3.Error) -> int:
    # Errors that the module itself raises carry no code.
    code = getattr(error, "sqlite_errorcode", 0)
    return code if code in _NO_ROOM else code & 0xFF


def _translated(error: sqlite3.Error, path: Path) -> BackendError:
    code = _code(error)
    if code in _NO_ROOM:
        return NoSpace(f"No room to write {path}.", next_step="Free space or raise the quota, then do it again.")
    if code in _DAMAGE:
        return Damaged(f"{path} is broken: {error}.", next_step="Restore the file from a backup.")
    return BackendError(
        f"SQLite can't use {path}: {error}.", next_step="Check that the file may be written to, then do it again."
    )
