"""Executors: where an attempt at a step runs, apart from whoever asked for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pressroom.ports.errors import NotEnforced

Limit = Literal["memory", "time", "disk"]
Ability = Literal["cpu", "memory", "gpu", "disk", "time", "processes", "network", "paths", "secrets", "image"]
"""What an executor may enforce: cores, bytes held, accelerators, bytes written, seconds, how many processes; no network
unless asked; nothing seen but what is declared; no secret in environment or memory; the image that is named.
"""
ABILITIES: tuple[Ability, ...] = (
    "cpu", "memory", "gpu", "disk", "time", "processes", "network", "paths", "secrets", "image"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt: the function `entry` ("module:function") is called with `folder`, in which it finds what it needs
    and leaves what it made. What it prints goes to the file `log` in that folder. None is no limit.

    `cpus` are cores, `gpus` accelerators. `network` True asks for it, False asks that there is none, None takes what
    the executor gives. `isolated` asks to see only `folder`, `lasting` and, to read, `reads` (files and folders), and
    no secret. `image` is that of a container, by its digest. Attempts of one `warm` (a name, empty for none) may be
    done by one process, one after the other; each has its own end, log and use all the same.

    `lasting` is a folder, made where it is missing, that it may write to as well, and that outlives it: what it leaves
    there the next attempt finds that names the same one. The disk limit counts what lies there. Empty: none.
    """

    attempt: str
    folder: str
    entry: str
    most_memory_bytes: int | None = None
    most_wall_s: float | None = None
    most_disk_bytes: int | None = None
    cpus: float | None = None
    gpus: int = 0
    network: bool | None = None
    isolated: bool = False
    reads: tuple[str, ...] = ()
    image: str = ""
    warm: str = ""
    lasting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How an attempt ended: its exit code, or the signal that killed it, and the limit that it was stopped for, if any.

    `peak_bytes` is the highest memory of its main process; `cpu_s` counts the children that it waited for too. `words`
    say what only the executor knows: an eviction, an image that is not there. `image` is the digest that it ran in.
    `memory_byte_s` (bytes held times seconds), `read_bytes` and `written_bytes` (from and to devices) are those of all
    its processes, None where nobody counted them; `source` says who counted these and `cpu_s`.
    """

    attempt: str
    exit_code: int | None
    signal: int | None
    stopped_for: Limit | None
    cpu_s: float
    wall_s: float
    peak_bytes: int
    words: str = ""
    image: str = ""
    memory_byte_s: float | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None
    source: str = "wait4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What an executor can do here. `enforces` says of each ability by what means. `slots` attempts run side by side
    without one waiting for another. `unusable` says why it can't be used here; empty where it can.
    """

    executor: str
    slots: int
    enforces: Mapping[Ability, str] = field(default_factory=dict)
    own_process: bool = True
    unusable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a running attempt has used so far, with all its processes; `memory_bytes` is what it holds now. What nobody
    counts is None, never 0; `source` says who counts, and whether bytes are those of calls or of devices.
    """

    cpu_s: float | None
    memory_bytes: int | None
    read_bytes: int | None = None
    written_bytes: int | None = None
    memory_byte_s: float | None = None
    source: str = ""


class Executor(Protocol):
    """Runs attempts side by side, apart from whoever asks. It states what it enforces, and refuses whatever asks for
    more before it starts. What an attempt prints is in its log at the latest when the attempt was polled.
    """

    @property
    def abilities(self) -> Abilities:
        """What it can do here."""
        ...

    def submit(self, job: Job) -> None:
        """Start an attempt. Submitting one that runs already changes nothing. Raises NotEnforced, BackendError."""
        ...

    def poll(self, wait_s: float) -> Sequence[Ended]:
        """The attempts that ended since it was last asked; waits up to `wait_s` seconds for the first of them."""
        ...

    def stop(self, attempt: str, *, grace_s: float) -> None:
        """Signal an attempt that it is to end (SIGTERM), and kill it with all its processes when it has not after
        `grace_s` seconds. Stopping what does not run changes nothing.
        """
        ...

    def log(self, job: Job, start: int = 0) -> bytes:
        """What an attempt printed, from its byte `start` on, also while it runs; empty when it printed nothing."""
        ...

    def usage(self, job: Job) -> Used | None:
        """What a running attempt has used so far; None when it does not run, or when nobody can tell yet or here."""
        ...

    def close(self) -> None:
        """Kill whatever runs still, and give back processes and files."""
        ...


def asked_of(job: Job) -> tuple[Ability, ...]:
    """The abilities that an attempt asks for, in the order of ABILITIES."""
    asked: dict[Ability, bool] = {
        "cpu": job.cpus is not None,
        "memory": job.most_memory_bytes is not None,
        "gpu": job.gpus > 0,
        "disk": job.most_disk_bytes is not None,
        "time": job.most_wall_s is not None,
        "network": job.network is False or (job.isolated and job.network is None),
        "paths": job.isolated,
        "secrets": job.isolated,
        "image": job.image != "",
    }
    return tuple(ability for ability in ABILITIES if asked.get(ability, False))


def lacking(job: Job, abilities: Abilities) -> tuple[Ability, ...]:
    """What an attempt asks for and an executor does not enforce."""
    return tuple(ability for ability in asked_of(job) if ability not in abilities.enforces)


def refuse_more(job: Job, abilities: Abilities, others: Sequence[Abilities] = ()) -> None:
    """Refuse an attempt that asks for more than an executor enforces, naming those of `others` that could run it.

    Raises NotEnforced.
    """
    if abilities.unusable:
        raise NotEnforced(f"The executor {abilities.executor} can't be used here: {abilities.unusable}.",
                          next_step="See `pressroom executors` for those that can.")  # fmt: skip
    missing = lacking(job, abilities)
    if not missing:
        return
    could = [each.executor for each in others if not each.unusable and not lacking(job, each)]
    then = f'Use runs_in="{could[0]}"' if could else "No executor here does: `pressroom executors` says why; ask less"
    more = f" (or {', '.join(could[1:])})" if could[1:] else ""
    raise NotEnforced(
        f"{job.attempt} asks for {_words(missing)}, which the executor {abilities.executor} does not enforce.",
        next_step=f"{then}{more}.",
    )


_WORDS: Mapping[Ability, str] = {
    "cpu": "a number of cores",
    "memory": "a memory limit",
    "gpu": "accelerators",
    "disk": "a disk limit",
    "time": "a time limit",
    "processes": "a limit on processes",
    "network": "no network",
    "paths": "to see its own files only",
    "secrets": "to be kept from secrets",
    "image": "an image of its own",
}


def _words(abilities: Sequence[Ability]) -> str:
    said = [_WORDS[each] for each in abilities]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
