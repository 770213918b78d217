"""The fork server: a process with one thread, that has imported what steps need and forks a child for each attempt.

It is run as a program, and talks over the socket whose number it is given: one JSON document a line. It knows nothing
of steps; the entry function that it is told to call does.
"""

import gc
import importlib
import io
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import msgspec
import psutil

from pressroom.ports import Ended, Job, Limit

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the server is told: do this job, or stop that attempt."""

    job: Job | None = None
    stop: str = ""
    grace_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class _Child:
    job: Job
    started: float
    stopped_for: Limit | None = None
    kill_at: float | None = None


class _Server:
    """Forks, watches limits, and tells how children ended."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._unread = b""
        self._children: dict[int, _Child] = {}
        self._woken, waker = socket.socketpair()
        os.set_blocking(waker.fileno(), False)
        signal.signal(signal.SIGCHLD, _woken)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        self._waker = waker

    def run(self) -> None:
        while True:
            watched = any(child.kill_at or _has_limit(child.job) for child in self._children.values())
            ready, _, _ = select.select([self._orders, self._woken], [], [], _LOOK_EVERY_S if watched else None)
            if self._woken in ready:
                self._woken.recv(4096)
            if self._orders in ready and not self._obey():
                return
            self._watch()
            self._reap()

    def _obey(self) -> bool:
        """Do what there is to read; False when whoever gave orders is gone."""
        read = self._orders.recv(1 << 16)
        if not read:
            return False
        *lines, self._unread = (self._unread + read).split(b"\n")
        for line in lines:
            order = msgspec.json.decode(line, type=Order)
            if order.job is not None:
                self._fork(order.job)
            else:
                self._stop(order.stop, order.grace_s)
        return True

    def _fork(self, job: Job) -> None:
        if any(child.job.attempt == job.attempt for child in self._children.values()):
            return
        started = time.monotonic()
        pid = os.fork()
        if pid == 0:
            self._orders.close()
            self._woken.close()
            _attempt(job)
        self._children[pid] = _Child(job=job, started=started)

    def _stop(self, attempt: str, grace_s: float) -> None:
        for pid, child in self._children.items():
            if child.job.attempt == attempt and child.kill_at is None:
                _signal(pid, signal.SIGTERM)
                child.kill_at = time.monotonic() + grace_s

    def _watch(self) -> None:
        now = time.monotonic()
        for pid, child in self._children.items():
            if child.stopped_for is None:
                child.stopped_for = _passed(pid, child, now)
                if child.stopped_for is not None:
                    child.kill_at = now
            if child.kill_at is not None and now >= child.kill_at:
                _signal(pid, signal.SIGKILL)

    def _reap(self) -> None:
        while self._children:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if child is not None:
                # What the attempt left running in its session is nobody's any more.
                _signal(pid, signal.SIGKILL)
                self._tell(child, status, used)

    def _tell(self, child: _Child, status: int, used: resource.struct_rusage) -> None:
        killed = os.WIFSIGNALED(status)
        ended = Ended(
            attempt=child.job.attempt,
            exit_code=None if killed else os.WEXITSTATUS(status),
            signal=os.WTERMSIG(status) if killed else None,
            stopped_for=child.stopped_for,
            cpu_s=used.ru_utime + used.ru_stime,
            wall_s=time.monotonic() - child.started,
            peak_bytes=used.ru_maxrss * _MAXRSS_BYTES,
        )
        self._orders.sendall(msgspec.json.encode(ended) + b"\n")

    def close(self) -> None:
        for pid in self._children:
            _signal(pid, signal.SIGKILL)


def _woken(number: int, frame: FrameType | None) -> None:
    """A handler that does nothing: having one is what writes to the wakeup descriptor."""


def _has_limit(job: Job) -> bool:
    return job.most_memory_bytes is not None or job.most_wall_s is not None


def _passed(pid: int, child: _Child, now: float) -> Limit | None:
    """The limit that an attempt has passed, if any; memory is that of all its processes, shared pages counted once."""
    job = child.job
    if job.most_wall_s is not None and now - child.started > job.most_wall_s:
        return "time"
    if job.most_memory_bytes is not None and _held_bytes(pid) > job.most_memory_bytes:
        return "memory"
    return None


def _held_bytes(pid: int) -> int:
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return sum(process.memory_info().rss - process.memory_info().shared for process in family)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0


def _signal(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        # Its session is not made yet, or it is gone.
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return


def _attempt(job: Job) -> NoReturn:
    """The child's whole life."""
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _to_log(Path(job.folder) / "log")
        module, _, function = job.entry.partition(":")
        code = int(getattr(importlib.import_module(module), function)(Path(job.folder)) or 0)
    except BaseException:  # noqa: BLE001  (the child ends here whatever happened, and says what)
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _to_log(path: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), encoding="utf-8", errors="backslashreplace", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), encoding="utf-8", errors="backslashreplace", write_through=True)


def main(descriptor: int, prepare: str, about: str) -> None:
    """Serve orders until their giver is gone. `prepare` ("module:function") is called with `about` before any fork."""
    module, _, function = prepare.partition(":")
    getattr(importlib.import_module(module), function)(about)
    if threading.active_count() > 1:
        raise SystemExit("Something that was imported has started threads: what is forked then may hang.")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What is there now is never collected, so children do not touch, and thereby copy, its pages.
    gc.freeze()
    with socket.socket(fileno=descriptor) as orders:
        orders.sendall(b"ready\n")
        server = _Server(orders)
        try:
            server.run()
        finally:
            server.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
