"""An executor whose attempts are tasks of a Ray cluster: placed by what they ask for, each in a process of its own."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pressroom.backends.ray.watched import Outcome, Stopping, watched
from pressroom.backends.ray.workers import connect
from pressroom.ports import Abilities, Ability, Ended, Job, Used, log_of, refuse_more

_WATCHED = "watched every 100 ms on its node"
_ASKED_FOR_CPUS = 1.0
_ASKING_S = 1.0


@dataclass(slots=True, kw_only=True)
class _Running:
    job: Job
    reference: Any
    stopping: Any
    started: float = field(default_factory=time.monotonic)


class RayExecutor:
    """Tasks on the cluster at `address`, whose nodes have this version of Pressroom installed and see the workspace
    under the same path. The cluster is one domain of trust: whoever asks to be kept apart is refused.
    """

    def __init__(self, address: str) -> None:
        """Connect with the first attempt; an empty address is no cluster."""
        self._address = address
        self._ray: Any = None
        self._own = False
        self._running: dict[str, _Running] = {}

    @property
    def abilities(self) -> Abilities:
        """Cores and accelerators are what Ray places by; it keeps nobody from using more of the cores."""
        if not self._address:
            return Abilities(executor="ray", slots=1, unusable="[executors] ray names no cluster")
        enforces: dict[Ability, str] = {
            "memory": _WATCHED,
            "time": _WATCHED,
            "gpu": "Ray's placement; CUDA_VISIBLE_DEVICES",
        }
        return Abilities(executor="ray", slots=self._slots(), enforces=enforces)

    def submit(self, job: Job) -> None:
        """Hand it to Ray. No retry is Ray's: what is lost is the run's to try again."""
        if job.attempt in self._running:
            return
        refuse_more(job, self.abilities)
        ray = self._connected()
        asked: dict[str, Any] = {"num_cpus": _ASKED_FOR_CPUS, "max_retries": 0}
        if job.gpus:
            asked["num_gpus"] = job.gpus
        if job.most_memory_bytes is not None:
            asked["memory"] = job.most_memory_bytes
        stopping = ray.remote(num_cpus=0)(Stopping).remote()
        reference = ray.remote(**asked)(watched).remote(job, stopping)
        self._running[job.attempt] = _Running(job=job, reference=reference, stopping=stopping)

    def poll(self, wait_s: float) -> Sequence[Ended]:
        """Tasks that are over; one whose worker or node died is lost."""
        if not self._running:
            return []
        by_reference = {each.reference: each for each in self._running.values()}
        over, _ = self._ray.wait(list(by_reference), num_returns=1, timeout=wait_s)
        return [self._told(by_reference[reference]) for reference in over]

    def stop(self, attempt: str, *, grace_s: float) -> None:
        """Tell whoever watches it on its node."""
        each = self._running.get(attempt)
        if each is not None:
            self._ray.get(each.stopping.ask.remote(grace_s))

    def log(self, job: Job, start: int = 0) -> bytes:
        """What its file holds, which is on a file system that all nodes see."""
        return log_of(job.folder, start)

    def usage(self, job: Job) -> Used | None:
        """What whoever watches it on its node has told last, twice a second."""
        each = self._running.get(job.attempt)
        if each is None:
            return None
        told = each.stopping.used.remote()
        ready, _ = self._ray.wait([told], timeout=_ASKING_S)
        return self._ray.get(told) if ready else None

    def close(self) -> None:
        """Stop what runs, and disconnect where it was us who connected."""
        for attempt in list(self._running):
            self.stop(attempt, grace_s=0.0)
        while self._running:
            self.poll(1.0)
        if self._ray is not None and self._own:
            self._ray.shutdown()
        self._ray = None

    def _told(self, each: _Running) -> Ended:
        del self._running[each.job.attempt]
        outcome, words = Outcome(), ""
        try:
            outcome = self._ray.get(each.reference)
        except self._ray.exceptions.RayError as error:
            words = f"its Ray worker or node is gone: {type(error).__name__}"
        self._ray.kill(each.stopping)
        return Ended(
            attempt=each.job.attempt,
            exit_code=outcome.exit_code,
            signal=outcome.signal,
            stopped_for=outcome.stopped_for,
            cpu_s=outcome.cpu_s,
            wall_s=time.monotonic() - each.started,
            peak_bytes=outcome.peak_bytes,
            words=words,
            memory_byte_s=outcome.memory_byte_s,
            source=outcome.source,
        )

    def _slots(self) -> int:
        return max(int(self._connected().cluster_resources().get("CPU", 1)), 1)

    def _connected(self) -> Any:
        if self._ray is None:
            self._ray, self._own = connect(self._address)
        return self._ray
