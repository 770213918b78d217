"""Scratch as files in a folder."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from uuid import uuid4

from pressroom.backends.local.files import refusals, sync_folder
from pressroom.ports import Held, NoSpace
from pressroom.values import InvalidInput, NotFound

_DRAFT = ".draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalScratch:
    """Files under `folder`, which is made when it is needed. A copy in another process means the same folder; so does
    one on another machine where that folder is shared.

    Nothing is fsynced unless it is `durable`: after a power cut the work is done again. Whoever reads a file checks
    that it is whole.
    """

    folder: Path
    durable: bool = False

    @contextmanager
    def write(self, name: str) -> Generator[BinaryIO]:
        """Write a draft, then rename."""
        path = self._path(name)
        draft = path.with_name(f"{path.name}.{uuid4().hex}{_DRAFT}")
        try:
            with _refusals(self.folder):
                path.parent.mkdir(parents=True, exist_ok=True)
                with open(draft, "xb", buffering=1 << 16) as file:
                    yield cast(BinaryIO, _Refusing(file, self.folder))
                    if self.durable:
                        file.flush()
                        os.fsync(file.fileno())
                draft.rename(path)
                if self.durable:
                    sync_folder(path.parent)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def read(self, name: str) -> BinaryIO:
        """The file."""
        with _refusals(self.folder):
            try:
                return open(self._path(name), "rb")
            except FileNotFoundError:
                raise NotFound(f"There is no {name!r} in {self.folder}.", next_step="Do the work again.") from None

    def names(self, prefix: str = "") -> list[str]:
        """Every file that is whole."""
        return sorted(name for name in self._files(prefix) if not name.endswith(_DRAFT))

    @contextmanager
    def hold(self, name: str) -> Generator[None]:
        """Lock a file beside the folder, which the system lets go of when its holder dies."""
        path = self.folder.with_name(f".{self.folder.name}.{name.replace('/', '.')}.lock")
        with _refusals(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Held(f"Somebody else is at {name}.", next_step="Wait until that is done, or end it.") from None
            yield
        finally:
            os.close(file)

    def remove(self, prefix: str) -> None:
        """Unlink files, and folders that are empty then."""
        with _refusals(self.folder):
            for name in self._files(prefix):
                self._path(name).unlink(missing_ok=True)
            for path in sorted((path for path in self.folder.rglob("*") if path.is_dir()), reverse=True):
                with suppress(OSError):
                    path.rmdir()
            with suppress(OSError):
                self.folder.rmdir()

    def _files(self, prefix: str) -> list[str]:
        if not self.folder.is_dir():
            return []
        names = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        return [name for name in names if name.startswith(prefix)]

    def _path(self, name: str) -> Path:
        parts = name.split("/")
        if any(part in ("", ".", "..") for part in parts):
            raise InvalidInput(f"{name!r} can't name a file.", next_step="Give words between slashes.")
        return self.folder.joinpath(*parts)


@contextmanager
def _refusals(folder: Path) -> Generator[None]:
    try:
        with refusals(f"working in {folder}"):
            yield
    except NoSpace as error:
        raise NoSpace(
            error.message,
            next_step=f"Free space where {folder} is, then do the same again: what is finished is not repeated.",
        ) from error


class _Refusing:
    """A file whose refusals are ours also where a library is in between that would hide what they mean."""

    closed = False

    def __init__(self, file: BinaryIO, folder: Path) -> None:
        self._file, self._folder = file, folder

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError:
            with _refusals(self._folder):
                raise

    def flush(self) -> None:
        with _refusals(self._folder):
            self._file.flush()

    def tell(self) -> int:
        return self._file.tell()
