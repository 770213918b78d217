"""Keys in a dictionary under one lock."""

import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager


class MemoryKeys:
    """Keys for as long as the process lives."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._values: dict[bytes, bytes] = {}

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Values in the order of `keys`."""
        with self._lock:
            return [self._values.get(key) for key in keys]

    def put_many(self, items: Mapping[bytes, bytes]) -> None:
        """Set all at once."""
        with self._lock:
            self._values.update(items)

    def delete_many(self, keys: Sequence[bytes]) -> None:
        """Remove all at once."""
        with self._lock:
            for key in keys:
                self._values.pop(key, None)

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The pairs as they stand when the first is asked for."""
        with self._lock:
            found = sorted(pair for pair in self._values.items() if pair[0].startswith(prefix))
        yield from found

    @contextmanager
    def exclusive(self) -> Generator[None]:
        """A lock of this process, which is all there are."""
        with self._turn:
            yield

    def scrub(self) -> None:
        """What is removed is gone at once."""

    def close(self) -> None:
        """Nothing to give back."""
