"""The counter for backfills: planned, run, and stopped."""

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pressroom.flows.backfill.backfilling import Backfilling, PeriodEnd
from pressroom.flows.backfill.hands import Hand
from pressroom.flows.backfill.plan_periods import PeriodPlan, plan_periods
from pressroom.flows.backfill.work_period import PeriodTools
from pressroom.flows.errors import BackfillGoesOn
from pressroom.flows.flow import Flow
from pressroom.flows.scheduling.lease import Lease
from pressroom.values import Period


class Backfills:
    """Flows over many periods, in one workspace."""

    def __init__(self, tools: PeriodTools, *, hire: Callable[[Path, str], Hand], lease: Callable[[str], Lease]) -> None:
        """Work with `tools`; `hire` starts a process for the flow of a name in a file, `lease` keeps others out."""
        self.tools = tools
        self._hire = hire
        self._lease = lease

    def plan(
        self,
        flow: Flow[..., Any],
        periods: Sequence[Period],
        *,
        stale: bool = False,
        newest_first: bool = False,
        closely: bool = False,
    ) -> list[PeriodPlan]:
        """What would become of each period, and why: see `plan_periods`. Raises BadFlow."""
        return plan_periods(flow, periods, self.tools, stale=stale, newest_first=newest_first, closely=closely)

    def start(self, flow: Flow[..., Any], planned: Sequence[PeriodPlan], *, at_once: int = 1) -> "Backfill":
        """Get ready to run the periods that are to be run. Raises BackfillGoesOn."""
        lease = self._lease(flow.name)
        if not lease.take():
            raise BackfillGoesOn(
                f"A backfill of {flow.name} goes on.", next_step=f"Wait, or `pressroom backfill {flow.name} --cancel`."
            )
        file = Path(flow.function.__code__.co_filename)
        work = Backfilling(
            [each.period for each in planned if each.verdict == "run"],
            at_once=at_once,
            hire=lambda: self._hire(file, flow.name),
            goes_on=lease.take,
        )
        return Backfill(work, lease)

    def cancel(self, flow: str) -> bool:
        """Ask a backfill on this machine to stop; False when there is none. What was done is kept."""
        held = self._lease(flow).held()
        if held is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(held.process.pid, signal.SIGTERM)
            return True
        return False


class Backfill:
    """A backfill that is about to go on."""

    def __init__(self, work: Backfilling, lease: Lease) -> None:
        """Do `work` while `lease` is held."""
        self._work = work
        self._lease = lease

    def go(self, ended: Callable[[PeriodEnd], None] = lambda end: None) -> list[PeriodEnd]:
        """Work until all is done or it is stopped; `ended` is told of each period."""
        try:
            return self._work.go(ended)
        finally:
            self._lease.leave()

    def stop(self) -> None:
        """End it soon; what runs is cancelled. May be called from a signal's handler."""
        self._work.stopping.set()
