"""The meter of an attempt, in its own process: what only that process can see well, written beside its outcome.

It is written as the attempt goes on, so that of one that is killed, what it used is known up to half a second before.
"""

import os
import resource
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from pressroom.ports import left_in
from pressroom.values import InvalidInput, from_document, to_document

METERED = "metered.json"
_LOOK_S = 0.1
_WRITE_S = 0.5
_PAGE_BYTES = resource.getpagesize()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What an attempt's process and the children that it waited for used; bytes as they passed through calls. None is
    what was not counted.
    """

    wall_s: float = 0.0
    cpu_s: float | None = None
    memory_byte_s: float | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None


class AttemptMeter:
    """Counts a block of this process, in a thread of its own that looks ten times a second. With a folder, what was
    counted lies there. Where the system has no /proc, memory and bytes are None.
    """

    def __init__(self, folder: Path | None) -> None:
        """A meter that stands still."""
        self._folder = folder
        self._over = threading.Event()
        self._told = False
        self._thread = threading.Thread(target=self._watch, name="meter", daemon=True)
        self._began = 0.0
        self._cpu_before = self._cpu_s()
        self._bytes_before = _bytes_so_far()
        self._held_bytes: int | None = None
        self._held_at = 0.0
        self._memory_byte_s = 0.0

    def __enter__(self) -> Self:
        """Start to count."""
        self._began = self._held_at = time.monotonic()
        self._held_bytes = _held_bytes()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and write down what was counted, also when the block failed; unless it was told already."""
        if not self._told:
            self.ended()
            self._write()

    def ended(self) -> Metered:
        """Stop, and tell what was counted, for whoever writes it down himself."""
        self._over.set()
        self._thread.join()
        self._look()
        self._told = True
        return self.metered()

    def metered(self) -> Metered:
        """What was counted so far."""
        read, written = _bytes_so_far()
        return Metered(
            wall_s=time.monotonic() - self._began,
            cpu_s=self._cpu_s() - self._cpu_before,
            memory_byte_s=None if self._held_bytes is None else self._memory_byte_s,
            read_bytes=_since(read, self._bytes_before[0]),
            written_bytes=_since(written, self._bytes_before[1]),
        )

    def _watch(self) -> None:
        due_s = self._began + _WRITE_S
        while not self._over.wait(_LOOK_S):
            self._look()
            if self._held_at >= due_s:
                due_s = self._held_at + _WRITE_S
                self._write()

    def _look(self) -> None:
        now, held = time.monotonic(), _held_bytes()
        if held is not None and self._held_bytes is not None:
            self._memory_byte_s += (now - self._held_at) * (self._held_bytes + held) / 2
        self._held_at, self._held_bytes = now, held

    def _write(self) -> None:
        if self._folder is None:
            return
        # A full disk is the step's to tell of.
        with suppress(OSError):
            draft = self._folder / f"{METERED}.draft"
            draft.write_bytes(to_document(self.metered()))
            draft.rename(self._folder / METERED)

    def _cpu_s(self) -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(each.ru_utime + each.ru_stime for each in used)


def metered_in(folder: Path) -> Metered:
    """What an attempt's meter left in its folder; nothing is counted where it left nothing that can be read."""
    with suppress(OSError, InvalidInput, ValueError):
        return from_document(left_in(folder, METERED), Metered)
    return Metered()


def _since(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else now - before


def _held_bytes() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        return int(_read("/proc/self/statm").split()[1]) * _PAGE_BYTES
    return None


def _bytes_so_far() -> tuple[int | None, int | None]:
    """Read and written by this process and the children that it waited for."""
    with suppress(OSError, ValueError, IndexError):
        # The first two lines: "rchar: 123", "wchar: 45".
        words = _read(f"/proc/{os.getpid()}/io").split(maxsplit=4)
        return int(words[1]), int(words[3])
    return None, None


def _read(path: str) -> bytes:
    """A file of the system's, in three calls: short attempts would be longer for more."""
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, 1024)
    finally:
        os.close(file)
