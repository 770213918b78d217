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
    Used,
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
    memory_byte_s: float | None = None
    source: str = "wait4"


class Stopping:
    """An actor between whoever asks and the node: whether an attempt was asked to end and with how much grace, and what
    it has used so far.
    """

    def __init__(self) -> None:
        """Not asked."""
        self._grace_s: float | None = None
        self._used: Used | None = None

    def ask(self, grace_s: float) -> None:
        """Ask; the first time counts."""
        self._grace_s = grace_s if self._grace_s is None else self._grace_s

    def asked(self, used: Used | None = None) -> float | None:
        """The grace in seconds, or None. Whoever watches also says what was `used` so far."""
        self._used = used
        return self._grace_s

    def used(self) -> Used | None:
        """What was said last."""
        return self._used


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
    held = Held(process.pid)
    while process.poll() is None:
        time.sleep(_LOOK_S)
        now = time.monotonic()
        held.look(now)
        if kill_at is None and now - asked_at > _ASK_S:
            grace_s: float | None = cast("float | None", ray.get(asking))
            if grace_s is None:
                grace_s = own_drain_s(ray)
            asked_at, asking = now, stopping.asked.remote(held.used())
            if grace_s is not None:
                _signal(process, signal.SIGTERM)
                kill_at = now + grace_s
        stopped_for = stopped_for or _passed(job, held.bytes, now - started)
        if stopped_for is not None or (kill_at is not None and now >= kill_at):
            _signal(process, signal.SIGKILL)
    _signal(process, signal.SIGKILL)
    told, code = told_in(Path(job.folder)), process.returncode
    exit_code, number = (None, -code) if code < 0 else ended_by(code)
    return Outcome(
        exit_code=exit_code,
        signal=number,
        stopped_for=stopped_for,
        cpu_s=told.cpu_s or held.cpu_s,
        peak_bytes=told.peak_bytes or held.most,
        memory_byte_s=held.byte_s,
        source="wait4 on its node; memory looked at every 100 ms" if told.cpu_s else held.used().source,
    )


class Held:
    """What the processes of an attempt hold and have used, looked at from beside them on their node."""

    def __init__(self, pid: int) -> None:
        """Those that come from `pid`, which only watches."""
        self._pid = pid
        self._looked = time.monotonic()
        self.bytes = self.most = 0
        self.byte_s = self.cpu_s = 0.0

    def look(self, now: float) -> None:
        """Look again; what has ended meanwhile has used what it had, and is in what its parent waited for."""
        held, cpu_s, family = 0, 0.0, list[psutil.Process]()
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            family = psutil.Process(self._pid).children(recursive=True)
        for each in family:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                memory, times = each.memory_info(), each.cpu_times()
                held += memory.rss - memory.shared
                cpu_s += times.user + times.system + times.children_user + times.children_system
        self.byte_s += (now - self._looked) * (self.bytes + held) / 2
        self._looked, self.bytes = now, held
        self.most, self.cpu_s = max(self.most, held), max(self.cpu_s, cpu_s)

    def used(self) -> Used:
        """What is known; bytes that it read and wrote are not."""
        return Used(
            cpu_s=self.cpu_s,
            memory_bytes=self.bytes,
            memory_byte_s=self.byte_s,
            source="/proc of its processes on its node, every 100 ms",
        )


def _passed(job: Job, held: int, wall_s: float) -> Limit | None:
    if job.most_wall_s is not None and wall_s > job.most_wall_s:
        return "time"
    return "memory" if job.most_memory_bytes is not None and held > job.most_memory_bytes else None


def _signal(process: "subprocess.Popen[bytes]", number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
