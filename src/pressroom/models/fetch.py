"""Fetching a large file of a package: pieces are read and compared side by side, and nobody sees it before all hold.

One digest of 100 MB is one core's work. So beside such a file stand the digests of its pieces: they are part of the
package, so they are as good as the digest of the whole.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from pressroom.ports import Blobs, Damaged, Unchecked
from pressroom.values import Digest, digest_bytes

FILE = "served.pieces"
PIECE_BYTES = 4 << 20
_ALIGNED = 64
_MOST_THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """How long a file is, and the digest of each piece of 4 MiB of it, the last one shorter."""

    size_bytes: int
    digests: tuple[Digest, ...]


def cut(content: bytes) -> Pieces:
    """The pieces of a file."""
    view = memoryview(content)
    return Pieces(size_bytes=len(view), digests=tuple(digest_bytes(view[a:b]) for a, b in _bounds(len(view))))


def fetch(digest: Digest, pieces: Pieces, blobs: Blobs) -> bytes | memoryview:
    """The file, every byte compared. Raises NotFound, Damaged."""
    if not isinstance(blobs, Unchecked):
        return blobs.get(digest)
    if -(-pieces.size_bytes // PIECE_BYTES) != len(pieces.digests):
        raise _damaged(digest)
    bounds = list(_bounds(pieces.size_bytes))
    # Numpy asks the kernel for large pages: filling them takes a quarter of the time that `bytes` takes.
    room = np.empty(pieces.size_bytes + _ALIGNED, dtype=np.uint8)
    start = -room.ctypes.data % _ALIGNED
    content = memoryview(room.data)[start : start + pieces.size_bytes]

    def holds(number: int) -> bool:
        at, end = bounds[number]
        came = blobs.read_part(digest, at, content[at:end])
        return came == end - at and digest_bytes(content[at:end]) == pieces.digests[number]

    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1), thread_name_prefix="pieces") as threads:
        if not all(threads.map(holds, range(len(bounds)))):
            raise _damaged(digest)
    return content.toreadonly()


def _bounds(size: int) -> Iterator[tuple[int, int]]:
    return ((at, min(at + PIECE_BYTES, size)) for at in range(0, size, PIECE_BYTES))


def _damaged(digest: Digest) -> Damaged:
    return Damaged(
        f"Blob {digest} is not what was put.", next_step="Put the bytes again, or restore the file from a backup."
    )
