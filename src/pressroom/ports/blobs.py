"""Blobs: bytes under their own digest. What is stored never changes."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol, runtime_checkable

from pressroom.values import Digest


class Draft(Protocol):
    """Bytes on their way to become a blob."""

    def write(self, data: bytes) -> int:
        """Add bytes, and say how many. Raises NoSpace."""
        ...

    @property
    def digest(self) -> Digest:
        """The digest of what was written so far: of the blob, once it is kept."""
        ...


class Blobs(Protocol):
    """Content-addressed bytes: model packages, training sets, definitions."""

    def put(self, data: bytes) -> Digest:
        """Keep `data` durably and return its digest; keeping the same bytes twice is one blob. Raises NoSpace."""
        ...

    def draft(self) -> AbstractContextManager[Draft]:
        """A blob that is written a piece at a time: kept durably when the block ends without an error, else not at all.

        Whoever writes never has to hold it whole. Raises NoSpace.
        """
        ...

    def open(self, digest: Digest) -> BinaryIO:
        """The bytes as a file to read and seek in, checked against their digest before. Raises NotFound, Damaged."""
        ...

    def get(self, digest: Digest) -> bytes:
        """The bytes, checked against their digest. Raises NotFound, or Damaged when they are not what was put."""
        ...

    def exists(self, digest: Digest) -> bool:
        """Whether a blob is kept."""
        ...

    def list(self) -> Iterator[Digest]:
        """Every digest kept, sorted."""
        ...

    def delete(self, digest: Digest) -> None:
        """Forget a blob; forgetting what is not there is no error."""
        ...


@runtime_checkable
class Unchecked(Protocol):
    """What a store may offer besides: parts of a blob, for whoever knows the digests of its parts and compares them."""

    def read_part(self, digest: Digest, at: int, into: memoryview) -> int:
        """Fill `into` with the bytes from `at` on as they are stored, be they damaged or not, and say how many came:
        fewer than there is room for only at the end. Several threads may read at once. Raises NotFound.
        """
        ...
