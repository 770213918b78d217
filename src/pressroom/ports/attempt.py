"""The other side of an executor: what the process of an attempt does, wherever it was put, and what it leaves."""

import importlib
import io
import json
import os
import stat
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressroom.ports.executor import Used

LOG = "log"
USED = "used.json"
PROGRAM = "pressroom.ports.run_attempt"
_SIGNALS, _MOST_SIGNALS = 128, 65


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was left of what an attempt used; `over_memory` where the kernel killed it for that. Nothing: all zeros, and
    None. With a `source`, a control group counted all its processes, and the figures are also told while it runs.
    """

    cpu_s: float = 0.0
    peak_bytes: int = 0
    over_memory: bool = False
    memory_bytes: int | None = None
    memory_byte_s: float | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None
    source: str = ""

    def used(self) -> Used | None:
        """The same, of an attempt that runs; None where no group counts it."""
        if not self.source:
            return None
        return Used(
            cpu_s=self.cpu_s,
            memory_bytes=self.memory_bytes,
            read_bytes=self.read_bytes,
            written_bytes=self.written_bytes,
            memory_byte_s=self.memory_byte_s,
            source=self.source,
        )


def call_entry(entry: str, folder: Path) -> int:
    """Call the function; the exit code is what it returns, or 1 when it raises, which is printed."""
    module, _, function = entry.partition(":")
    try:
        return int(getattr(importlib.import_module(module), function)(folder) or 0)
    except BaseException:  # noqa: BLE001  (the process ends here whatever happened, and says what)
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def to_log(path: Path) -> None:
    """From here on this process reads nothing, and writes what it prints to a file."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), encoding="utf-8", errors="backslashreplace", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), encoding="utf-8", errors="backslashreplace", write_through=True)


def left_in(folder: Path, name: str, start: int = 0) -> bytes:
    """What an attempt left under a name in its folder, from a byte on. It may be a link to what the attempt could not
    read itself, or a pipe that nobody ever writes to: only a file of its own is read. Raises FileNotFoundError.
    """
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FileNotFoundError(error.errno, f"{name} is no file of its own", str(folder / name)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(f"{folder / name} is no file")
    with os.fdopen(descriptor, "rb") as file:
        file.seek(start)
        return file.read()


def log_of(folder: str, start: int) -> bytes:
    """What an attempt in this folder printed, from a byte on."""
    try:
        return left_in(Path(folder), LOG, start)
    except FileNotFoundError:
        return b""


def told_in(folder: Path) -> Told:
    """What an attempt said of itself; the step could have written it, so whoever bills looks at the executor first."""
    try:
        told = json.loads(left_in(folder, USED))
        return Told(
            cpu_s=float(told["cpu_s"]),
            peak_bytes=int(told["peak_bytes"]),
            over_memory=bool(told["over_memory"]),
            memory_bytes=_whole(told.get("memory_bytes")),
            memory_byte_s=None if told.get("memory_byte_s") is None else float(told["memory_byte_s"]),
            read_bytes=_whole(told.get("read_bytes")),
            written_bytes=_whole(told.get("written_bytes")),
            source=str(told.get("source", "")),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Told()


def _whole(told: Any) -> int | None:
    return None if told is None else int(told)


def ended_by(code: int) -> tuple[int | None, int | None]:
    """The exit code, or the signal, of an attempt that a shell, bubblewrap or a container tells as one number."""
    return (None, code - _SIGNALS) if _SIGNALS < code < _SIGNALS + _MOST_SIGNALS else (code, None)


def disk_bytes(*folders: str) -> int:
    """The bytes that the files below folders take on the disk; what is removed meanwhile, or not there, counts not."""
    total = 0
    waiting = [folder for folder in folders if folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except (FileNotFoundError, PermissionError):
            continue
    return total
