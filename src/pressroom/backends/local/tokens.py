"""The tokens of entries that were trimmed, so that they are never kept twice."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pressroom.backends.local.files import sync_folder, write_at
from pressroom.backends.local.frames import frame_after, pack, piece_at
from pressroom.backends.local.window import Window
from pressroom.ports import Damaged, Entry


class Tokens:
    """A file of lists of tokens, one frame each, that only grows."""

    def __init__(self, path: Path) -> None:
        """Read from `path`; the file is made when there is something to keep."""
        self._path = path
        self._seen_to = 0

    def unseen(self) -> set[str]:
        """Tokens that were kept, by any process, since the last call."""
        found: set[str] = set()
        if not self._path.exists():
            return found
        file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            window = Window(file, start=0, offset=0)
            while piece := piece_at(window, self._seen_to):
                found.update(msgspec.msgpack.decode(piece.stored.entry.payload, type=list[str]))
                self._seen_to = piece.stored.next_position
            if frame_after(window, self._seen_to):
                raise Damaged(f"{self._path} is broken in its middle.", next_step="Restore the file from a backup.")
        finally:
            os.close(file)
        return found

    def keep(self, tokens: Sequence[str]) -> set[str]:
        """Keep `tokens` durably, over a torn end of the file if there is one; returns what was unseen before."""
        unseen = self.unseen()
        entry = Entry(topic="tokens", rows=len(tokens), payload=msgspec.msgpack.encode(list(tokens)))
        raw, _ = pack([entry], position=self._seen_to, first_seq=0)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            os.ftruncate(file, self._seen_to)
            write_at(file, raw, self._seen_to)
            os.fsync(file)
        finally:
            os.close(file)
        sync_folder(self._path.parent)
        self._seen_to += len(raw)
        return unseen
