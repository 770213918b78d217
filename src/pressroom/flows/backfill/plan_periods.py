"""Planning a backfill: which periods would be run and why, which not and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pressroom.flows.backfill.period_record import PeriodRecord
from pressroom.flows.backfill.work_period import FlowCode, PeriodTools, code_of, with_facts
from pressroom.flows.errors import BadFlow
from pressroom.flows.flow import Flow
from pressroom.flows.planning import FlowPlan
from pressroom.values import Period

Verdict = Literal["run", "skip", "stale"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPlan:
    """A period as it would go: run, left out because it is done, or left out though it is stale; and why.

    `plan` is what its run would do, where that was asked for.
    """

    period: Period
    verdict: Verdict
    reason: str
    plan: FlowPlan | None = None


def plan_periods(
    flow: Flow[..., Any],
    periods: Sequence[Period],
    tools: PeriodTools,
    *,
    stale: bool,
    newest_first: bool = False,
    closely: bool = False,
) -> list[PeriodPlan]:
    """Each period with what would become of it. `stale` runs those that are stale again; `closely` plans their runs.

    Raises BadFlow for a flow that takes no period, and what a plan raises.
    """
    if flow.period_parameter() is None:
        raise BadFlow(
            f"{flow.name} takes no period: every one of its runs would be the same.",
            next_step="Annotate the parameter that says for when it runs: `period: pr.Period`.",
        )
    code = code_of(flow)
    found: list[PeriodPlan] = []
    for period in reversed(periods) if newest_first else periods:
        planned = _planned(flow, period, tools, code=code, stale=stale)
        if closely and planned.verdict == "run":
            plan = tools.flows.plan(flow, flow.given_period(planned.period))
            planned = PeriodPlan(period=planned.period, verdict="run", reason=planned.reason, plan=plan)
        found.append(planned)
    return found


def _planned(flow: Flow[..., Any], period: Period, tools: PeriodTools, *, code: FlowCode, stale: bool) -> PeriodPlan:
    whole, rows = with_facts(flow, period, tools.arrivals)
    known = tools.records.get(flow.name, period)
    if known is None:
        return PeriodPlan(period=whole, verdict="run", reason="it was never run")
    if known.state != "done":
        return PeriodPlan(period=whole, verdict="run", reason=f"it was {known.state} in {known.run or 'its last run'}")
    if known.code != code.digest:
        return PeriodPlan(period=whole, verdict="run", reason=f"its code or environment is not that of {known.run}")
    if code.unknown:
        return PeriodPlan(period=whole, verdict="run", reason=code.unknown[0])
    if known.period.facts != whole.facts:
        changed = _changed(known, rows)
        if stale:
            return PeriodPlan(period=whole, verdict="run", reason=f"stale: {changed}")
        return PeriodPlan(period=whole, verdict="stale", reason=f"done in {known.run}, but {changed}")
    return PeriodPlan(period=whole, verdict="skip", reason=f"done in {known.run}")


def _changed(known: PeriodRecord, rows: dict[str, int]) -> str:
    """Which facts of the period came, went or were corrected since."""
    before = known.rows or {}
    said: list[str] = []
    for fact, count in rows.items():
        more = count - before.get(fact, 0)
        if more:
            said.append(f"{abs(more)} {'more' if more > 0 else 'fewer'} facts of {fact}")
    others = " and ".join(said) or f"facts of {' or '.join(rows)} were corrected"
    return f"{others} since"
