"""What makes bytes stay on a disk, and what the disk's refusals mean."""

import errno
import hashlib
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from pressroom.ports import BackendError, NoSpace

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def refusals(doing: str) -> Generator[None]:
    """Turn what the system refuses while `doing` something into BackendError, NoSpace when there is no room."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        if error.errno in _NO_ROOM:
            raise NoSpace(
                f"No room while {doing}: {reason}.", next_step="Free space or raise the quota, then do it again."
            ) from error
        raise BackendError(
            f"The disk refused while {doing}: {reason}.",
            next_step="Check that the folder is there and may be written to.",
        ) from error


class HashedFile:
    """A file that is written from front to end, and the digest of what is in it. Refusals name what is being done."""

    closed = False

    def __init__(self, file: BinaryIO, doing: str) -> None:
        """Write to `file`."""
        self._file, self._doing = file, doing
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Add bytes."""
        with refusals(self._doing):
            self._hash.update(data)
            return self._file.write(data)

    def flush(self) -> None:
        """Nothing: what counts is when the whole file is kept."""

    @property
    def digest(self) -> str:
        """Of what was written so far."""
        return self._hash.hexdigest()


def write_at(file: int, data: bytes, offset: int) -> None:
    """Write all of `data` at `offset`; the system may take it in several parts."""
    rest = memoryview(data)
    while rest:
        written = os.pwrite(file, rest, offset)
        rest, offset = rest[written:], offset + written


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def make_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def place(path: Path, data: bytes) -> None:
    """Put a whole file under its name in one durable step: nobody ever sees a part of it."""
    draft = path.with_name(f"{path.name}.{uuid4().hex}.draft")
    try:
        with open(draft, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
