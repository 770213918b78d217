"""Executors: where an attempt at a step runs, apart from whoever asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Limit = Literal["memory", "time"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt: the function `entry` ("module:function") is called with `folder`, in which it finds what it needs
    and leaves what it made. What it prints goes to the file `log` in that folder. None is no limit.
    """

    attempt: str
    folder: str
    entry: str
    most_memory_bytes: int | None = None
    most_wall_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How an attempt ended: its exit code, or the signal that killed it, and the limit that it was stopped for, if any.

    `peak_bytes` is the highest memory of its main process; `cpu_s` counts the children that it waited for too.
    """

    attempt: str
    exit_code: int | None
    signal: int | None
    stopped_for: Limit | None
    cpu_s: float
    wall_s: float
    peak_bytes: int


class Executor(Protocol):
    """Runs attempts side by side, each in a process of its own; no more than `slots` at once make sense."""

    @property
    def slots(self) -> int:
        """How many attempts it runs side by side without one waiting for another."""
        ...

    def submit(self, job: Job) -> None:
        """Start an attempt. Submitting one that runs already changes nothing. Raises BackendError."""
        ...

    def poll(self, wait_s: float) -> Sequence[Ended]:
        """The attempts that ended since it was last asked; waits up to `wait_s` seconds for the first of them."""
        ...

    def stop(self, attempt: str, *, grace_s: float) -> None:
        """Ask an attempt to end, and kill it with all its processes when it has not after `grace_s` seconds. Stopping
        what does not run changes nothing.
        """
        ...

    def close(self) -> None:
        """Kill whatever runs still, and give back processes and files."""
        ...
