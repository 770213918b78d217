"""The other ways to keep an attempt apart, where this process may not make namespaces itself."""

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

import psutil

from pressroom.backends.process import landlock
from pressroom.backends.process.walls import (
    Walls,
    filter_calls,
    give_up_rights,
    limit,
    make_lasting,
    make_scratch,
    seen,
    settle_in,
)
from pressroom.backends.process.watch import family
from pressroom.ports import (
    LOG,
    PROGRAM,
    Job,
    to_log,
)

_GUARD = "bwrap"
_OF_SYSTEM = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_TOLD_BY_SYSTEM = ("/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/sys/devices/system/cpu")


def become_bubblewrapped(job: Job, walls: Walls) -> NoReturn:
    """Become bubblewrap, which starts a new Python. It may do what this process may not where it is setuid."""
    folder, scratch = Path(job.folder), make_scratch(job)
    to_log(folder / LOG)
    limit(job, walls)
    shown = [word for path in seen(job, walls) for word in ("--ro-bind", path, path)]
    lasting = [word for path in make_lasting(job) for word in ("--bind", path, path)]
    words = [
        *walls.command, "--bind", str(scratch), "/tmp", *shown, "--bind", str(folder), str(folder), *lasting,
        *(["--share-net"] if job.network else []), "--setenv", "HOME", "/tmp",
        sys.executable, "-m", PROGRAM, job.entry, str(folder),
    ]  # fmt: skip
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.execv(words[0], words)


def ask_inside(pid: int) -> None:
    """Have what runs inside bubblewrap end: bubblewrap itself would take all of it along at once."""
    for process in family(pid):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.name() != _GUARD:
                process.terminate()


def enter_landlock(job: Job, walls: Walls) -> None:
    """Return in the attempt, which is this process: it opens what is declared, and no socket but to its own kind."""
    scratch = make_scratch(job)
    to_log(Path(job.folder) / LOG)
    limit(job, walls)
    give_up_rights(os.geteuid())
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    landlock.restrict([*seen(job, walls), *_TOLD_BY_SYSTEM], [job.folder, *make_lasting(job), *_OF_SYSTEM])
    filter_calls(job)
    settle_in(str(scratch))
