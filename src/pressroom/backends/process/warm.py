"""Warm workers: a process that does several attempts one after the other, where whoever asks allows it.

Between two of them it puts back what a step can change of a process and this module can see: environment, folder, mask,
signals, timers, numpy's global random numbers. It ends itself, and is replaced, when a step left threads or processes
behind, when it has grown, and after a hundred attempts. What steps leave in modules stays: that is what is allowed.
"""

import contextlib
import contextvars
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from pressroom.ports import LOG, call_entry, to_log

MOST = 100
_GROWN_BYTES = 64 << 20
_PAGE_BYTES = resource.getpagesize()
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
_SIGNALS = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGALRM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGHUP,
    signal.SIGCHLD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One attempt for a worker."""

    entry: str
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How it ended, and what it used. After the `last` one the worker is gone. `left`: processes that it started and
    did not wait for; orphans are not known to it.
    """

    exit_code: int
    cpu_s: float
    peak_bytes: int
    last: bool
    left: bool = False


@dataclass(slots=True, kw_only=True)
class Worker:
    """A worker as the server knows it: its process, what it may do (`sort`), and what it has used so far."""

    pid: int
    link: socket.socket
    sort: str
    cpu_s: float = 0.0

    def give(self, entry: str, folder: str) -> None:
        """Have it do an attempt."""
        # One that is killed at this moment is told by its end.
        with contextlib.suppress(OSError):
            self.link.sendall(msgspec.json.encode(Given(entry=entry, folder=folder)))

    def done(self) -> Done | None:
        """What it says, if it says something now; it says it in one piece."""
        with contextlib.suppress(OSError):
            said = self.link.recv(1 << 12, socket.MSG_DONTWAIT)
            if said:
                done = msgspec.json.decode(said, type=Done)
                self.cpu_s += done.cpu_s
                return done
        return None


def work(link: socket.socket, *, most: int) -> NoReturn:
    """A worker's whole life: attempts, until nobody gives any more, or `most` are done."""
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        to_log(Path(os.devnull))
        before = _Before() if most > 1 else None
        held, count, last = 0, 0, False
        while not last and (given := link.recv(1 << 16)):
            done, count = _one(msgspec.json.decode(given, type=Given)), count + 1
            left = _has_children()
            last = before is None or left or count >= most or not before.is_again()
            held = held or _held_bytes()
            last = last or _held_bytes() > held + _GROWN_BYTES
            link.sendall(msgspec.json.encode(replace(done, last=last, left=left)))
        code = 0
    finally:
        os._exit(code)


def _one(given: Given) -> Done:
    _log_to(os.path.join(given.folder, LOG))
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "wb", buffering=0) as file:
        # Its highest memory counts from here on.
        file.write(b"5")
    cpu_s = _cpu_s()
    code = contextvars.Context().run(call_entry, given.entry, Path(given.folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_BYTES
    return Done(exit_code=code, cpu_s=_cpu_s() - cpu_s, peak_bytes=peak, last=False)


def _log_to(path: str) -> None:
    """From here on, what is printed goes there; the streams stay the ones that others may hold."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


@dataclass(slots=True)
class _Before:
    """What a process was before a step ran in it."""

    environment: dict[bytes, bytes] = field(default_factory=lambda: dict(os.environb))
    folder: str = field(default_factory=os.getcwd)
    path: list[str] = field(default_factory=lambda: list(sys.path))
    arguments: list[str] = field(default_factory=lambda: list(sys.argv))
    streams: tuple[Any, ...] = field(default_factory=lambda: (sys.stdin, sys.stdout, sys.stderr))
    handlers: dict[int, Any] = field(default_factory=lambda: {each: signal.getsignal(each) for each in _SIGNALS})
    mask: int = field(default_factory=_umask)
    threads: int = field(default_factory=threading.active_count)
    random: Any = field(default_factory=lambda: _numpy_random("get_state")())

    def is_again(self) -> bool:
        """Make the process what it was; False where that can't be."""
        try:
            self._put_back()
        except OSError:
            return False
        return threading.active_count() <= self.threads

    def _put_back(self) -> None:
        if os.environb != self.environment:
            os.environb.clear()
            os.environb.update(self.environment)
        os.chdir(self.folder)
        os.umask(self.mask)
        sys.path[:], sys.argv[:] = self.path, self.arguments
        sys.stdin, sys.stdout, sys.stderr = self.streams
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in self.handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        if self.random is not None:
            _numpy_random("set_state")(self.random)


def _has_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _numpy_random(name: str) -> Callable[..., Any]:
    """A function of numpy's global random numbers; where numpy is not imported, one that does nothing."""
    return getattr(sys.modules.get("numpy.random"), name, lambda *_: None)


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _held_bytes() -> int:
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/self/statm", "rb", buffering=0) as file:
        return int(file.read(128).split()[1]) * _PAGE_BYTES
    return 0
