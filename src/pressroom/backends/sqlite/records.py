"""Records in one SQLite file, fsynced at every write."""

from collections.abc import Mapping
from pathlib import Path

from pressroom.backends.sqlite.connections import Connections, after_prefix
from pressroom.ports import Record, VersionConflict
from pressroom.values import Document

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, key BLOB NOT NULL, version INTEGER NOT NULL, document BLOB NOT NULL, PRIMARY KEY (kind, key)
)
"""
_GET = "SELECT version, document FROM records WHERE kind = ? AND key = ?"
_PUT = """
INSERT INTO records VALUES (?, ?, ?, ?)
ON CONFLICT (kind, key) DO UPDATE SET version = excluded.version, document = excluded.document
"""
_PUT_NEXT = """
INSERT INTO records VALUES (?, ?, 1, ?)
ON CONFLICT (kind, key) DO UPDATE SET version = version + 1, document = excluded.document
"""
_QUERY_FROM = "SELECT key, version, document FROM records WHERE kind = ? AND key >= ? ORDER BY key"
_QUERY_BETWEEN = "SELECT key, version, document FROM records WHERE kind = ? AND key >= ? AND key < ? ORDER BY key"
_DELETE = "DELETE FROM records WHERE kind = ? AND key = ?"


class SqliteRecords:
    """Records in the file at `path`, which is made when missing; for all processes of a machine.

    Keys are stored as UTF-8 bytes, so that their order is the order of their characters.
    """

    def __init__(self, path: Path) -> None:
        """Open or make the file."""
        self._connections = Connections(path, schema=_SCHEMA, synchronous="FULL")

    def get(self, kind: str, key: str) -> Record | None:
        """The newest version."""
        row = self._connections.reading(lambda connection: connection.execute(_GET, (kind, key.encode())).fetchone())
        return None if row is None else Record(kind=kind, key=key, version=row[0], document=row[1])

    def put(self, kind: str, key: str, document: Document, *, seen: int) -> Record:
        """Store version `seen` + 1."""
        with self._connections.writing() as connection:
            row = connection.execute(_GET, (kind, key.encode())).fetchone()
            version = row[0] if row else 0
            if version != seen:
                raise VersionConflict(
                    f"{kind} {key!r} is at version {version}, not {seen}.",
                    next_step="Read it again and redo the change.",
                )
            connection.execute(_PUT, (kind, key.encode(), version + 1, document))
        return Record(kind=kind, key=key, version=version + 1, document=document)

    def put_many(self, kind: str, documents: Mapping[str, Document]) -> None:
        """All in one transaction."""
        if documents:
            with self._connections.writing() as connection:
                connection.executemany(
                    _PUT_NEXT, [(kind, key.encode(), document) for key, document in documents.items()]
                )

    def query(self, kind: str, *, prefix: str = "") -> list[Record]:
        """Records of `kind` by prefix of their key, as of one moment."""
        start = prefix.encode()
        stop = after_prefix(start)
        sql, bounds = (_QUERY_FROM, (kind, start)) if stop is None else (_QUERY_BETWEEN, (kind, start, stop))
        rows = self._connections.reading(lambda connection: connection.execute(sql, bounds).fetchall())
        return [Record(kind=kind, key=key.decode(), version=version, document=doc) for key, version, doc in rows]

    def delete(self, kind: str, key: str) -> None:
        """Remove a record."""
        with self._connections.writing() as connection:
            connection.execute(_DELETE, (kind, key.encode()))

    def scrub(self) -> None:
        """Write the file anew without what was removed, and empty the one beside it."""
        self._connections.scrub()

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()
