"""The fork server: a process with one thread, that has imported what steps need and forks a child for each attempt.

It is run as a program, and talks over the socket whose number it is given: one JSON document a line. It knows nothing
of steps; the entry function that it is told to call does.
"""

import contextlib
import gc
import importlib
import os
import resource
import select
import shutil
import signal
import socket
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import msgspec

from pressroom.backends.process import kernel, namespaces, other_walls
from pressroom.backends.process.cgroup import Group, Parents, find_parents
from pressroom.backends.process.child import Child, has_limit, passed
from pressroom.backends.process.one_attempt import any_left, live_attempt, send_signal
from pressroom.backends.process.walls import SCRATCH, Walls
from pressroom.backends.process.warm import MOST, Done, Worker, work
from pressroom.ports import (
    Ended,
    Job,
    Told,
    ended_by,
    told_in,
)

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
_LOOK_EVERY_S = 0.05
_LET_GO_S = 2.0
_CHILDREN = "/proc/thread-self/children"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the server is told: do this job, or stop that attempt."""

    job: Job | None = None
    stop: str = ""
    grace_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What the server tells: an attempt was started, as this process; or it ended."""

    attempt: str
    pid: int = 0
    ended: Ended | None = None


class _Server:
    """Forks, watches limits, and tells how children ended."""

    def __init__(self, orders: socket.socket, walls: Walls) -> None:
        self._orders = orders
        self._walls = walls
        self._parents: Parents | None = find_parents() if walls.groups else None
        self._left: list[Group] = []
        self._unread = b""
        self._children: dict[int, Child] = {}
        self._idle: dict[int, Worker] = {}
        self._woken, waker = socket.socketpair()
        os.set_blocking(waker.fileno(), False)
        signal.signal(signal.SIGCHLD, _woken)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        self._waker = waker

    def run(self) -> None:
        while True:
            watched = self._left or any(
                child.kill_at or child.over or has_limit(child.job) for child in self._children.values()
            )
            links = [child.worker.link for child in self._children.values() if child.worker and not child.done]
            ready, _, _ = select.select([self._orders, self._woken, *links], [], [], _LOOK_EVERY_S if watched else None)
            if self._woken in ready:
                self._woken.recv(4096)
            if self._orders in ready and not self._obey():
                return
            self._hear(ready)
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
        if self._walls.way == "none" and not has_limit(job) and job.cpus is None:
            worker = self._worker(job.warm)
            worker.give(job.entry, job.folder)
            self._children[worker.pid] = Child(job=job, started=started, worker=worker)
            # What a worker used before would count as the attempt's.
            self._say(News(attempt=job.attempt, pid=0 if job.warm else worker.pid))
            if not job.warm:
                # The next attempt finds its process there, forked while this one works.
                self._put_by(self._forked(""))
            return
        group = self._grouped(job)
        cores = self._cores_for(job) if group is None else frozenset[int]()
        pid = os.fork()
        if pid == 0:
            self._leave_to_server()
            if cores:
                os.sched_setaffinity(0, cores)
            live_attempt(job, self._walls, group)
        self._children[pid] = Child(job=job, started=started, group=group, cores=cores)
        self._say(News(attempt=job.attempt, pid=pid))

    def _worker(self, sort: str) -> Worker:
        """One that is idle, or a new one. Those of another sort are not kept: one step follows the other."""
        for worker in [each for each in self._idle.values() if each.sort not in ("", sort)]:
            worker.link.close()
            del self._idle[worker.pid]
        idle = next((each for each in self._idle.values() if each.sort == sort), None)
        return self._forked(sort) if idle is None else self._idle.pop(idle.pid)

    def _forked(self, sort: str) -> Worker:
        """A new one; without a sort it does one attempt."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._leave_to_server()
            work(theirs, most=MOST if sort else 1)
        theirs.close()
        return Worker(pid=pid, link=ours, sort=sort)

    def _put_by(self, worker: Worker) -> None:
        self._idle[worker.pid] = worker

    def _leave_to_server(self) -> None:
        """In a child: what is the server's alone. A worker's link that somebody else holds would never end."""
        links = [child.worker.link for child in self._children.values() if child.worker is not None]
        for each in (self._orders, self._woken, self._waker, *links, *(worker.link for worker in self._idle.values())):
            each.close()

    def _hear(self, ready: list[socket.socket]) -> None:
        """What workers say that are done."""
        for pid, child in list(self._children.items()):
            if child.worker is not None and child.done is None and child.worker.link in ready:
                done = child.worker.done()
                if done is not None:
                    self._done(pid, child, child.worker, done)

    def _done(self, pid: int, child: Child, worker: Worker, done: Done) -> None:
        ends = done.last or child.kill_at is not None
        if ends:
            # What it left running is nobody's any more; and one that was told to stop may yet hear of it.
            send_signal(pid, signal.SIGKILL)
        if ends and (done.left or self._has_orphans()):
            # What is left counts as the attempt's, and that is known when it is buried.
            child.done = done
            return
        del self._children[pid]
        if ends:
            worker.link.close()
        else:
            self._put_by(worker)
        self._say_ended(child, done)

    def _say_ended(self, child: Child, done: Done) -> None:
        ended = Ended(
            attempt=child.job.attempt,
            exit_code=done.exit_code,
            signal=None,
            stopped_for=child.stopped_for,
            cpu_s=done.cpu_s + child.orphans_s,
            wall_s=time.monotonic() - child.started,
            peak_bytes=done.peak_bytes,
        )
        self._say(News(attempt=ended.attempt, ended=ended))

    def _has_orphans(self) -> bool:
        """Whether there are processes that this one has adopted; no where the system does not say."""
        try:
            with open(_CHILDREN, "rb", buffering=0) as file:
                return not {*map(int, file.read().split())} <= {*self._children, *self._idle}
        except OSError:
            return False

    def _grouped(self, job: Job) -> Group | None:
        if self._parents is None:
            return None
        # Behind namespaces each attempt has a user of its own, whose processes RLIMIT_NPROC counts.
        # Without walls nothing but cores is asked of a group: memory is watched, and joining takes milliseconds.
        walled = self._walls.way != "none"
        wanted = {
            "memory": walled and job.most_memory_bytes is not None,
            "pids": walled and self._walls.way != "namespaces",
            "cpu": job.cpus is not None,
        }
        controllers = [controller for controller, needed in wanted.items() if needed]
        if not controllers:
            return None
        group = self._parents.make(job.attempt, controllers)
        most_bytes = job.most_memory_bytes if wanted["memory"] else None
        group.limit(memory_bytes=most_bytes, processes=self._walls.most_processes, cpus=job.cpus)
        return group

    def _cores_for(self, job: Job) -> frozenset[int]:
        """Whole cores, those that fewest attempts have; none where no number of them is asked for."""
        if job.cpus is None:
            return frozenset()
        given = Counter(core for child in self._children.values() for core in child.cores)
        found = sorted(os.sched_getaffinity(0), key=lambda core: (given[core], core))
        return frozenset(found[: max(1, round(job.cpus))])

    def _stop(self, attempt: str, grace_s: float) -> None:
        for pid, child in self._children.items():
            if child.job.attempt == attempt and child.kill_at is None:
                self._ask(pid)
                child.kill_at = time.monotonic() + grace_s

    def _ask(self, pid: int) -> None:
        if self._walls.way == "bubblewrap":
            other_walls.ask_inside(pid)
        else:
            send_signal(pid, signal.SIGTERM)

    def _watch(self) -> None:
        self._left = [group for group in self._left if not group.remove()]
        now = time.monotonic()
        for pid, child in self._children.items():
            if child.over is not None:
                continue
            if child.stopped_for is None:
                child.stopped_for = passed(pid, child, now, walled=self._walls.way == "namespaces")
                if child.stopped_for is not None:
                    child.kill_at = now
            if child.kill_at is not None and now >= child.kill_at:
                self._kill(pid, child)

    def _kill(self, pid: int, child: Child) -> None:
        """Behind walls, first by whoever stands outside of them: it waits for what it kills, and so knows the use."""
        if self._walls.way == "namespaces" and not child.killed:
            child.killed = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, namespaces.KILL)
                return
        send_signal(pid, signal.SIGKILL)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                session = os.getsid(found.si_pid)
                _, status, used = os.wait4(found.si_pid, 0)
                self._buried(found.si_pid, session, status, used)
        for pid, child in list(self._children.items()):
            if child.over is None:
                continue
            # What the attempt left running in its session is nobody's any more.
            if not any_left(pid) or time.monotonic() - child.over_at > _LET_GO_S:
                del self._children[pid]
                status, used = child.over
                if child.worker is not None and child.done is not None:
                    child.worker.link.close()
                    self._say_ended(child, child.done)
                else:
                    self._tell(child, status, used)

    def _buried(self, pid: int, session: int, status: int, used: resource.struct_rusage) -> None:
        """A process has ended: an attempt's first one, a worker that had nothing to do, or what nobody waited for."""
        if pid in self._idle:
            self._idle.pop(pid).link.close()
        # One that was killed at once may not have made its session yet.
        child = self._children.get(pid)
        if child is None:
            if session in self._children:
                self._children[session].orphans_s += used.ru_utime + used.ru_stime
            return
        if child.worker is not None and child.done is None:
            child.done = child.worker.done()
        child.over, child.over_at = (status, used), time.monotonic()

    def _tell(self, child: Child, status: int, used: resource.struct_rusage) -> None:
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        code = os.WEXITSTATUS(status) if number is None else None
        if code is not None and self._walls.way == "bubblewrap":
            code, number = ended_by(code)
        if child.stopped_for is None and child.group is not None and child.group.passed_memory():
            child.stopped_for = "memory"
        before_s = 0.0
        if child.worker is not None:
            child.worker.link.close()
            before_s = child.worker.cpu_s
        told = told_in(Path(child.job.folder)) if self._walls.way == "bubblewrap" else Told()
        ended = Ended(
            attempt=child.job.attempt,
            exit_code=code,
            signal=number,
            stopped_for=child.stopped_for,
            cpu_s=max(used.ru_utime + used.ru_stime + child.orphans_s - before_s, told.cpu_s),
            wall_s=time.monotonic() - child.started,
            peak_bytes=max(used.ru_maxrss * _MAXRSS_BYTES, told.peak_bytes),
        )
        self._say(News(attempt=ended.attempt, ended=ended))
        self._put_away(child)

    def _put_away(self, child: Child) -> None:
        """What was only for the attempt: its group, and its /tmp."""
        if child.group is not None and not child.group.remove():
            self._left.append(child.group)
        if self._walls.way != "none":
            shutil.rmtree(Path(child.job.folder) / SCRATCH, ignore_errors=True)

    def _say(self, news: News) -> None:
        self._orders.sendall(msgspec.json.encode(news) + b"\n")

    def close(self) -> None:
        for pid in (*self._children, *self._idle):
            send_signal(pid, signal.SIGKILL)
        for child in self._children.values():
            self._put_away(child)
        until = time.monotonic() + _LET_GO_S
        while self._left and time.monotonic() < until:
            self._left = [group for group in self._left if not group.remove()]
            time.sleep(_LOOK_EVERY_S)


def _woken(number: int, frame: FrameType | None) -> None:
    """A handler that does nothing: having one is what writes to the wakeup descriptor."""


def main(descriptor: int, prepare: str, about: str, walls: Walls) -> None:
    """Serve orders until their giver is gone. `prepare` ("module:function") is called with `about` before any fork."""
    module, _, function = prepare.partition(":")
    getattr(importlib.import_module(module), function)(about)
    if threading.active_count() > 1:
        raise SystemExit("Something that was imported has started threads: what is forked then may hang.")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        # Not every system can; where it can't, orphans are the system's, and in nobody's count.
        kernel.adopt_orphans()
    # What is there now is never collected, so children do not touch, and thereby copy, its pages.
    gc.freeze()
    with socket.socket(fileno=descriptor) as orders:
        orders.sendall(b"ready\n")
        server = _Server(orders, walls)
        try:
            server.run()
        finally:
            server.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], msgspec.json.decode(sys.argv[4], type=Walls))
