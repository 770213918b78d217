"""How far a log has been acknowledged, for readers in all processes: 20 bytes, written after each fsync of the log.

The mark itself is not fsynced: after a power cut it may say less than was acknowledged, never more. Whoever opens the
log or appends to it next puts that right from the segments.
"""

import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

_MARK = struct.Struct("<QQ")
_CRC = struct.Struct("<I")
_TRIES = 100


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Entries before `end` are durable; the segment that is being written starts at `segment`."""

    end: int
    segment: int


class Mark:
    """The file that holds the mark."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def read(self) -> Acknowledged | None:
        """What it says; None when it was never written or is broken. A read that meets a write is tried again."""
        for _ in range(_TRIES):
            raw = os.pread(self._file, _MARK.size + _CRC.size, 0)
            if len(raw) != _MARK.size + _CRC.size:
                return None
            if _CRC.unpack_from(raw, _MARK.size)[0] == zlib.crc32(raw[: _MARK.size]):
                return Acknowledged(*_MARK.unpack_from(raw))
        return None

    def write(self, acknowledged: Acknowledged) -> None:
        """Say it to everybody."""
        raw = _MARK.pack(acknowledged.end, acknowledged.segment)
        os.pwrite(self._file, raw + _CRC.pack(zlib.crc32(raw)), 0)

    def close(self) -> None:
        """Close the file."""
        file, self._file = self._file, -1
        os.close(file)
