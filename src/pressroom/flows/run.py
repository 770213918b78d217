"""Runs: named pieces of work whose steps are metered, and whose use is written as facts whatever becomes of them."""

import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from pressroom.costs import USAGE, Meter, Usage, usage_row
from pressroom.facts import Facts
from pressroom.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a flow. `name` is unique: steps of it are found in the usage facts under it."""

    name: str
    facts: Facts
    clock: Clock

    @contextmanager
    def step(self, step: str) -> Generator[Meter]:
        """Meter a block and write what it used, also when it fails; the error goes on to the caller."""
        outcome = "done"
        meter = Meter()
        try:
            with meter:
                yield meter
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            self.note(step, meter.usage, outcome=outcome)

    def note(self, step: str, usage: Usage, *, outcome: str = "done") -> None:
        """Write down use that was measured elsewhere."""
        row = usage_row(run=self.name, step=step, outcome=outcome, usage=usage, at=self.clock.now())
        self.facts.append_checked([(USAGE, row)])


def start_run(flow: str, *, facts: Facts, clock: Clock) -> Run:
    """A new run of a flow."""
    return Run(name=f"{flow}-{uuid.uuid4().hex[:12]}", facts=facts, clock=clock)
