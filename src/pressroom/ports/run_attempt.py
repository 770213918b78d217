"""`python -m pressroom.ports.run_attempt ENTRY FOLDER`: an attempt in a process that nobody forked.

Containers, pods and Ray's workers run it. It leaves in the folder what was printed (`log`) and used (`used.json`). Two
processes, for the first one of a container hears no signal that it has no handler for, and is given all orphans. The
first one of a container also tells twice a second what its control group has used so far: who is killed is billed, too.
"""

import contextlib
import ctypes
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from pressroom.ports.attempt import LOG, USED, call_entry, to_log
from pressroom.ports.group_figures import group_figures, own_folders

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
_COUNTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
_SIGNALS = 128
_CHILD_SUBREAPER = 36
_LOOK_S, _WRITE_S = 0.1, 0.5
_SOURCE = "control group, read by the first process in it; bytes of devices"


def main(entry: str, folder: Path) -> NoReturn:
    """Do an attempt, and exit as it did: with 128 and a signal's number where it was killed by one."""
    to_log(folder / LOG)
    _adopt_orphans()
    before, orphans_s = _killed_for_memory(), 0.0
    attempt = os.fork()
    if attempt == 0:
        # Threads that a library left may not keep an attempt from ending.
        os._exit(call_entry(entry, folder))

    def hand_on(number: int, frame: FrameType | None) -> None:
        # A signal to the whole group has reached it already, and it may be gone.
        with contextlib.suppress(ProcessLookupError):
            os.kill(attempt, number)

    signal.signal(signal.SIGTERM, hand_on)
    group = _Group(folder, before) if os.getpid() == 1 else None
    while True:
        pid, status, used = os.wait4(-1, 0)
        if pid == attempt:
            break
        orphans_s += used.ru_utime + used.ru_stime
    told = {
        "cpu_s": used.ru_utime + used.ru_stime + orphans_s,
        "peak_bytes": used.ru_maxrss * _MAXRSS_BYTES,
        "over_memory": _killed_for_memory() > before,
    }
    if group is not None:
        told |= group.told(at_the_end=True)
    _write(folder, told)
    os._exit(_SIGNALS + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


def _adopt_orphans() -> None:
    """What descends from this process and loses its parent can then be waited for, and counted: Linux only."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)


class _Group:
    """Follows the group of a container, in a thread; there is one only for the first process of it."""

    def __init__(self, folder: Path, killed_before: int) -> None:
        self._folder, self._killed_before = folder, killed_before
        self._folders = own_folders()
        self._byte_s, self._held = 0.0, group_figures(self._folders).memory_bytes
        self._looked, self._over = time.monotonic(), threading.Event()
        self._thread = threading.Thread(target=self._follow, name="group", daemon=True)
        self._thread.start()

    def told(self, *, at_the_end: bool = False) -> dict[str, Any]:
        """What to write down; nothing where no group is to be seen. The highest memory is the attempt's own."""
        if at_the_end:
            self._over.set()
            self._thread.join()
            self._look()
        now = group_figures(self._folders)
        if now.cpu_s is None:
            return {}
        figures: dict[str, Any] = {
            "cpu_s": now.cpu_s,
            "memory_bytes": now.memory_bytes,
            "memory_byte_s": None if self._held is None else self._byte_s,
            "read_bytes": now.read_bytes,
            "written_bytes": now.written_bytes,
            "source": _SOURCE,
        }
        if at_the_end:
            return figures
        over = _killed_for_memory() > self._killed_before
        return {**figures, "peak_bytes": now.peak_bytes or 0, "over_memory": over}

    def _follow(self) -> None:
        due = self._looked
        while not self._over.wait(_LOOK_S):
            self._look()
            if self._looked >= due and (told := self.told()):
                due = self._looked + _WRITE_S
                _write(self._folder, told)

    def _look(self) -> None:
        now, held = time.monotonic(), group_figures(self._folders).memory_bytes
        if held is not None and self._held is not None:
            self._byte_s += (now - self._looked) * (self._held + held) / 2
        self._looked, self._held = now, held


def _write(folder: Path, told: dict[str, Any]) -> None:
    """All of it or nothing; a full disk is the step's to tell of."""
    with contextlib.suppress(OSError):
        draft = folder / f"{USED}.{threading.get_ident()}"
        draft.write_text(json.dumps(told), encoding="ascii")
        draft.rename(folder / USED)


def _killed_for_memory() -> int:
    """How many processes of this container the kernel has killed for its memory limit, where it tells."""
    for path in _COUNTS:
        try:
            lines = Path(path).read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return 0


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
