"""`python -m pressroom.ports.run_attempt ENTRY FOLDER`: an attempt in a process that nobody forked.

Containers, pods and Ray's workers run it. It leaves in the folder what was printed (`log`) and used (`used.json`). Two
processes, for the first one of a container hears no signal that it has no handler for, and is given all orphans.
"""

import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from pressroom.ports.attempt import LOG, USED, call_entry, to_log

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
_COUNTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
_SIGNALS = 128


def main(entry: str, folder: Path) -> NoReturn:
    """Do an attempt, and exit as it did: with 128 and a signal's number where it was killed by one."""
    to_log(folder / LOG)
    before = _killed_for_memory()
    attempt = os.fork()
    if attempt == 0:
        # Threads that a library left may not keep an attempt from ending.
        os._exit(call_entry(entry, folder))

    def hand_on(number: int, frame: FrameType | None) -> None:
        # A signal to the whole group has reached it already, and it may be gone.
        with contextlib.suppress(ProcessLookupError):
            os.kill(attempt, number)

    signal.signal(signal.SIGTERM, hand_on)
    while True:
        pid, status, used = os.wait4(-1, 0)
        if pid == attempt:
            break
    told = {
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_bytes": used.ru_maxrss * _MAXRSS_BYTES,
        "over_memory": _killed_for_memory() > before,
    }
    (folder / USED).write_text(json.dumps(told), encoding="ascii")
    os._exit(_SIGNALS + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


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
