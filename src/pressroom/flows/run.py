"""Runs: named pieces of work whose steps are metered, and whose use is written as facts whatever becomes of them."""

import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pressroom.costs import NOBODY, USAGE, Meter, Spender, Usage, usage_row
from pressroom.facts import Facts
from pressroom.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a flow. `name` is unique: steps of it are found in the usage facts under it."""

    name: str
    facts: Facts
    clock: Clock
    spender: Spender = NOBODY

    @contextmanager
    def step(self, step: str, *, model: str = "") -> Generator[Meter]:
        """Meter a block and write what it used, for a model if one is named, also when it fails; the error goes on."""
        outcome = "done"
        meter = Meter()
        try:
            with meter:
                yield meter
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            self.note(step, meter.usage, outcome=outcome, model=model)

    def note(self, step: str, usage: Usage, *, outcome: str = "done", model: str = "") -> None:
        """Write down use that was measured elsewhere."""
        spender = replace(self.spender, model=model or self.spender.model)
        at = self.clock.now()
        row = usage_row(run=self.name, step=step, outcome=outcome, usage=usage, at=at, spender=spender)
        self.facts.append_checked([(USAGE, row)])


def start_run(flow: str, *, facts: Facts, clock: Clock, team: str = "") -> Run:
    """A new run of a flow, on the account of a team."""
    return Run(name=f"{flow}-{uuid.uuid4().hex[:12]}", facts=facts, clock=clock, spender=Spender(flow=flow, team=team))
