"""An executor that runs each attempt in a process of its own, forked from a server that has its imports done."""

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec

from pressroom.backends.process.cgroup import find_parents
from pressroom.backends.process.fork_server import News, Order
from pressroom.backends.process.walls import Walls
from pressroom.backends.process.watch import used_by
from pressroom.ports import Abilities, Ability, BackendError, Ended, Job, NotEnforced, Used, log_of, refuse_more

_READY_S = 60.0
WATCHED = "watched every 50 ms"


class ProcessExecutor:
    """Starts its server with the first attempt. Limits are watched, not reserved: memory every 50 ms."""

    def __init__(self, *, prepare: str, about: str, slots: int | None = None) -> None:
        """Run `slots` attempts side by side (as many as there are cores). The server first calls `prepare`
        ("module:function") with `about`, to import what all attempts need.
        """
        self._prepare = (prepare, about)
        self._slots = slots or len(os.sched_getaffinity(0))
        self._pids: dict[str, int] = {}
        self._server: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._unread = b""
        self._running: dict[str, Job] = {}

    @property
    def abilities(self) -> Abilities:
        """Limits on cores, memory and time. What it starts sees what this user sees."""
        enforces: dict[Ability, str] = {"memory": WATCHED, "time": WATCHED}
        if self._groups:
            enforces["cpu"] = f"control group (version {self._groups})"
        elif hasattr(os, "sched_setaffinity"):
            enforces["cpu"] = "affinity to whole cores, kept unless the step itself asks for others"
        return Abilities(executor="process", slots=self._slots, enforces=enforces)

    @cached_property
    def _groups(self) -> int:
        """The version of control groups that can be made here; 0 where none can."""
        parents = find_parents()
        return 0 if parents is None else parents.version

    def submit(self, job: Job) -> None:
        """Have it forked."""
        if job.attempt in self._running:
            return
        refuse_more(job, self.abilities)
        self._refuse_parts(job)
        self._running[job.attempt] = job
        self._order(Order(job=job))

    def poll(self, wait_s: float) -> Sequence[Ended]:
        """What the server tells; when it is gone, all that ran in it is lost."""
        if self._socket is None or not self._running:
            return []
        ended: list[Ended] = []
        until = time.monotonic() + wait_s
        while not ended:
            left = max(0.0, until - time.monotonic())
            if not select.select([self._socket], [], [], left)[0]:
                return []
            ended = self._read()
        for each in ended:
            self._running.pop(each.attempt, None)
            self._pids.pop(each.attempt, None)
        return ended

    def stop(self, attempt: str, *, grace_s: float) -> None:
        """SIGTERM to its session, SIGKILL after."""
        if attempt in self._running:
            self._order(Order(stop=attempt, grace_s=grace_s))

    def log(self, job: Job, start: int = 0) -> bytes:
        """What its file holds."""
        return log_of(job.folder, start)

    def usage(self, job: Job) -> Used | None:
        """What the kernel counts of its processes."""
        pid = self._pids.get(job.attempt)
        return None if pid is None else used_by(pid)

    def close(self) -> None:
        """The server kills its children when it is left."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._server is not None:
            self._server.wait()
            self._server = None
        self._running.clear()
        self._pids.clear()

    def _refuse_parts(self, job: Job) -> None:
        """Refuse part of a core where only whole ones can be given."""
        if job.cpus is not None and job.cpus % 1 and not self._groups:
            raise NotEnforced(
                f"{job.attempt} asks for {job.cpus:g} cores, and only whole ones can be given without control groups.",
                next_step="Ask for whole cores, or use a container.",
            )

    def _walls(self) -> Walls:
        """What is around each attempt: nothing."""
        return Walls(groups=self._groups > 0)

    def _environment(self) -> Mapping[str, str]:
        """What the server, and so each attempt, is told: all that this process was."""
        return os.environ

    def _order(self, order: Order) -> None:
        link = self._socket or self._start()
        try:
            link.sendall(msgspec.json.encode(order) + b"\n")
        except OSError as error:
            raise BackendError(f"The process that starts steps is gone: {error}.", next_step="Run it again.") from error

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._server = subprocess.Popen(
                [
                    sys.executable, "-m", "pressroom.backends.process.fork_server", str(theirs.fileno()),
                    *self._prepare, msgspec.json.encode(self._walls()).decode(),
                ],
                pass_fds=(theirs.fileno(),),
                env=dict(self._environment()),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        self._socket = ours
        ready = select.select([ours], [], [], _READY_S)[0]
        if not ready or ours.recv(6) != b"ready\n":
            raise BackendError(
                "The process that starts steps did not come up.", next_step="Its own words are above; run it again."
            )
        return ours

    def _read(self) -> list[Ended]:
        link = self._socket
        read = b"" if link is None else link.recv(1 << 16)
        if not read:
            lost = [_lost(attempt) for attempt in self._running]
            self.close()
            return lost
        *lines, self._unread = (self._unread + read).split(b"\n")
        news = [msgspec.json.decode(line, type=News) for line in lines]
        self._pids.update({each.attempt: each.pid for each in news if each.pid})
        return [each.ended for each in news if each.ended is not None]


def _lost(attempt: str) -> Ended:
    return Ended(attempt=attempt, exit_code=None, signal=None, stopped_for=None, cpu_s=0.0, wall_s=0.0, peak_bytes=0)
