"""From a job to the words of `podman run` or `docker run`; which engine, and with which options of its own."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from pressroom.ports import (
    PROGRAM,
    Job,
)

_MOST_PROCESSES = 1_024
_PROCESSES = f"{_MOST_PROCESSES}:{_MOST_PROCESSES}"
_SCRATCH = ".tmp"
_UNIFIED = Path("/sys/fs/cgroup/cgroup.controllers")


def find_engine(wanted: str = "", words: Sequence[str] = ()) -> tuple[str, ...]:
    """The command of an engine and its own options; empty where there is none. Podman is looked for first.

    Its usual runtime refuses control groups of version 1; runc takes them, where it is installed.
    """
    for name in (wanted,) if wanted else ("podman", "docker"):
        found = shutil.which(name)
        if found is None:
            continue
        if words or Path(found).name != "podman" or _UNIFIED.exists() or shutil.which("runc") is None:
            return (found, *words)
        return (found, "--runtime", "runc", "--cgroup-manager=cgroupfs")
    return ()


def run_words(
    job: Job, *, name: str, image: str, more: Sequence[str], environment: Mapping[str, str]
) -> tuple[str, ...]:
    """What comes after the engine's own options. A /tmp is made in the job's folder, and counts as part of it."""
    scratch = Path(job.folder) / _SCRATCH
    scratch.mkdir(exist_ok=True)
    limits = [f"--pids-limit={_MOST_PROCESSES}", f"--ulimit=nofile={_files()}", f"--ulimit=nproc={_PROCESSES}"]
    if job.most_memory_bytes is not None:
        limits += [f"--memory={job.most_memory_bytes}", f"--memory-swap={job.most_memory_bytes}"]
    if job.cpus is not None:
        limits.append(f"--cpus={job.cpus:g}")
    if job.most_disk_bytes is not None:
        limits.append(f"--ulimit=fsize={job.most_disk_bytes}:{job.most_disk_bytes}")
    limits += [f"--device=nvidia.com/gpu={number}" for number in range(job.gpus)]
    shown = [f"--volume={path}:{path}:ro" for path in job.reads if os.path.exists(path)]
    if job.lasting:
        os.makedirs(job.lasting, exist_ok=True)
        shown.append(f"--volume={job.lasting}:{job.lasting}")
    told = [f"--env={key}={value}" for key, value in {"HOME": "/tmp", **environment}.items()]
    return (
        "run", "--rm", f"--name={name}", *([] if job.network else ["--network=none"]), "--read-only", "--cap-drop=ALL",
        "--security-opt=no-new-privileges", *limits, f"--volume={scratch}:/tmp", f"--volume={job.folder}:{job.folder}",
        *shown, *told, "--workdir=/tmp", *more, image, "python3", "-m", PROGRAM, job.entry, job.folder,
    )  # fmt: skip


def _files() -> str:
    """As many open files as this process may have, and no more than most programs expect."""
    most = min(1_024, os.sysconf("SC_OPEN_MAX"))
    return f"{most}:{most}"
