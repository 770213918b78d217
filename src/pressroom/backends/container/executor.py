"""An executor whose attempts run in containers, by the command line of podman or docker."""

import contextlib
import os
import select
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pressroom.backends.container.words import run_words
from pressroom.ports import (
    Abilities,
    Ability,
    BackendError,
    Ended,
    Job,
    Limit,
    NotEnforced,
    Used,
    disk_bytes,
    ended_by,
    folders_of,
    group_figures,
    left_in,
    log_of,
    refuse_more,
    told_in,
)

_LOOK_S = 0.1
_ASKING_S = 30.0
_KILLED = 137
_NOT_STARTED = frozenset({125, 126, 127})
"""What engines exit with when the container could not be made, or the program in it not be started."""
_SAID = "engine"
_SHOWN = 300
_OUTSIDE = "control group, read from outside; bytes of devices"


@dataclass(slots=True, kw_only=True)
class _Running:
    job: Job
    name: str
    image: str
    process: "subprocess.Popen[bytes]"
    pidfd: int
    started: float = field(default_factory=time.monotonic)
    stopped_for: Limit | None = None
    kill_at: float | None = None
    killed: bool = False
    group: Mapping[str, Path] | None = None


class ContainerExecutor:
    """One container an attempt, its image by digest, without network, rights or files that were not asked for."""

    def __init__(
        self,
        *,
        engine: Sequence[str],
        image: str = "",
        more: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        slots: int | None = None,
    ) -> None:
        """Call `engine` (the command and its own options; empty where there is none), `run` with `more` options. Jobs
        that name no image run in `image`. In it are Python and this version of Pressroom.
        """
        self._engine = tuple(engine)
        self._image = image
        self._more = tuple(more)
        self._environment = dict(environment or {})
        self._slots = slots or len(os.sched_getaffinity(0))
        self._running: dict[str, _Running] = {}

    @property
    def abilities(self) -> Abilities:
        """What the engine keeps, if there is one that answers."""
        if self._against:
            return Abilities(executor="container", slots=self._slots, unusable=self._against)
        engine = Path(self._engine[0]).name
        enforces: dict[Ability, str] = {
            "cpu": f"{engine}: control group",
            "memory": f"{engine}: control group",
            "disk": "watched every 100 ms, and no single file beyond",
            "time": "watched every 100 ms",
            "processes": f"{engine}: control group",
            "network": f"{engine}: none",
            "paths": f"{engine}: the image, declared inputs and its own folder",
            "secrets": "an environment of its own",
            "image": "by its digest",
        }
        if any(Path(folder, "nvidia.yaml").exists() for folder in ("/etc/cdi", "/var/run/cdi")):
            enforces["gpu"] = f"{engine}: NVIDIA's devices by CDI"
        return Abilities(executor="container", slots=self._slots, enforces=enforces)

    def submit(self, job: Job) -> None:
        """Have the engine run it."""
        if job.attempt in self._running:
            return
        refuse_more(job, self.abilities)
        image = job.image or self._image
        if "@sha256:" not in image:
            raise NotEnforced(
                f"{job.attempt} names no image to run in." if not image else f"The image {image!r} is not pinned.",
                next_step='Give its digest: @step(image="NAME@sha256:..."), or [executors] image.',
            )
        name = f"pressroom-{uuid.uuid4().hex}"
        words = run_words(job, name=name, image=image, more=self._more, environment=self._environment)
        with (Path(job.folder) / _SAID).open("wb") as said:
            try:
                process = subprocess.Popen(
                    [*self._engine, *words],
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                )
            except OSError as error:
                raise BackendError(f"{self._engine[0]} can't be started: {error}.", next_step="Install it.") from error
        self._running[job.attempt] = _Running(
            job=job, name=name, image=image, process=process, pidfd=os.pidfd_open(process.pid)
        )

    def poll(self, wait_s: float) -> Sequence[Ended]:
        """Those whose engine's process is over; limits are watched while it waits."""
        until = time.monotonic() + wait_s
        while self._running:
            for each in self._running.values():
                self._watch(each)
            left = max(0.0, until - time.monotonic())
            select.select([each.pidfd for each in self._running.values()], [], [], min(left, _LOOK_S))
            ended = [each for each in self._running.values() if each.process.poll() is not None]
            if ended or left == 0.0:
                return [self._told(each) for each in ended]
        return []

    def stop(self, attempt: str, *, grace_s: float) -> None:
        """The engine hands SIGTERM on; it removes the container when the grace is over."""
        each = self._running.get(attempt)
        if each is not None and each.kill_at is None:
            each.process.terminate()
            each.kill_at = time.monotonic() + grace_s

    def log(self, job: Job, start: int = 0) -> bytes:
        """What its file holds, which the container writes to itself."""
        return log_of(job.folder, start)

    def usage(self, job: Job) -> Used | None:
        """What its control group counts, read here; else, of an engine on another machine, what the container's first
        process tells of it. The engine is asked once where the group is.
        """
        each = self._running.get(job.attempt)
        if each is None:
            return None
        told = told_in(Path(job.folder)).used()
        if each.group is None:
            each.group = self._group_of(each.name)
        seen = group_figures(each.group) if each.group else None
        if seen is None or seen.cpu_s is None:
            return told
        return Used(
            cpu_s=seen.cpu_s,
            memory_bytes=seen.memory_bytes,
            read_bytes=seen.read_bytes,
            written_bytes=seen.written_bytes,
            memory_byte_s=None if told is None else told.memory_byte_s,
            source=_OUTSIDE,
        )

    def close(self) -> None:
        """Remove the containers that run."""
        for each in self._running.values():
            self._remove(each)
            each.process.wait()
            os.close(each.pidfd)
        self._running.clear()

    def _watch(self, each: _Running) -> None:
        job, now = each.job, time.monotonic()
        if each.stopped_for is None and job.most_wall_s is not None and now - each.started > job.most_wall_s:
            each.stopped_for = "time"
        if each.stopped_for is None and job.most_disk_bytes is not None:
            each.stopped_for = "disk" if disk_bytes(job.folder, job.lasting) > job.most_disk_bytes else None
        over = each.stopped_for is not None or (each.kill_at is not None and now >= each.kill_at)
        if over and not each.killed:
            each.killed = True
            self._remove(each)

    def _remove(self, each: _Running) -> None:
        """Killed, it removes itself; what was not started yet is removed, with the engine's process that would."""
        if self._call("kill", each.name) != 0:
            each.process.kill()
            self._call("rm", "--force", each.name)

    def _call(self, *words: str) -> int:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            return subprocess.run(
                [*self._engine, *words], capture_output=True, check=False, timeout=_ASKING_S
            ).returncode
        return 1

    def _group_of(self, name: str) -> Mapping[str, Path] | None:
        """Where the container's group is; None as long as it has not begun, nothing where it is not on this machine."""
        words = [*self._engine, "inspect", "--format", "{{.Id}} {{.State.Pid}}", name]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired, ValueError):
            asked = subprocess.run(words, capture_output=True, check=True, timeout=_ASKING_S, text=True)
            known, number = asked.stdout.split()
            folders = folders_of(int(number)) if int(number) else None
            # A number on the machine of a remote engine is somebody else's here.
            return folders if folders is None or all(known in str(each) for each in folders.values()) else {}
        return None

    def _told(self, each: _Running) -> Ended:
        del self._running[each.job.attempt]
        os.close(each.pidfd)
        folder, code = Path(each.job.folder), each.process.returncode
        told = told_in(folder)
        stopped_for = each.stopped_for
        if stopped_for is None and each.job.most_memory_bytes is not None and not each.killed:
            # Whoever is killed from outside without being asked was killed by the kernel.
            stopped_for = "memory" if told.over_memory or code == _KILLED else None
        exit_code, number = (None, 9) if each.killed or code < 0 else ended_by(code)
        return Ended(
            attempt=each.job.attempt,
            exit_code=exit_code,
            signal=number,
            stopped_for=stopped_for,
            cpu_s=told.cpu_s,
            wall_s=time.monotonic() - each.started,
            peak_bytes=told.peak_bytes,
            words=self._words(folder, code),
            image=each.image.rpartition("@")[2],
            memory_byte_s=told.memory_byte_s,
            read_bytes=told.read_bytes,
            written_bytes=told.written_bytes,
            source=told.source or "wait4",
        )

    def _words(self, folder: Path, code: int) -> str:
        """Why the engine did not start it; nothing where it did."""
        # By now the attempt could have put something else there.
        said = ""
        with contextlib.suppress(FileNotFoundError):
            said = left_in(folder, _SAID).decode(errors="replace").strip()
        if code not in _NOT_STARTED or not said or log_of(str(folder), 0):
            return ""
        return f"the container was not started: {said[-_SHOWN:]}"

    @cached_property
    def _against(self) -> str:
        """Why it can't be used here."""
        if not self._engine:
            return "neither podman nor docker is installed"
        try:
            words = [*self._engine, "version"]
            asked = subprocess.run(words, capture_output=True, check=False, timeout=_ASKING_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{self._engine[0]} does not answer: {error}"
        said = asked.stderr.decode(errors="replace").strip()[-_SHOWN:]
        return "" if asked.returncode == 0 else f"{self._engine[0]} does not work here: {said}"
