"""On the node: a task starts the attempt as a process of its own, watches its limits, and says how it ended."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psutil

from pressroom.backends.ray.nodes import own_drain_s
from pressroom.ports import (
    PROGRAM,
    Job,
    Limit,
    ended_by,
    told_in,
)

_LOOK_S = 0.1
_ASK_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended, as its node saw it."""

    exit_code: int | None = None
    signal: int | None = None
    stopped_for: Limit | None = None
    cpu_s: float = 0.0
    peak_bytes: int = 0


class Stopping:
    """An actor: whether an attempt was asked to end, and with how much grace."""

    def __init__(self) -> None:
        """Not asked."""
        self._grace_s: float | None = None

    def ask(self, grace_s: float) -> None:
        """Ask; the first time counts."""
        self._grace_s = grace_s if self._grace_s is None else self._grace_s

    def asked(self) -> float | None:
        """The grace in seconds, or None."""
        return self._grace_s


def watched(job: Job, stopping: Any) -> Outcome:
    """Do an attempt in a process of its own, and watch it until it is over. It is asked to end when somebody asks, and
    when its node is being drained.
    """
    import ray

    process = subprocess.Popen(
        [sys.executable, "-m", PROGRAM, job.entry, job.folder], stdin=subprocess.DEVNULL, start_new_session=True
    )
    started, stopped_for, kill_at = time.monotonic(), None, None
    asked_at, asking = started, stopping.asked.remote()
    while process.poll() is None:
        time.sleep(_LOOK_S)
        now = time.monotonic()
        if kill_at is None and now - asked_at > _ASK_S:
            grace_s: float | None = cast("float | None", ray.get(asking))
            if grace_s is None:
                grace_s = own_drain_s(ray)
            asked_at, asking = now, stopping.asked.remote()
            if grace_s is not None:
                _signal(process, signal.SIGTERM)
                kill_at = now + grace_s
        stopped_for = stopped_for or _passed(job, process.pid, now - started)
        if stopped_for is not None or (kill_at is not None and now >= kill_at):
            _signal(process, signal.SIGKILL)
    _signal(process, signal.SIGKILL)
    told, code = told_in(Path(job.folder)), process.returncode
    exit_code, number = (None, -code) if code < 0 else ended_by(code)
    return Outcome(
        exit_code=exit_code,
        signal=number,
        stopped_for=stopped_for,
        cpu_s=told.cpu_s,
        peak_bytes=told.peak_bytes,
    )


def _passed(job: Job, pid: int, wall_s: float) -> Limit | None:
    if job.most_wall_s is not None and wall_s > job.most_wall_s:
        return "time"
    if job.most_memory_bytes is None:
        return None
    held = 0
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        for each in psutil.Process(pid).children(recursive=True):
            memory = each.memory_info()
            held += memory.rss - memory.shared
    return "memory" if held > job.most_memory_bytes else None


def _signal(process: "subprocess.Popen[bytes]", number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
