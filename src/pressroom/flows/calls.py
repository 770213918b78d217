"""Calls: what a run was asked to make, and how far each is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pressroom.flows.argument import Shape
from pressroom.flows.cause import Cause
from pressroom.flows.key import Key
from pressroom.flows.results import Result
from pressroom.flows.step import Step

State = Literal["waiting", "ready", "running", "kept", "done", "failed", "skipped", "cancelled", "unknown"]
ENDED: frozenset[State] = frozenset({"kept", "done", "failed", "skipped", "cancelled", "unknown"})
MADE: frozenset[State] = frozenset({"kept", "done"})


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One call of a step. `needs` are the calls whose results its arguments are made of. Its attempts have `saved` so
    much of their work, and so many failures lie before the last of it (`moved_at`).
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
    saved: int = 0
    moved_at: int = 0

    def attempt(self) -> str:
        """The name of its attempt that is due, unique in the run."""
        tries = f".{len(self.failures) + 1}" if self.failures else ""
        return f"{self.number:04d}-{self.step.name.replace('.', '-')}{tries}"
