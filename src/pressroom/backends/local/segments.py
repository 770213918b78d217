"""The files of a log, named by the position at which they start.

A file opens with `PRESSLOG` | start 8 | first_seq 8 | crc32 4, so that positions and the numbering of rows go on even
when every entry was trimmed; positions don't count these bytes.
"""

import os
import re
import struct
import zlib
from bisect import bisect_right
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from pressroom.backends.local.files import make_folder, place, sync_folder
from pressroom.backends.local.window import Window
from pressroom.ports import Damaged

_MAGIC = b"PRESSLOG"
_HEAD = struct.Struct("<8sQQ")
_CRC = struct.Struct("<I")
HEAD_BYTES = _HEAD.size + _CRC.size
_LEAD_BYTES = 8
_NAME = re.compile(r"(\d{20})\.log\Z")


class Segments:
    """The segment files in one folder."""

    def __init__(self, folder: Path) -> None:
        """Look into `folder`, which is made when missing."""
        self._folder = folder
        make_folder(folder)

    def starts(self) -> list[int]:
        """Where each segment starts, in order."""
        return sorted(int(match[1]) for match in map(_NAME.match, os.listdir(self._folder)) if match)

    def kept(self) -> list[int]:
        """The same, for a log that was opened: it has one at least. Raises Damaged."""
        starts = self.starts()
        if not starts:
            raise Damaged(f"{self._folder} is empty.", next_step="Restore the log's folder from a backup.")
        return starts

    def create(self, start: int, first_seq: int) -> None:
        """Make an empty segment, durably; one that is there already is left alone."""
        path = self.path(start)
        if not path.exists():
            head = _HEAD.pack(_MAGIC, start, first_seq)
            place(path, head + _CRC.pack(zlib.crc32(head)))

    def open(self, start: int) -> int:
        """A file descriptor for reading and writing; the caller closes it."""
        return os.open(self.path(start), os.O_RDWR | os.O_CLOEXEC)

    @contextmanager
    def window(self, start: int) -> Generator[Window]:
        """Look at the records of a segment."""
        file = os.open(self.path(start), os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield Window(file, start=start, offset=HEAD_BYTES)
        finally:
            os.close(file)

    def first_seq(self, start: int) -> int:
        """The number of the first row in a segment; Damaged when its head is broken."""
        with self.path(start).open("rb") as file:
            raw = file.read(HEAD_BYTES)
        head, crc = raw[: _HEAD.size], raw[_HEAD.size :]
        if len(raw) == HEAD_BYTES and _CRC.unpack(crc)[0] == zlib.crc32(head):
            magic, kept_start, first_seq = _HEAD.unpack(head)
            if magic == _MAGIC and kept_start == start:
                return int(first_seq)
        raise Damaged(
            f"{self.path(start)} is no segment of this log.", next_step="Restore the log's folder from a backup."
        )

    def whole_to(self) -> int:
        """Up to where the segments that are kept follow one another without a gap."""
        starts = self.kept()
        end = starts[0]
        for start in starts:
            if start != end:
                break
            end = start + max(self.path(start).stat().st_size - HEAD_BYTES, 0)
        return end

    def lead(self, position: int) -> bytes:
        """The first bytes of the record at `position`: its mark and its checksum."""
        starts = self.kept()
        start = starts[max(bisect_right(starts, position) - 1, 0)]
        with self.window(start) as window:
            return window.take(position, _LEAD_BYTES, ahead=False)

    def delete(self, starts: list[int]) -> None:
        """Remove segments, durably."""
        for start in starts:
            self.path(start).unlink(missing_ok=True)
        sync_folder(self._folder)

    def path(self, start: int) -> Path:
        """The file of a segment."""
        return self._folder / f"{start:020d}.log"
