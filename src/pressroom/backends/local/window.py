"""Bytes of a file by their position in the log, read ahead in chunks."""

import os

_CHUNK_BYTES = 256 * 1024


class Window:
    """The bytes of `file` from position `start` (at `offset` in the file) up to where the file ended at first sight.

    Asking for bytes past the end gives fewer, never an error.
    """

    def __init__(self, file: int, *, start: int, offset: int) -> None:
        """Look at an open file; closing it stays with the caller."""
        self._file = file
        self._shift = offset - start
        self._chunk = b""
        self._chunk_at = start
        self.end = max(os.fstat(file).st_size - self._shift, start)

    def take(self, position: int, size: int, *, ahead: bool = True) -> bytes:
        """`size` bytes from `position` on; what follows them is read too unless nobody will ask for it."""
        skip = position - self._chunk_at
        if skip < 0 or skip + size > len(self._chunk):
            chunk = max(size, _CHUNK_BYTES) if ahead else size
            self._chunk = self._read(position, min(chunk, self.end - position))
            self._chunk_at, skip = position, 0
        return self._chunk[skip : skip + size]

    def _read(self, position: int, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0:
            part = os.pread(self._file, size, position + self._shift)
            if not part:
                break
            parts.append(part)
            position, size = position + len(part), size - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)
