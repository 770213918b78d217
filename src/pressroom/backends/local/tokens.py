"""The tokens of entries that were trimmed, so that they are never kept twice: what their index is made again from."""

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pressroom.backends.local.files import sync_folder, write_at
from pressroom.backends.local.frames import frame_after, pack, piece_at, record_bytes
from pressroom.backends.local.window import Window
from pressroom.ports import Damaged, Entry


class Tokens:
    """A file of lists of tokens, one frame each, that only grows."""

    def __init__(self, path: Path) -> None:
        """Read from `path`; the file is made when there is something to keep."""
        self._path = path

    def all(self) -> Iterator[str]:
        """Every token that was kept, by any process. Raises Damaged."""
        if not self._path.exists():
            return
        with self._window() as window:
            position = 0
            while piece := piece_at(window, position):
                yield from msgspec.msgpack.decode(piece.stored.entry.payload, type=list[str])
                position = piece.stored.next_position
            self._check(window, position)

    def keep(self, tokens: Sequence[str]) -> None:
        """Keep `tokens` durably, over a torn end of the file if there is one; only that end of it is read."""
        end = self._end() if self._path.exists() else 0
        entry = Entry(topic="tokens", rows=len(tokens), payload=msgspec.msgpack.encode(list(tokens)))
        raw, _ = pack([entry], position=end, first_seq=0)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            os.ftruncate(file, end)
            write_at(file, raw, end)
            os.fsync(file)
        finally:
            os.close(file)
        sync_folder(self._path.parent)

    def _end(self) -> int:
        with self._window() as window:
            last, end = 0, 0
            while size := record_bytes(window, end):
                last, end = end, end + size
            if end and piece_at(window, last) is None:
                end = last
            self._check(window, end)
            return end

    def _check(self, window: Window, end: int) -> None:
        if frame_after(window, end):
            raise Damaged(f"{self._path} is broken in its middle.", next_step="Restore the file from a backup.")

    @contextmanager
    def _window(self) -> Generator[Window]:
        file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield Window(file, start=0, offset=0)
        finally:
            os.close(file)
