"""The log as a list under one lock; a position is a count of entries."""

import threading
from collections.abc import Iterator, Sequence

from pressroom.ports import Entry, Stored


class MemoryLog:
    """A log for as long as the process lives."""

    def __init__(self) -> None:
        """Start empty, at position 0 and sequence 0."""
        self._lock = threading.Lock()
        self._kept: list[Stored] = []
        self._tokens: set[str] = set()
        self._first = 0
        self._next_seq = 0

    def append(self, entries: Sequence[Entry]) -> list[Stored | None]:
        """Keep all of `entries` whose token is new, and what is attached to them."""
        with self._lock:
            told: list[Stored | None] = []
            for entry in entries:
                left_out = entry.attached and bool(told) and told[-1] is None
                told.append(None if left_out else self._keep(entry))
            return told

    def read(self, position: int = 0) -> Iterator[Stored]:
        """The entries that stand there when the first is asked for."""
        with self._lock:
            found = self._kept[max(position - self._first, 0) :]
        yield from found

    def first(self) -> int:
        """How many entries were trimmed."""
        return self._first

    def last(self) -> int:
        """How many entries were ever kept."""
        with self._lock:
            return self._last()

    def trim(self, position: int) -> None:
        """Drop the entries before `position`."""
        with self._lock:
            dropped = min(max(position - self._first, 0), len(self._kept))
            del self._kept[:dropped]
            self._first += dropped

    def close(self) -> None:
        """Nothing to give back."""

    def _last(self) -> int:
        return self._first + len(self._kept)

    def _keep(self, entry: Entry) -> Stored | None:
        if entry.token and entry.token in self._tokens:
            return None
        self._tokens.add(entry.token)
        place = self._last()
        stored = Stored(position=place, next_position=place + 1, first_seq=self._next_seq, entry=entry)
        self._kept.append(stored)
        self._next_seq += entry.rows
        return stored
