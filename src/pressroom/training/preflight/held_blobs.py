"""Blobs that live as long as a rehearsal: what is exported only to be looked at is kept nowhere."""

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from pressroom.ports import Draft
from pressroom.values import Digest, NotFound, digest_bytes


class _Draft:
    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def whole(self) -> bytes:
        return bytes(self._written)

    @property
    def digest(self) -> Digest:
        return digest_bytes(self.whole())


class HeldBlobs:
    """Blobs in memory."""

    def __init__(self) -> None:
        """Hold none."""
        self._held: dict[Digest, bytes] = {}

    def put(self, data: bytes) -> Digest:
        """Hold `data`."""
        digest = digest_bytes(data)
        self._held[digest] = bytes(data)
        return digest

    @contextmanager
    def draft(self) -> Generator[Draft]:
        """Hold what is written, once the block ends well."""
        draft = _Draft()
        yield draft
        self.put(draft.whole())

    def open(self, digest: Digest) -> BinaryIO:
        """The bytes as a file. Raises NotFound."""
        return io.BytesIO(self.get(digest))

    def get(self, digest: Digest) -> bytes:
        """The bytes. Raises NotFound."""
        if digest not in self._held:
            raise NotFound(f"There is no blob {digest}.", next_step="Put it first.")
        return self._held[digest]

    def exists(self, digest: Digest) -> bool:
        """Whether it is held."""
        return digest in self._held

    def list(self) -> Iterator[Digest]:
        """All that are held, sorted."""
        return iter(sorted(self._held))

    def delete(self, digest: Digest) -> None:
        """Forget it."""
        self._held.pop(digest, None)
