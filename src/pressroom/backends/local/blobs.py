"""Blobs as files named by their digest, in 256 folders."""

import hashlib
import os
import re
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from pressroom.backends.local.files import HashedFile, make_folder, place, refusals, sync_folder
from pressroom.ports import Damaged, Draft
from pressroom.values import Digest, NotFound, digest_bytes

_DRAFT = ".draft"
_OLD_S = 86_400
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

    @contextmanager
    def draft(self) -> Generator[Draft]:
        """Write beside the blobs, fsync, rename, fsync the folder. What a killed writer left is removed after a day."""
        self._drop_old_drafts()
        path = self._folder / f"{uuid4().hex}{_DRAFT}"
        try:
            with refusals("keeping a blob"), open(path, "xb") as file:
                draft = HashedFile(file, "keeping a blob")
                yield draft
                file.flush()
                os.fsync(file.fileno())
            kept = self._path(draft.digest)
            with refusals("keeping a blob"):
                make_folder(kept.parent)
                path.rename(kept)
                sync_folder(kept.parent)
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def open(self, digest: Digest) -> BinaryIO:
        """The file, once all of it was looked at."""
        with refusals("reading a blob"):
            if not self.exists(digest):
                raise _missing(digest)
            file = open(self._path(digest), "rb")  # noqa: SIM115  (whoever asked closes it)
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                file.close()
                raise _damaged(digest)
            file.seek(0)
            return file

    def read_part(self, digest: Digest, at: int, into: memoryview) -> int:
        """A part, unchecked."""
        with refusals("reading a blob"):
            if not self.exists(digest):
                raise _missing(digest)
            filled = 0
            with open(self._path(digest), "rb", buffering=0) as file:
                file.seek(at)
                while filled < len(into) and (came := file.readinto(into[filled:])):
                    filled += came
        return filled

    def get(self, digest: Digest) -> bytes:
        """The bytes, checked."""
        with refusals("reading a blob"):
            data = _read(self._path(digest)) if _DIGEST.match(digest) else None
        if data is None:
            raise _missing(digest)
        if digest_bytes(data) != digest:
            raise _damaged(digest)
        return data

    def exists(self, digest: Digest) -> bool:
        """Whether its file is there."""
        return _DIGEST.match(digest) is not None and self._path(digest).is_file()

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

    def _drop_old_drafts(self) -> None:
        with suppress(OSError):
            for path in self._folder.glob(f"*{_DRAFT}"):
                if time.time() - path.stat().st_mtime > _OLD_S:
                    path.unlink(missing_ok=True)

    def _path(self, digest: Digest) -> Path:
        return self._folder / digest[:2] / digest[2:]


def _missing(digest: Digest) -> NotFound:
    return NotFound(f"No blob {digest!r} is kept.", next_step="Put it first, or look up its digest again.")


def _damaged(digest: Digest) -> Damaged:
    return Damaged(
        f"Blob {digest} is not what was put.", next_step="Put the bytes again, or restore the file from a backup."
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
