"""Blobs: bytes under their own digest. What is stored never changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from pressroom.values import Digest


class Blobs(Protocol):
    """Content-addressed bytes: model packages, training sets, definitions."""

    def put(self, data: bytes) -> Digest:
        """Keep `data` durably and return its digest; keeping the same bytes twice is one blob. Raises NoSpace."""
        ...

    def get(self, digest: Digest) -> bytes:
        """The bytes, checked against their digest. Raises NotFound, or Damaged when they are not what was put."""
        ...

    def exists(self, digest: Digest) -> bool:
        """Whether a blob is kept."""
        ...

    def file(self, digest: Digest) -> Path | None:
        """A file that holds the bytes, for another process to read and nobody to write; None where there is none. Who
        reads it checks the digest."""
        ...

    def list(self) -> Iterator[Digest]:
        """Every digest kept, sorted."""
        ...

    def delete(self, digest: Digest) -> None:
        """Forget a blob; forgetting what is not there is no error."""
        ...
