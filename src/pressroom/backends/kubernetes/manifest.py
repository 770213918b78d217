"""From an attempt to the manifest of a Job or RayJob: pure, so that it can be read and checked without a cluster."""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressroom.ports import (
    PROGRAM,
    Job,
)

Manifest = dict[str, Any]
ATTEMPT = "pressroom.io/attempt"
OURS = {"app.kubernetes.io/managed-by": "pressroom"}
_QUEUE, _PRIORITY = "kueue.x-k8s.io/queue-name", "kueue.x-k8s.io/priority-class"
_GPU = "nvidia.com/gpu"
_KEPT_S = 3_600
_MOST_NAME = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Toleration:
    """A taint of nodes that pods may stand on."""

    key: str
    value: str = ""
    effect: str = "NoSchedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Where and how: `volume` is the claim under which pods see `folder`, the workspace, at its own path. `queue` is
    Kueue's, `priority` its class. With `ray_workers` an attempt is a RayJob with so many workers beside its head.
    """

    namespace: str
    volume: str
    folder: str
    image: str = ""
    queue: str = ""
    priority: str = ""
    tolerations: tuple[Toleration, ...] = ()
    ray_workers: int = 0
    ray_version: str = ""


def name_of(job: Job) -> str:
    """The name of an attempt in the cluster: always the same, so that submitting it twice is once."""
    digest = hashlib.sha256(job.folder.encode()).hexdigest()[:16]
    said = "".join(each if each.isascii() and each.isalnum() else "-" for each in job.attempt.lower()).strip("-")
    return f"pressroom-{said}"[: _MOST_NAME - 17].rstrip("-") + f"-{digest}"


def manifest_of(job: Job, cluster: Cluster) -> Manifest:
    """A Job, or a RayJob where the cluster says so."""
    return _ray_job(job, cluster) if cluster.ray_workers else _job(job, cluster)


def _job(job: Job, cluster: Cluster) -> Manifest:
    spec: Manifest = {
        "backoffLimit": 0,
        "ttlSecondsAfterFinished": _KEPT_S,
        "template": {"metadata": {"labels": _labels(job)}, "spec": _pod(job, cluster, "attempt", command=True)},
    }
    if job.most_wall_s is not None:
        spec["activeDeadlineSeconds"] = math.ceil(job.most_wall_s)
    if cluster.queue:
        # Kueue lets it go when there is quota; from then on the field is Kueue's.
        spec["suspend"] = True
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": _metadata(job, cluster), "spec": spec}


def _ray_job(job: Job, cluster: Cluster) -> Manifest:
    """One cluster of its own, gone when the attempt is over; the attempt runs at its head."""
    spec: Manifest = {
        "entrypoint": " ".join(_words(job)),
        "shutdownAfterJobFinishes": True,
        "ttlSecondsAfterFinished": _KEPT_S,
        "backoffLimit": 0,
        "rayClusterSpec": {
            "headGroupSpec": {
                "rayStartParams": {"dashboard-host": "0.0.0.0"},
                "template": {"metadata": {"labels": _labels(job)}, "spec": _pod(job, cluster, "ray-head")},
            },
            "workerGroupSpecs": [
                {
                    "groupName": "workers",
                    "replicas": cluster.ray_workers,
                    "minReplicas": cluster.ray_workers,
                    "maxReplicas": cluster.ray_workers,
                    "rayStartParams": {},
                    "template": {"metadata": {"labels": _labels(job)}, "spec": _pod(job, cluster, "ray-worker")},
                }
            ],
        },
    }
    if cluster.ray_version:
        spec["rayClusterSpec"]["rayVersion"] = cluster.ray_version
    if job.most_wall_s is not None:
        spec["activeDeadlineSeconds"] = math.ceil(job.most_wall_s)
    if cluster.queue:
        spec["suspend"] = True
    return {"apiVersion": "ray.io/v1", "kind": "RayJob", "metadata": _metadata(job, cluster), "spec": spec}


def _metadata(job: Job, cluster: Cluster) -> Manifest:
    labels = _labels(job)
    if cluster.queue:
        labels[_QUEUE] = cluster.queue
    if cluster.priority:
        labels[_PRIORITY] = cluster.priority
    return {
        "name": name_of(job),
        "namespace": cluster.namespace,
        "labels": labels,
        "annotations": {ATTEMPT: job.attempt},
    }


def _labels(job: Job) -> dict[str, str]:
    return {**OURS, ATTEMPT: name_of(job)}


def _words(job: Job) -> list[str]:
    return ["python3", "-m", PROGRAM, job.entry, job.folder]


def _pod(job: Job, cluster: Cluster, name: str, *, command: bool = False) -> Manifest:
    container: Manifest = {
        "name": name,
        "image": job.image or cluster.image,
        "env": [{"name": "HOME", "value": "/tmp"}],
        "resources": _resources(job),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": command,
        },
        "volumeMounts": _mounts(job, cluster),
    }
    if command:
        container["command"] = _words(job)
        container["workingDir"] = "/tmp"
    scratch: Manifest = {"sizeLimit": str(job.most_disk_bytes)} if job.most_disk_bytes is not None else {}
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "tolerations": [_toleration(each) for each in cluster.tolerations],
        "containers": [container],
        "volumes": [
            {"name": "workspace", "persistentVolumeClaim": {"claimName": cluster.volume}},
            {"name": "tmp", "emptyDir": scratch},
        ],
    }


def _resources(job: Job) -> Manifest:
    """What is asked is also the limit: nobody takes what another was promised."""
    limits: dict[str, str] = {}
    if job.cpus is not None:
        limits["cpu"] = f"{math.ceil(job.cpus * 1_000)}m"
    if job.most_memory_bytes is not None:
        limits["memory"] = str(job.most_memory_bytes)
    if job.most_disk_bytes is not None:
        limits["ephemeral-storage"] = str(job.most_disk_bytes)
    if job.gpus:
        limits[_GPU] = str(job.gpus)
    return {"requests": limits, "limits": dict(limits)} if limits else {}


def _mounts(job: Job, cluster: Cluster) -> list[Manifest]:
    """The attempt's folder, what outlives it, and what it reads of the workspace; code that is not there is in the
    image.
    """
    root = Path(cluster.folder)
    mounts: list[Manifest] = [{"name": "tmp", "mountPath": "/tmp"}]
    written = (job.folder, job.lasting) if job.lasting else (job.folder,)
    for path, read_only in (*((each, False) for each in written), *((each, True) for each in job.reads)):
        if Path(path).is_relative_to(root):
            inside = str(Path(path).relative_to(root))
            mounts.append({"name": "workspace", "mountPath": path, "subPath": inside, "readOnly": read_only})
    return mounts


def _toleration(each: Toleration) -> Manifest:
    told: Manifest = {"key": each.key, "effect": each.effect, "operator": "Equal" if each.value else "Exists"}
    return {**told, "value": each.value} if each.value else told
