"""Control groups: limits that the kernel keeps on all processes of an attempt together. Both versions of them.

Where this process may make none, memory is watched instead (every 50 ms), and processes are limited by `RLIMIT_NPROC`.
"""

import contextlib
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_MOUNTS = Path("/proc/self/mounts")
_OWN = Path("/proc/self/cgroup")
_PERIOD_US = 100_000
_NEEDED = ("memory", "pids", "cpu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parents:
    """The folders in which groups can be made: one for all in version 2, one a controller in version 1."""

    version: int
    folders: dict[str, Path]

    def make(self, name: str, controllers: Sequence[str] = _NEEDED) -> "Group":
        """A group of this name under some of the controllers; joining each takes the kernel milliseconds.

        Raises OSError.
        """
        unique = f"pressroom-{os.getpid()}-{name}-{uuid.uuid4().hex[:8]}"
        made = {controller: self.folders[controller] / unique for controller in controllers}
        for folder in dict.fromkeys(made.values()):
            folder.mkdir()
        return Group(version=self.version, folders=made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The group of one attempt."""

    version: int
    folders: dict[str, Path]

    def limit(self, *, memory_bytes: int | None, processes: int, cpus: float | None) -> None:
        """Set what it may take, of what its controllers limit. Raises OSError."""
        second = self.version == 2
        if "pids" in self.folders:
            self._write("pids", "pids.max", processes)
        if memory_bytes is not None:
            self._write("memory", "memory.max" if second else "memory.limit_in_bytes", memory_bytes)
            with contextlib.suppress(OSError):
                # No escape to the disk; absent where the kernel does not count swap.
                most = 0 if second else memory_bytes
                self._write("memory", "memory.swap.max" if second else "memory.memsw.limit_in_bytes", most)
        if cpus is not None:
            quota = max(1_000, int(cpus * _PERIOD_US))
            if second:
                self._write("cpu", "cpu.max", f"{quota} {_PERIOD_US}")
            else:
                self._write("cpu", "cpu.cfs_period_us", _PERIOD_US)
                self._write("cpu", "cpu.cfs_quota_us", quota)

    def join(self) -> None:
        """Put this process into it. Raises OSError."""
        for folder in dict.fromkeys(self.folders.values()):
            (folder / "cgroup.procs").write_text("0", encoding="ascii")

    def passed_memory(self) -> bool:
        """Whether the kernel had to kill one of its processes for memory."""
        if "memory" not in self.folders:
            return False
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        with contextlib.suppress(OSError):
            lines = (self.folders["memory"] / name).read_text(encoding="ascii").splitlines()
            return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)
        return False

    def remove(self) -> bool:
        """Remove it; False as long as something lives in it."""
        gone = True
        for folder in dict.fromkeys(self.folders.values()):
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                gone = False
        return gone

    def _write(self, controller: str, name: str, value: object) -> None:
        (self.folders[controller] / name).write_text(str(value), encoding="ascii")


def find_parents() -> Parents | None:
    """Where groups with limits on memory, processes and cores can be made; None where this process may not."""
    for found in (_second(), _first()):
        if found is not None and _works(found):
            return found
    return None


def _works(parents: Parents) -> bool:
    try:
        group = parents.make("trial")
    except OSError:
        return False
    try:
        group.limit(memory_bytes=1 << 30, processes=100, cpus=1.0)
    except OSError:
        return False
    finally:
        group.remove()
    return True


def _second() -> Parents | None:
    for mounted, kind, _ in _mounts():
        if kind != "cgroup2":
            continue
        # Limits can be set below the root, or below a group that holds no process itself.
        for folder in (mounted / _own("").lstrip("/"), mounted):
            with contextlib.suppress(OSError):
                if set(_NEEDED) <= set((folder / "cgroup.subtree_control").read_text(encoding="ascii").split()):
                    return Parents(version=2, folders=dict.fromkeys(_NEEDED, folder))
    return None


def _first() -> Parents | None:
    folders: dict[str, Path] = {}
    for mounted, kind, options in _mounts():
        for controller in _NEEDED:
            if kind == "cgroup" and controller in options.split(","):
                own = mounted / _own(controller).lstrip("/")
                folders[controller] = own if own.is_dir() else mounted
    return Parents(version=1, folders=folders) if set(folders) == set(_NEEDED) else None


def _mounts() -> list[tuple[Path, str, str]]:
    with contextlib.suppress(OSError):
        lines = _MOUNTS.read_text(encoding="utf-8").splitlines()
        return [(Path(words[1]), words[2], words[3]) for words in map(str.split, lines)]
    return []


def _own(controller: str) -> str:
    """The group that this process is in."""
    with contextlib.suppress(OSError):
        for line in _OWN.read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if controller in controllers.split(","):
                return path
    return "/"
