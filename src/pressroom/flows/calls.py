"""Calls: what a run was asked to make, and how far each is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pressroom.flows.argument import Shape
from pressroom.flows.attempt_meter import Metered
from pressroom.flows.cause import Cause
from pressroom.flows.key import Key
from pressroom.flows.progress import Progress
from pressroom.flows.results import Result
from pressroom.flows.step import Step
from pressroom.tiers import Share
from pressroom.values import Instant

State = Literal["waiting", "ready", "running", "kept", "done", "failed", "skipped", "cancelled", "unknown"]
ENDED: frozenset[State] = frozenset({"kept", "done", "failed", "skipped", "cancelled", "unknown"})
MADE: frozenset[State] = frozenset({"kept", "done"})


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One call of a step. `needs` are the calls whose results its arguments are made of; `progress` is what its attempt
    that runs said last; `told` is for whom its attempt was told to make room, `preempted` how often that came to pass,
    and `attained_s` how long it had worked then. Its attempts have `saved` so much of their work, and so many failures
    lie before the last of it (`moved_at`).
    """

    number: int
    step: Step[..., Any]
    arguments: Mapping[str, Any]
    needs: frozenset[int]
    state: State = "waiting"
    reason: str = ""
    key: Key | None = None
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    inline_bytes: dict[str, bytes] = field(default_factory=dict)
    result: Result | None = None
    failures: list[Cause] = field(default_factory=list)
    progress: Progress | None = None
    started: Instant = 0
    told: str = ""
    preempted: int = 0
    attained_s: float = 0.0
    metered: Metered = field(default_factory=Metered)
    saved: int = 0
    moved_at: int = 0

    def attempt(self) -> str:
        """The name of its attempt that is due, unique in the run."""
        before = len(self.failures) + self.preempted
        tries = f".{before + 1}" if before else ""
        return f"{self.number:04d}-{self.step.name.replace('.', '-')}{tries}"

    def lasting(self, run: str) -> str:
        """Under which name its attempts find what others of the same key left; without a digest, those of this call
        of this run alone.
        """
        return f"{run}-{self.number:04d}" if self.key is None or self.key.unknown else self.key.digest()

    def share(self) -> Share:
        """What of the machine it asks."""
        options = self.step.options
        return Share(cpu=options.cpus or 1.0, memory_bytes=options.most_memory_bytes or 0, gpu=float(options.gpus))
