"""Blobs as files named by their digest, in 256 folders."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pressroom.backends.local.files import make_folder, place, refusals, sync_folder
from pressroom.ports import Damaged
from pressroom.values import Digest, NotFound, digest_bytes

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class LocalBlobs:
    """Content-addressed files under `folder`, which is made when missing; processes may share it."""

    def __init__(self, folder: Path) -> None:
        """Keep blobs under `folder`."""
        self._folder = folder
        with refusals(f"opening {folder}"):
            make_folder(folder)

    def put(self, data: bytes) -> Digest:
        """Write, fsync, rename, fsync the folder. A file that is not what it should be is written anew."""
        digest = digest_bytes(data)
        path = self._path(digest)
        with refusals("keeping a blob"):
            make_folder(path.parent)
            if _read(path) == data:
                sync_folder(path.parent)
            else:
                place(path, data)
        return digest

    def get(self, digest: Digest) -> bytes:
        """The bytes, checked."""
        with refusals("reading a blob"):
            data = _read(self._path(digest)) if _DIGEST.match(digest) else None
        if data is None:
            raise NotFound(f"No blob {digest!r} is kept.", next_step="Put it first, or look up its digest again.")
        if digest_bytes(data) != digest:
            raise Damaged(
                f"Blob {digest} is not what was put.",
                next_step="Put the bytes again, or restore the file from a backup.",
            )
        return data

    def exists(self, digest: Digest) -> bool:
        """Whether its file is there."""
        return _DIGEST.match(digest) is not None and self._path(digest).is_file()

    def file(self, digest: Digest) -> Path | None:
        """Its file."""
        return self._path(digest) if self.exists(digest) else None

    def list(self) -> Iterator[Digest]:
        """Every digest, sorted; drafts of blobs that are being put are passed over."""
        with refusals("listing blobs"):
            for shard in sorted(self._folder.iterdir()):
                names = [shard.name + path.name for path in shard.iterdir()] if shard.is_dir() else []
                yield from sorted(name for name in names if _DIGEST.match(name))

    def delete(self, digest: Digest) -> None:
        """Remove its file, durably."""
        if not _DIGEST.match(digest):
            return
        path = self._path(digest)
        with refusals("forgetting a blob"), suppress(FileNotFoundError):
            path.unlink()
            sync_folder(path.parent)

    def _path(self, digest: Digest) -> Path:
        return self._folder / digest[:2] / digest[2:]


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
