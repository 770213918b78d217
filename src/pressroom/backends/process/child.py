"""An attempt as the fork server knows it, and the limits that it may have passed."""

import resource
from dataclasses import dataclass

from pressroom.backends.process.cgroup import Group
from pressroom.backends.process.warm import Done, Worker
from pressroom.backends.process.watch import held_bytes
from pressroom.ports import Job, Limit, disk_bytes


@dataclass(slots=True, kw_only=True)
class Child:
    """An attempt's first process; `worker` where that may do several attempts, `done` what it said of this one, and
    `over` how it ended.
    """

    job: Job
    started: float
    group: Group | None = None
    worker: Worker | None = None
    done: Done | None = None
    stopped_for: Limit | None = None
    kill_at: float | None = None
    killed: bool = False
    over: "tuple[int, resource.struct_rusage] | None" = None
    over_at: float = 0.0
    orphans_s: float = 0.0
    cores: frozenset[int] = frozenset()


def has_limit(job: Job) -> bool:
    """Whether an attempt must be looked at while it runs."""
    return job.most_memory_bytes is not None or job.most_wall_s is not None or job.most_disk_bytes is not None


def passed(pid: int, child: Child, now: float, *, walled: bool) -> Limit | None:
    """The limit that an attempt has passed, if any."""
    job = child.job
    if job.most_wall_s is not None and now - child.started > job.most_wall_s:
        return "time"
    if job.most_memory_bytes is not None:
        over = (
            held_bytes(pid, walled=walled) > job.most_memory_bytes
            if child.group is None or "memory" not in child.group.folders
            else child.group.passed_memory()
        )
        if over:
            return "memory"
    if job.most_disk_bytes is not None and disk_bytes(job.folder, job.lasting) > job.most_disk_bytes:
        return "disk"
    return None
