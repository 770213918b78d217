"""Blobs in a dictionary."""

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from pressroom.ports import Damaged, Draft
from pressroom.values import Digest, NotFound, digest_bytes


class _Gathered:
    closed = False

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def flush(self) -> None:
        """Everything is there at once."""

    @property
    def digest(self) -> Digest:
        return digest_bytes(self.content())

    def content(self) -> bytes:
        return bytes(self._bytes)


class MemoryBlobs:
    """Blobs for as long as the process lives."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: dict[Digest, bytes] = {}

    def put(self, data: bytes) -> Digest:
        """Keep a copy of `data`."""
        digest = digest_bytes(data)
        self._kept[digest] = bytes(data)
        return digest

    @contextmanager
    def draft(self) -> Generator[Draft]:
        """Gather pieces."""
        draft = _Gathered()
        yield draft
        self.put(draft.content())

    def open(self, digest: Digest) -> BinaryIO:
        """The bytes as a file."""
        return io.BytesIO(self.get(digest))

    def read_part(self, digest: Digest, at: int, into: memoryview) -> int:
        """A part, unchecked."""
        part = self._read(digest)[at : at + len(into)]
        into[: len(part)] = part
        return len(part)

    def get(self, digest: Digest) -> bytes:
        """The bytes, checked."""
        data = self._read(digest)
        if digest_bytes(data) != digest:
            raise Damaged(f"Blob {digest} is not what was put.", next_step="Put the bytes again.")
        return data

    def exists(self, digest: Digest) -> bool:
        """Whether it is kept."""
        return digest in self._kept

    def list(self) -> Iterator[Digest]:
        """Every digest, sorted."""
        yield from sorted(self._kept.copy())

    def delete(self, digest: Digest) -> None:
        """Forget it."""
        self._kept.pop(digest, None)

    def _read(self, digest: Digest) -> bytes:
        data = self._kept.get(digest)
        if data is None:
            raise NotFound(f"No blob {digest!r} is kept.", next_step="Put it first, or look up its digest again.")
        return data
