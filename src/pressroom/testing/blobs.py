"""Blobs in a folder that a test may damage, and that another process may read."""

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pressroom.ports import Damaged, Draft
from pressroom.values import Digest, NotFound, digest_bytes


class _Gathered:
    """Bytes on their way. Arrow asks its files whether they are closed."""

    closed = False

    def __init__(self) -> None:
        self.content = b""

    def write(self, data: bytes) -> int:
        self.content += bytes(data)
        return len(data)

    def flush(self) -> None:
        """Everything is there at once."""

    @property
    def digest(self) -> Digest:
        return digest_bytes(self.content)


class FolderBlobs:
    """One file a blob, called by its digest."""

    def __init__(self, folder: Path) -> None:
        """Keep blobs in `folder`."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes) -> Digest:
        """Keep bytes."""
        digest = digest_bytes(data)
        (self._folder / digest).write_bytes(data)
        return digest

    @contextmanager
    def draft(self) -> Generator[Draft]:
        """Gather bytes, and keep them."""
        draft = _Gathered()
        yield draft
        self.put(draft.content)

    def open(self, digest: Digest) -> BinaryIO:
        """The bytes as a file."""
        return io.BytesIO(self.get(digest))

    def get(self, digest: Digest) -> bytes:
        """The bytes, checked."""
        path = self._folder / digest
        if not digest or not path.is_file():
            raise NotFound(f"No blob {digest!r} is kept.", next_step="Put it first.")
        data = path.read_bytes()
        if digest_bytes(data) != digest:
            raise Damaged(f"Blob {digest} is not what was put.", next_step="Put it again.")
        return data

    def exists(self, digest: Digest) -> bool:
        """Whether it is kept."""
        return bool(digest) and (self._folder / digest).is_file()

    def list(self) -> Iterator[Digest]:
        """Every digest, sorted."""
        return iter(sorted(path.name for path in self._folder.iterdir()))

    def delete(self, digest: Digest) -> None:
        """Forget one."""
        (self._folder / digest).unlink(missing_ok=True)

    def flip(self, digest: Digest) -> None:
        """Change one bit in the middle."""
        data = bytearray((self._folder / digest).read_bytes())
        data[len(data) // 2] ^= 1
        (self._folder / digest).write_bytes(bytes(data))
