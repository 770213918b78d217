"""Scratch in a dictionary."""

import io
from collections.abc import Generator
from contextlib import contextmanager
from typing import BinaryIO

from pressroom.ports import Held
from pressroom.values import NotFound


class MemoryScratch:
    """Files for as long as the process lives, and in no other."""

    def __init__(self) -> None:
        """Start empty."""
        self._files: dict[str, bytes] = {}
        self._held: set[str] = set()

    @contextmanager
    def write(self, name: str) -> Generator[BinaryIO]:
        """Keep the bytes when all are there."""
        file = io.BytesIO()
        yield file
        self._files[name] = file.getvalue()

    def read(self, name: str) -> BinaryIO:
        """A copy to read in."""
        if name not in self._files:
            raise NotFound(f"There is no {name!r}.", next_step="Do the work again.")
        return io.BytesIO(self._files[name])

    def names(self, prefix: str = "") -> list[str]:
        """Every name."""
        return sorted(name for name in self._files if name.startswith(prefix))

    @contextmanager
    def hold(self, name: str) -> Generator[None]:
        """Remember who holds what."""
        if name in self._held:
            raise Held(f"Somebody else is at {name}.", next_step="Wait until that is done, or end it.")
        self._held.add(name)
        try:
            yield
        finally:
            self._held.remove(name)

    def remove(self, prefix: str) -> None:
        """Drop them."""
        for name in self.names(prefix):
            del self._files[name]
