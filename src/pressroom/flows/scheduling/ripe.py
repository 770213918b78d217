"""Which ticks of a schedule have come: by the clock, or by what has arrived. And why the next one has not."""

from dataclasses import dataclass

from pressroom.flows.schedule import Schedule
from pressroom.flows.scheduling.arrivals import Arrivals
from pressroom.values import Instant, floor_edge, format_instant

_MOST = 100
ON_TIME_US = 60_000_000
"""A tick that is looked at this much later was missed: nobody was there for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ripe:
    """Ticks to run and ticks that were missed, both oldest first; ticks up to `upto` are dealt with then."""

    run: tuple[Instant, ...]
    missed: tuple[Instant, ...]
    upto: Instant


def first_cursor(schedule: Schedule, now: Instant, arrivals: Arrivals) -> Instant:
    """Where a schedule begins that was never looked at: what came before is for a backfill."""
    return now if schedule.kind != "facts" else min(now, complete_upto(schedule, now, arrivals))


def complete_upto(schedule: Schedule, now: Instant, arrivals: Arrivals) -> Instant:
    """Up to when all facts that it waits for are complete, by what has arrived or by the clock."""
    newest = [arrivals.newest(fact, now) for fact in schedule.facts]
    arrived = min((each - schedule.lag_us for each in newest if each is not None), default=0)
    complete = 0 if None in newest else arrived
    by_clock = 0 if schedule.latest_us is None else now - schedule.latest_us
    return max(floor_edge(max(complete, by_clock), schedule.stride_us, schedule.zone), 0)


def ripe(schedule: Schedule, *, after: Instant, now: Instant, arrivals: Arrivals) -> Ripe:
    """The ticks after `after` that have come, as the rule for missed ones has it."""
    upto = now if schedule.kind != "facts" else complete_upto(schedule, now, arrivals)
    if upto <= after:
        return Ripe(run=(), missed=(), upto=after)
    if schedule.missed == "all":
        run: list[Instant] = []
        while len(run) < _MOST and (tick := schedule.next_tick(run[-1] if run else after)) <= upto:
            run.append(tick)
        return Ripe(run=tuple(run), missed=(), upto=run[-1] if len(run) == _MOST else upto)
    ticks = schedule.ticks(after, upto, _MOST)
    newest = tuple(ticks[-1:])
    if schedule.missed == "none" and newest and now - newest[0] > ON_TIME_US:
        return Ripe(run=(), missed=tuple(ticks), upto=upto)
    return Ripe(run=newest, missed=tuple(ticks[:-1]), upto=upto)


def waits_for(schedule: Schedule, *, after: Instant, now: Instant, arrivals: Arrivals) -> str:
    """Why the next tick has not come, in words."""
    tick = schedule.next_tick(after)
    if schedule.kind != "facts":
        return f"due at {format_instant(tick)}"
    needed = tick + schedule.lag_us
    said: list[str] = []
    for fact in schedule.facts:
        newest = arrivals.newest(fact, now)
        if newest is None or newest < needed:
            seen = "none arrived" if newest is None else f"complete up to {format_instant(newest - schedule.lag_us)}"
            said.append(f"waits for facts {fact}: {seen}, needs {format_instant(tick)}")
    latest = (
        "" if schedule.latest_us is None else f"; runs at {format_instant(tick + schedule.latest_us)} at the latest"
    )
    return "; ".join(said) + latest if said else "due"
