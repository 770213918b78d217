"""From what the API says of a Job or RayJob, and of its pods, to how an attempt ended; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pressroom.ports import (
    Limit,
    ended_by,
)

Document = dict[str, Any]
_KILLED_FOR_MEMORY = "OOMKilled"
_RAY_ENDED = frozenset({"SUCCEEDED", "FAILED", "STOPPED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How it ended, and in words what only the cluster knows."""

    exit_code: int | None = None
    signal: int | None = None
    stopped_for: Limit | None = None
    words: str = ""


def has_ended(document: Document) -> bool:
    """Whether a Job or RayJob is over."""
    status = document.get("status") or {}
    if document.get("kind") == "RayJob":
        return status.get("jobStatus") in _RAY_ENDED or status.get("jobDeploymentStatus") == "Failed"
    return any(each["type"] in ("Complete", "Failed") and each["status"] == "True" for each in _conditions(status))


def verdict_of(document: Document, pods: Sequence[Document]) -> Verdict:
    """How it ended: the limits that the cluster keeps first, then evictions, then what the program itself said."""
    status = document.get("status") or {}
    failed = next((each for each in _conditions(status) if each["type"] == "Failed" and each["status"] == "True"), {})
    if "DeadlineExceeded" in (failed.get("reason"), status.get("reason")):
        return Verdict(signal=9, stopped_for="time")
    for pod in pods:
        evicted = _eviction(pod)
        if evicted:
            stopped_for = "disk" if "ephemeral" in evicted.lower() or "emptydir" in evicted.lower() else None
            return Verdict(signal=9, stopped_for=stopped_for, words="" if stopped_for else f"evicted: {evicted}")
    ended = [each for pod in pods for each in _terminated(pod)]
    if any(each.get("reason") == _KILLED_FOR_MEMORY for each in ended):
        # Also where the program's own exit code is 0: a child of it was killed.
        return Verdict(signal=9, stopped_for="memory")
    if ended:
        code, number = ended_by(int(ended[0]["exitCode"]))
        return Verdict(exit_code=code, signal=number)
    if document.get("kind") == "RayJob" and status.get("jobStatus") == "SUCCEEDED":
        return Verdict(exit_code=0)
    if not failed and status.get("succeeded"):
        return Verdict(exit_code=0)
    said = failed.get("message") or status.get("message") or "its pod is gone"
    return Verdict(words=f"{failed.get('reason') or 'lost'}: {said}")


def _conditions(status: Document) -> list[Document]:
    return status.get("conditions") or []


def _terminated(pod: Document) -> list[Document]:
    told = (pod.get("status") or {}).get("containerStatuses") or []
    return [each["state"]["terminated"] for each in told if (each.get("state") or {}).get("terminated")]


def _eviction(pod: Document) -> str:
    """Why a pod was taken from its node; nothing where it was not."""
    status = pod.get("status") or {}
    if status.get("reason") in ("Evicted", "NodeLost", "Preempting", "Shutdown"):
        return status.get("message") or status["reason"]
    for each in _conditions(status):
        if each["type"] == "DisruptionTarget" and each["status"] == "True":
            return f"{each.get('reason', '')} {each.get('message', '')}".strip()
    return ""
