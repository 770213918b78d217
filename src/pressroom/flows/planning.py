"""Planning: a flow's body is read without running a step, to say what a run would do, and why."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressroom.flows.argument import One, calls_in
from pressroom.flows.attempt_facts import AttemptNote
from pressroom.flows.calls import Call
from pressroom.flows.errors import NotMadeYet
from pressroom.flows.keying import Keying
from pressroom.flows.made import Made
from pressroom.flows.results import Results
from pressroom.flows.step import Step
from pressroom.values import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A call as it would go: answered from what is kept, or run; why; and how long it took before (None: never ran)."""

    step: str
    runs: bool
    reason: str
    wall_s: float | None
    cpu_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPlan:
    """What a run would do. `beyond` says why the plan can't see further, if it can't: a value that only running makes
    decides what comes next.
    """

    flow: str
    calls: tuple[Planned, ...]
    beyond: str

    def expected_wall_s(self) -> float:
        """The seconds that the steps to be run took before, one after another; those that never ran count as 0."""
        return sum(call.wall_s or 0.0 for call in self.calls if call.runs)


class Planning:
    """Reads a flow's body: calls whose results are kept have values, others have not."""

    def __init__(self, *, results: Results, past: Sequence[AttemptNote], folder: Path) -> None:
        """Look at what is kept, and at what attempts took in the `past`; files that are looked at go to `folder`."""
        self._folder = folder
        self._results = results
        self._past = [note for note in past if note.state == "done"]
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

    def planned(self) -> tuple[Planned, ...]:
        """The calls so far."""
        return tuple(self._planned(call) for call in self._calls)

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
        before = [note for note in self._past if note.step == call.step.name]
        return Planned(
            step=call.step.name,
            runs=call.result is None,
            reason=call.reason,
            wall_s=statistics.median(note.wall_s for note in before) if before else None,
            cpu_s=statistics.median(note.cpu_s for note in before) if before else None,
        )


def _let_go(digest: Digest, content: bytes) -> None:
    """A plan runs no step, so nobody needs the bytes."""
