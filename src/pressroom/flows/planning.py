"""Planning: a flow's body is read without running a step, to say what a run would do, and why."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pressroom.costs import Usage
from pressroom.flows.argument import One, calls_in
from pressroom.flows.attempt_facts import AttemptNote
from pressroom.flows.calls import Call
from pressroom.flows.errors import NotMadeYet
from pressroom.flows.keying import Keying
from pressroom.flows.made import Made
from pressroom.flows.results import Results
from pressroom.flows.step import Step
from pressroom.values import Digest

_NEWEST = 100
"""Attempts at a step that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A call as it would go: answered from what is kept, or run; why; and how long attempts at its step took before, in
    the median and nine times of ten (None: never ran). `needs` are the calls that make its arguments.
    """

    number: int
    step: str
    runs: bool
    reason: str
    wall_s: float | None
    cpu_s: float | None
    wall_most_s: float | None = None
    needs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPlan:
    """What a run would do. `beyond` says why the plan can't see further, if it can't: a value that only running makes
    decides what comes next.
    """

    flow: str
    calls: tuple[Planned, ...]
    beyond: str
    took: Mapping[str, tuple[Usage, ...]] = field(default_factory=dict)
    """What the newest attempts at each step used."""

    def expected_wall_s(self) -> float:
        """The seconds that the steps to be run took before, one after another; those that never ran count as 0."""
        return sum(call.wall_s or 0.0 for call in self.calls if call.runs)


class Planning:
    """Reads a flow's body: calls whose results are kept have values, others have not."""

    def __init__(self, *, results: Results, past: Sequence[AttemptNote], folder: Path) -> None:
        """Look at what is kept, and at what attempts took in the `past`; files that are looked at go to `folder`."""
        self._folder = folder
        self._results = results
        self._took: dict[str, list[Usage]] = {}
        for note in past:
            if note.state == "done":
                used = Usage(cpu_s=note.cpu_s, wall_s=note.wall_s, peak_bytes=note.peak_bytes)
                self._took.setdefault(note.step, []).append(used)
        self._keying = Keying(self._one)
        self._calls: list[Call] = []

    def call(self, step: Step[..., Any], arguments: Mapping[str, Any]) -> Made[Any]:
        """Note a call, and look whether its result is there."""
        needs = frozenset(number for value in arguments.values() for number in calls_in(value))
        call = Call(number=len(self._calls), step=step, arguments=arguments, needs=needs)
        self._calls.append(call)
        new = sorted({self._calls[number].step.name for number in needs if self._calls[number].result is None})
        if new:
            call.reason = f"{' and '.join(new)} will make something new"
        else:
            self._look(call)
        return Made(step.name, call.number, self)

    def value(self, call: int) -> Any:
        """A kept result; raises NotMadeYet for others."""
        made = self._calls[call]
        if made.result is None:
            raise NotMadeYet(
                f"What comes next depends on what {made.step.name} makes.", next_step="Run the flow to see it."
            )
        return self._results.value(made.result, made.step.hints().get("return", Any), self._folder)

    def calls(self) -> list[Call]:
        """The calls so far, as they were made."""
        return list(self._calls)

    def planned(self) -> tuple[Planned, ...]:
        """The calls so far."""
        return tuple(self._planned(call) for call in self._calls)

    def took(self) -> dict[str, tuple[Usage, ...]]:
        """What the newest attempts at each planned step used."""
        steps = {call.step.name for call in self._calls}
        return {step: tuple(used[-_NEWEST:]) for step, used in self._took.items() if step in steps}

    def _look(self, call: Call) -> None:
        key = self._keying.settle(call, _let_go)
        looked = self._results.look(key, cache=call.step.options.cache)
        call.result, call.reason = looked.result, looked.reason

    def _one(self, number: int) -> One:
        result = self._calls[number].result
        if result is None:
            raise NotMadeYet(f"{self._calls[number].step.name} made nothing yet.", next_step="Run the flow.")
        return One(form=result.form, digest=result.digest)

    def _planned(self, call: Call) -> Planned:
        before = self._took.get(call.step.name, [])[-_NEWEST:]
        walls = sorted(used.wall_s for used in before)
        return Planned(
            number=call.number,
            step=call.step.name,
            runs=call.result is None,
            reason=call.reason,
            wall_s=statistics.median(walls) if walls else None,
            cpu_s=statistics.median(used.cpu_s for used in before) if before else None,
            wall_most_s=walls[min(len(walls) - 1, len(walls) * 9 // 10)] if walls else None,
            needs=tuple(sorted(call.needs)),
        )


def _let_go(digest: Digest, content: bytes) -> None:
    """A plan runs no step, so nobody needs the bytes."""
