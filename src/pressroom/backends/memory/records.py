"""Records in a dictionary under one lock."""

import threading
from collections.abc import Mapping

from pressroom.ports import Record, VersionConflict
from pressroom.values import Document


class MemoryRecords:
    """Records for as long as the process lives."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._newest: dict[tuple[str, str], Record] = {}

    def get(self, kind: str, key: str) -> Record | None:
        """The newest version."""
        return self._newest.get((kind, key))

    def put(self, kind: str, key: str, document: Document, *, seen: int) -> Record:
        """Store version `seen` + 1."""
        with self._lock:
            newest = self._newest.get((kind, key))
            version = newest.version if newest else 0
            if version != seen:
                raise VersionConflict(
                    f"{kind} {key!r} is at version {version}, not {seen}.",
                    next_step="Read it again and redo the change.",
                )
            record = Record(kind=kind, key=key, version=version + 1, document=bytes(document))
            self._newest[kind, key] = record
            return record

    def put_many(self, kind: str, documents: Mapping[str, Document]) -> None:
        """Store the version after the newest of each."""
        with self._lock:
            for key, document in documents.items():
                newest = self._newest.get((kind, key))
                version = newest.version + 1 if newest else 1
                self._newest[kind, key] = Record(kind=kind, key=key, version=version, document=bytes(document))

    def query(self, kind: str, *, prefix: str = "") -> list[Record]:
        """Records of `kind` by prefix of their key."""
        with self._lock:
            found = [record for record in self._newest.values() if record.kind == kind]
        return sorted((r for r in found if r.key.startswith(prefix)), key=lambda record: record.key)

    def delete(self, kind: str, key: str) -> None:
        """Remove a record."""
        with self._lock:
            self._newest.pop((kind, key), None)

    def scrub(self) -> None:
        """What is removed is gone at once."""

    def close(self) -> None:
        """Nothing to give back."""
