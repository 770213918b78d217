"""Crews as processes of this machine."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from pressroom.backends.local.crew_worker import PROGRAM
from pressroom.ports import CrewWork, Left, Seat

_THREADS = "OMP_NUM_THREADS"


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    process: "subprocess.Popen[bytes]"
    connection: Any


class ProcessCrews:
    """One worker a core, or so many as are named. A process that is lost is replaced: there is room for another."""

    def __init__(self, slots: int | None = None) -> None:
        """Start nothing yet."""
        self._slots = slots or len(os.sched_getaffinity(0))
        self._at_work: dict[int, _Worker] = {}
        self._warm: list[_Worker] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._crews = 0

    def room(self) -> int:
        """Its slots."""
        return self._slots

    def begin(self, work: CrewWork, size: int) -> None:
        """The warm ones first; those that are too many are ended."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="pressroom-crew-")
        self._crews += 1
        meet = f"file://{Path(self._folder.name) / str(self._crews)}"
        seated = [each for each in self._warm if each.process.poll() is None]
        for each in {*self._warm} - {*seated[:size]}:
            _kill(each)
        self._warm = []
        seated = [*seated[:size], *(self._start(size) for _ in range(size - len(seated)))]
        self._at_work = dict(enumerate(seated))
        for place, each in self._at_work.items():
            try:
                each.connection.send((work, Seat(place=place, of=size, meet=meet)))
            except OSError:
                # It died just now: whoever watches sees that.
                continue

    def watch(self, wait_s: float) -> Sequence[Left]:
        """An answer, or the end of the pipe."""
        by_connection = {each.connection: place for place, each in self._at_work.items()}
        return [self._left(by_connection[ready]) for ready in wait(list(by_connection), timeout=wait_s)]  # pyright: ignore[reportArgumentType,reportCallIssue]

    def leaving(self) -> Sequence[int]:
        """Nobody: this machine is left by all together."""
        return []

    def ask(self) -> None:
        """Through the pipe."""
        for each in self._at_work.values():
            try:
                each.connection.send(None)
            except OSError:
                continue

    def end(self, grace_s: float) -> Sequence[Left]:
        """Wait, then kill."""
        until, left = time.monotonic() + grace_s, list[Left]()
        while self._at_work and time.monotonic() < until:
            left += self.watch(until - time.monotonic())
        for place, each in self._at_work.items():
            _kill(each)
            left.append(Left(place=place, answer=None, words="it did not end in time, and was killed"))
        self._at_work = {}
        return left

    def close(self) -> None:
        """Kill all."""
        for each in (*self._at_work.values(), *self._warm):
            _kill(each)
        self._at_work, self._warm = {}, []
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _start(self, size: int) -> _Worker:
        ours, theirs = socket.socketpair()
        # Workers that share cores take them from each other where each wants all.
        threads = str(max(len(os.sched_getaffinity(0)) // size, 1))
        # It finds modules where this process does, also where that was settled after its start.
        paths = [path or os.getcwd() for path in sys.path]
        with theirs:
            program = f"import sys; sys.path = {paths!r}; from {PROGRAM} import main; main({theirs.fileno()})"
            process = subprocess.Popen(
                [sys.executable, "-c", program],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env={_THREADS: threads, **os.environ},
            )
        return _Worker(process=process, connection=Connection(ours.detach()))

    def _left(self, place: int) -> Left:
        each = self._at_work.pop(place)
        try:
            answer = each.connection.recv_bytes()
        except (EOFError, OSError):
            _kill(each)
            code = each.process.returncode
            words = f"killed by signal {-code}" if code < 0 else f"it ended with exit code {code}"
            return Left(place=place, answer=None, words=words)
        self._warm.append(each)
        return Left(place=place, answer=answer)


def _kill(worker: _Worker) -> None:
    """Whoever is dead already keeps the code that it ended with."""
    worker.connection.close()
    try:
        worker.process.wait(timeout=0.2)
    except subprocess.TimeoutExpired:
        worker.process.kill()
        worker.process.wait()
