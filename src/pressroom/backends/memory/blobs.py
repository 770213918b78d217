"""Blobs in a dictionary."""

from collections.abc import Iterator
from pathlib import Path

from pressroom.ports import Damaged
from pressroom.values import Digest, NotFound, digest_bytes


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

    def get(self, digest: Digest) -> bytes:
        """The bytes, checked."""
        data = self._kept.get(digest)
        if data is None:
            raise NotFound(f"No blob {digest!r} is kept.", next_step="Put it first, or look up its digest again.")
        if digest_bytes(data) != digest:
            raise Damaged(f"Blob {digest} is not what was put.", next_step="Put the bytes again.")
        return data

    def exists(self, digest: Digest) -> bool:
        """Whether it is kept."""
        return digest in self._kept

    def file(self, digest: Digest) -> Path | None:
        """None: there is no file."""
        return None

    def list(self) -> Iterator[Digest]:
        """Every digest, sorted."""
        yield from sorted(self._kept.copy())

    def delete(self, digest: Digest) -> None:
        """Forget it."""
        self._kept.pop(digest, None)
