"""Working on a period: a flow is run for it, and what became of it is written down."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from pressroom.flows.backfill.period_record import PeriodRecord, PeriodRecords, PeriodState
from pressroom.flows.code.reach import reach
from pressroom.flows.errors import Cancelled
from pressroom.flows.flow import Flow
from pressroom.flows.scheduling.arrivals import Arrivals
from pressroom.flows.service import Flows
from pressroom.ports import Clock
from pressroom.values import Period, digest_document


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodTools:
    """What work on periods is done with."""

    flows: Flows
    arrivals: Arrivals
    records: PeriodRecords
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCode:
    """What identifies a flow's code with all that it reaches, and its environment; and what of it has no digest."""

    digest: str
    unknown: tuple[str, ...]


def code_of(flow: Flow[..., object]) -> FlowCode:
    """The code of a flow as it is now."""
    found = reach(flow.function)
    return FlowCode(digest=digest_document([found.pieces, found.values, found.environment]), unknown=found.unknown)


def with_facts(flow: Flow[..., object], period: Period, arrivals: Arrivals) -> tuple[Period, dict[str, int]]:
    """A period with what identifies the facts in it that a flow reads, and how many there are."""
    there = arrivals.in_period(flow.options.reads, period)
    return replace(period, facts=there.identity), there.rows


def work_period(
    flow: Flow[..., object],
    period: Period,
    tools: PeriodTools,
    *,
    named: Callable[[str], None] = lambda run: None,
) -> PeriodRecord:
    """Run a flow for a period, on the facts that it has now. `named` is told the run's name as soon as it has one.

    Raises whatever the run raises, once that is written down.
    """
    whole, rows = with_facts(flow, period, tools.arrivals)
    code = code_of(flow)
    names: list[str] = []

    def watch(run: str, _call: object) -> None:
        if not names:
            names.append(run)
            named(run)

    def note(state: PeriodState, run: str, words: str = "") -> PeriodRecord:
        record = PeriodRecord(
            flow=flow.name, period=whole, state=state, run=run, at=tools.clock.now(),
            code=code.digest, unknown=code.unknown, rows=rows, words=words,
        )  # fmt: skip
        tools.records.put(record)
        return record

    try:
        done = tools.flows.run(flow, flow.given_period(whole), watch=watch)
    except BaseException as error:
        stopped = isinstance(error, Cancelled | KeyboardInterrupt)
        note("cancelled" if stopped else "failed", names[0] if names else "", str(error) or type(error).__name__)
        raise
    return note("done", done.run)
