"""An executor whose attempts are Jobs of a Kubernetes cluster."""

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pressroom.backends.kubernetes.api import GONE, Answered, Api
from pressroom.backends.kubernetes.manifest import ATTEMPT, Cluster, manifest_of, name_of
from pressroom.backends.kubernetes.metrics import used_in
from pressroom.backends.kubernetes.phase import Verdict, has_ended, verdict_of
from pressroom.ports import (
    Abilities,
    Ability,
    Ended,
    Job,
    NotEnforced,
    Used,
    log_of,
    refuse_more,
    told_in,
)

_CONFLICT, _MISSING = 409, 404
_SLOTS = 100
_LEAST_WATCH_S = 0.5
_SIGTERM = 15


@dataclass(slots=True, kw_only=True)
class _Running:
    job: Job
    started: float = field(default_factory=time.monotonic)
    asked: bool = False
    measured: float = field(default_factory=time.monotonic)
    cpu_s: float = 0.0


class KubernetesExecutor:
    """What the cluster keeps is what it enforces. The workspace lies on a volume that pods see at the same path."""

    def __init__(self, *, api: Api | None, cluster: Cluster, against: str = "") -> None:
        """Speak with `api`; without one, `against` says why it can't be used."""
        self._api = api
        self._cluster = cluster
        self._against = against
        self._running: dict[str, _Running] = {}
        kind = ("/apis/ray.io/v1", "rayjobs") if cluster.ray_workers else ("/apis/batch/v1", "jobs")
        self._jobs = f"{kind[0]}/namespaces/{cluster.namespace}/{kind[1]}"
        self._pods = f"/api/v1/namespaces/{cluster.namespace}/pods"
        self._metrics = f"/apis/metrics.k8s.io/v1beta1/namespaces/{cluster.namespace}/pods"

    @property
    def abilities(self) -> Abilities:
        """What a pod's limits keep. Whether pods reach the network is the cluster's policy, and what
        they write to the volume the volume's: neither is promised here.
        """
        if self._api is None:
            return Abilities(executor="kubernetes", slots=_SLOTS, unusable=self._against)
        pod = "the pod's limits"
        enforces: dict[Ability, str] = {
            "cpu": pod,
            "memory": pod,
            "gpu": pod,
            "time": "activeDeadlineSeconds",
            "paths": "the pod's mounts",
            "secrets": "the pod's environment; no token of the cluster in it",
            "image": "by its digest",
        }
        return Abilities(executor="kubernetes", slots=_SLOTS, enforces=enforces)

    def check(self, job: Job) -> None:
        """Have the cluster look at an attempt's manifest without making it. Raises NotEnforced, BackendError."""
        self._connected(job).ask("POST", self._jobs, manifest_of(job, self._cluster), dryRun="All")

    def submit(self, job: Job) -> None:
        """Make its Job. One of its name that is there is the same attempt, submitted before we were started again."""
        if job.attempt in self._running:
            return
        api = self._connected(job)
        if job.lasting:
            # A pod's subPath that is missing would be made by its node, as root's.
            os.makedirs(job.lasting, exist_ok=True)
        try:
            api.ask("POST", self._jobs, manifest_of(job, self._cluster))
        except Answered as error:
            if error.status != _CONFLICT:
                raise
        self._running[job.attempt] = _Running(job=job)

    def poll(self, wait_s: float) -> Sequence[Ended]:
        """What the cluster says now; then what it tells while we wait. After "too old" (410) it is asked anew."""
        until = time.monotonic() + wait_s
        while self._running and self._api is not None:
            listed = self._api.ask("GET", self._jobs, labelSelector="app.kubernetes.io/managed-by=pressroom")
            ended = self._ended(listed.get("items") or [])
            left = until - time.monotonic()
            if ended or left <= 0:
                return ended
            self._wait(str(listed["metadata"]["resourceVersion"]), left)
        return []

    def stop(self, attempt: str, *, grace_s: float) -> None:
        """Delete its pods with that grace; what has none yet is deleted itself."""
        each = self._running.get(attempt)
        if each is None or self._api is None or each.asked:
            return
        each.asked = True
        pods = self._pods_of(each.job)
        for pod in pods:
            with contextlib.suppress(Answered):
                self._api.ask(
                    "DELETE", f"{self._pods}/{pod['metadata']['name']}", gracePeriodSeconds=str(round(grace_s))
                )
        if not pods:
            self._delete(each.job)

    def log(self, job: Job, start: int = 0) -> bytes:
        """What its file on the volume holds; else what the cluster kept of its pod's words."""
        written = log_of(job.folder, start)
        if written or self._api is None:
            return written
        with contextlib.suppress(Answered):
            for pod in self._pods_of(job):
                return self._api.text(f"{self._pods}/{pod['metadata']['name']}/log")[start:]
        return b""

    def usage(self, job: Job) -> Used | None:
        """What the first process of its pod tells of its control group, on the volume. Where that shows none, what the
        cluster's metrics say, an extra that many clusters lack: memory now, and cores as a rate, which counts as kept
        up since they were last asked for.
        """
        each = self._running.get(job.attempt)
        if each is None or self._api is None:
            return None
        told = told_in(Path(job.folder)).used()
        if told is not None:
            return told
        try:
            found = self._api.ask("GET", self._metrics, labelSelector=f"{ATTEMPT}={name_of(job)}")
        except Answered:
            return None
        seen = used_in(found.get("items") or [])
        if seen is None:
            return None
        cores, memory_bytes = seen
        now = time.monotonic()
        each.cpu_s += cores * (now - each.measured)
        each.measured = now
        return Used(cpu_s=each.cpu_s, memory_bytes=memory_bytes, source="metrics.k8s.io: cores over time, memory now")

    def close(self) -> None:
        """Delete what runs still."""
        for each in self._running.values():
            with contextlib.suppress(Answered):
                self._delete(each.job)
        self._running.clear()

    def _connected(self, job: Job) -> Api:
        refuse_more(job, self.abilities)
        image = job.image or self._cluster.image
        if "@sha256:" not in image:
            raise NotEnforced(
                f"{job.attempt} has no image that is pinned by its digest.",
                next_step='Give one: @step(image="NAME@sha256:..."), or [executors] image.',
            )
        written = [job.folder, *([job.lasting] if job.lasting else [])]
        hidden = [each for each in written if not Path(each).is_relative_to(self._cluster.folder)]
        if self._api is None or hidden:
            raise NotEnforced(
                f"{(hidden or written)[0]} is on no volume that pods see.", next_step="Name it: [executors] volume."
            )
        return self._api

    def _wait(self, seen: str, wait_s: float) -> None:
        """Until something changes, or the time is over."""
        if self._api is None:
            return
        query = {"labelSelector": "app.kubernetes.io/managed-by=pressroom", "resourceVersion": seen}
        try:
            for _ in self._api.watch(self._jobs, wait_s=max(wait_s, _LEAST_WATCH_S), **query):
                return
        except Answered as error:
            if error.status != GONE:
                raise

    def _ended(self, listed: Sequence[dict[str, Any]]) -> list[Ended]:
        there = {each["metadata"]["name"]: each for each in listed}
        ended: list[Ended] = []
        for each in list(self._running.values()):
            document = there.get(name_of(each.job))
            if document is None:
                gone = Verdict(signal=_SIGTERM) if each.asked else Verdict(words="its Job was deleted in the cluster")
                ended.append(self._told(each, gone))
            elif has_ended(document):
                pods = self._pods_of(each.job)
                verdict = verdict_of(document, pods)
                if each.asked and not pods:
                    verdict = Verdict(signal=_SIGTERM)
                ended.append(self._told(each, verdict))
                self._delete(each.job)
        return ended

    def _told(self, each: _Running, verdict: Verdict) -> Ended:
        del self._running[each.job.attempt]
        told = told_in(Path(each.job.folder))
        return Ended(
            attempt=each.job.attempt,
            exit_code=verdict.exit_code,
            signal=verdict.signal,
            stopped_for=verdict.stopped_for,
            cpu_s=told.cpu_s,
            wall_s=time.monotonic() - each.started,
            peak_bytes=told.peak_bytes,
            words=verdict.words,
            image=(each.job.image or self._cluster.image).rpartition("@")[2],
            memory_byte_s=told.memory_byte_s,
            read_bytes=told.read_bytes,
            written_bytes=told.written_bytes,
            source=told.source or "wait4",
        )

    def _pods_of(self, job: Job) -> list[dict[str, Any]]:
        if self._api is None:
            return []
        return self._api.ask("GET", self._pods, labelSelector=f"{ATTEMPT}={name_of(job)}").get("items") or []

    def _delete(self, job: Job) -> None:
        if self._api is None:
            return
        try:
            self._api.ask("DELETE", f"{self._jobs}/{name_of(job)}", propagationPolicy="Background")
        except Answered as error:
            if error.status != _MISSING:
                raise
